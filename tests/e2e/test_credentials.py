"""A source that asks for a password: it is given, and a run leaves it nowhere."""

from __future__ import annotations

from base64 import b64encode
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from etl.catalogue import archive
from tests.archives import archive_of, question
from tests.e2e.command import Anq
from tests.faults.server import Behaviour, faulty_server, file, status
from tests.warehouse.days import query

PASSWORD = "s3cr3t"
BASIC = f"Basic {b64encode(f'anne:{PASSWORD}'.encode()).decode()}"


def behind_a_password(behave: Behaviour) -> Behaviour:
    def checked(handler: BaseHTTPRequestHandler) -> None:
        (behave if handler.headers["Authorization"] == BASIC else status(401))(handler)

    return checked


def test_a_password_is_in_nothing_that_a_run_writes_or_says(
    tmp_path: Path, anq: Anq, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / "home"
    body = archive_of(*(question(17, "QE", number) for number in (1, 2)))
    with faulty_server() as server:
        server.on(archive(17, "QE").path, behind_a_password(file(body)))
        server.on(archive(17, "QG").path, behind_a_password(status(403)))
        source = server.url.replace("://", f"://anne:{PASSWORD}@")
        refused = anq("--home", tmp_path / "other", "--source", server.url, "run", "-l", 17, "-t", "QE")
        said = anq("--home", home, "--source", source, "--debug", "run", "-l", 17)
        status_said = anq("--home", home, "--source", source, "status")
    assert (refused.exit_code, "401" in refused.err) == (3, True)
    assert (said.exit_code, "17/QG: 403" in said.err, "released" in said.out) == (3, True, True)
    release = home / "warehouse/current.duckdb"
    assert query(release, "SELECT source FROM ops.runs") == [(server.url,)]
    assert query(release, "SELECT url FROM ops.sources") == [(f"{server.url}/{archive(17, 'QE').path}",)]
    texts = [said.out, said.err, status_said.out, status_said.err]
    texts += [path.read_bytes().decode(errors="replace") for path in home.rglob("*") if path.is_file()]
    assert not [text for text in texts if PASSWORD in text]
