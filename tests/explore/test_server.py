"""`anq explore` as a process: what it refuses, and what a visitor cannot do."""

from __future__ import annotations

import shutil
import socket

import duckdb
import httpx
import pytest

from tests.e2e.command import command
from tests.explore.conftest import explorer


@pytest.fixture
def anq(monkeypatch, capsys):
    return command(monkeypatch, capsys)


def test_without_a_release_it_says_what_to_do(anq, tmp_path):
    said = anq("--home", tmp_path, "explore")
    assert (said.exit_code, "`anq run` makes one" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("done", "why"),
    [("DROP VIEW monthly_flows", "`anq run` makes a new one"), ("DELETE FROM questions", "holds no question")],
    ids=["from before the views", "without questions"],
)
def test_a_release_with_nothing_to_show_is_not_shown(done, why, anq, home, tmp_path):
    copied = shutil.copytree(home, tmp_path / "home", symlinks=True)
    with duckdb.connect(str((copied / "warehouse" / "current.duckdb").resolve())) as connection:
        connection.execute(done)
    said = anq("--home", copied, "explore")
    assert (said.exit_code, why in said.err) == (2, True)


def test_a_port_that_is_taken_is_named(anq, home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = anq("--home", home, "explore", "--port", port)
    assert said.exit_code == 2
    assert f"127.0.0.1:{port}" in said.err and "--port" in said.err


def test_it_listens_to_this_machine_only_and_ends_on_ctrl_c(home):
    with explorer(home) as address:
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(address).status_code == 200


def test_it_listens_on_an_ipv6_address(home):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback address ({error.strerror})")
    with explorer(home, "--host", "::1") as address:
        assert address.startswith("http://[::1]:")
        assert httpx.get(address).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("kernel/run", {"cellIds": ["Hbol"], "codes": ["import os; os.remove('x')"]}),
        ("kernel/scratchpad/run", {"code": "print(1)"}),
        ("kernel/execute", {"code": "print(1)"}),
        ("kernel/instantiate", {"objectIds": [], "values": []}),
        ("kernel/save", {"cellIds": [], "codes": [], "names": [], "configs": [], "filename": "app.py"}),
        ("kernel/shutdown", {}),
        ("files/list_files", {"path": "/"}),
        ("files/file_details", {"path": "/etc/hostname"}),
        ("files/create", {"path": "/tmp", "type": "file", "name": "x"}),
        ("packages/add", {"package": "six"}),
        ("terminal/ws", {}),
    ],
)  # fmt: skip
def test_a_visitor_runs_no_code_and_sees_no_file(path, body, address):
    headers = {"Marimo-Session-Id": "s_000000"}
    assert httpx.post(f"{address}/api/{path}", json=body, headers=headers).status_code >= 400
