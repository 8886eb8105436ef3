"""A source that asks for a password, and every other secret: given to whom it is for, and left nowhere by a run."""

from __future__ import annotations

import traceback
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from etl.catalogue import archive
from etl.errors import AnqError
from etl.files import objects
from etl.run import metrics
from tests.archives import archive_of, question
from tests.e2e.command import Anq, Said
from tests.faults.server import Behaviour, faulty_server, file, refused_url, status
from tests.secrets_set import SECRETS, everything, leaks, refusing, written
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


def traced(call: Callable[[], Said], capsys: pytest.CaptureFixture[str]) -> str:
    """All that a failing command says, with the traceback that it shows with --debug."""
    try:
        said = call()
    except AnqError:
        return "".join((*capsys.readouterr(), traceback.format_exc()))
    assert said.exit_code != 0
    return said.out + said.err


@pytest.mark.parametrize("fault", ["403", "nobody there", "store refuses", "store is not there"])
def test_no_secret_is_in_what_a_failing_run_says_or_writes(
    tmp_path: Path, anq: Anq, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(objects, "PATIENCE", {"max_retries": 1, "retry_timeout": timedelta(seconds=1)})
    monkeypatch.setattr(metrics, "_PATIENCE_S", 1)
    home = tmp_path / "home"
    with faulty_server() as server, refusing() as services, refused_url() as nobody:
        server.on(archive(17, "QE").path, file(archive_of(question(17, "QE", 1))))
        server.on(archive(17, "QG").path, status(403))
        asked = nobody if fault.endswith("there") else services
        for name, value in everything(asked, tmp_path / "public").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("ANQ_HTTP_AUTHORIZATION", f"Bearer {SECRETS['TheBearer']}")
        if fault.startswith("store"):
            monkeypatch.setenv("ANQ_STORE", "s3://bucket/anq")
        source = server.url.replace("://", f"://anne:{SECRETS['TheSource']}@")
        said = traced(lambda: anq("--home", home, "--source", source, "--debug", "run", "-l", 17), capsys)
        monkeypatch.setenv("ANQ_PUBLISH", "s3://bucket/anq")
        said += traced(lambda: anq("--home", home, "--debug", "share"), capsys)
    if not fault.startswith("store"):
        for service in ("ANQ_NOTIFY: ", "/datasets/dataset/resource", "metrics were not taken", "17/QG: 403"):
            assert service in said
    assert "s3://bucket/anq: " in said
    assert leaks(iter([("said", said)])) == []
    assert leaks(written(tmp_path)) == []
