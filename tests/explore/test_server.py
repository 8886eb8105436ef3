"""`anq explore` as a process: what it refuses, what a visitor cannot do, and how its pages are written."""

from __future__ import annotations

import json
import shutil
import socket
from base64 import b64encode
from collections.abc import Iterator

import duckdb
import pytest

from tests.explore.conftest import DEPUTY, TEXTLESS, UID, explorer, http
from tests.report.html import read


def test_without_a_release_it_says_what_to_do(anq, tmp_path):
    said = anq("--home", tmp_path, "explore")
    assert (said.exit_code, "`anq run` makes one" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("done", "why"),
    [("DROP MACRO TABLE monthly_backlog", "`anq run` makes a new one"), ("DELETE FROM questions", "holds no question")],
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
        assert http.get(address).status_code == 200


def test_it_listens_on_an_ipv6_address(home):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError as error:
        pytest.skip(f"this machine has no IPv6 loopback address ({error.strerror})")
    with explorer(home, "--host", "::1") as address:
        assert address.startswith("http://[::1]:")
        assert http.get(address).status_code == 200


@pytest.fixture(scope="module")
def shared(home) -> Iterator[tuple[str, str]]:
    """An explorer that other machines can reach, and its token."""
    with explorer(home, "--host", "0.0.0.0") as address:
        yield address.replace("0.0.0.0", "127.0.0.1"), (home / "serve.token").read_text("ascii").strip()


@pytest.mark.parametrize("path", ["", "?format=csv", "?vue=delais&format=png", "style.css", "autre"])
def test_other_machines_are_asked_for_the_token(path, shared):
    address, token = shared
    closed = http.get(f"{address}/{path}")
    assert (closed.status_code, closed.headers["www-authenticate"][:5]) == (401, "Basic")
    assert "jeton" in closed.text and token not in closed.text
    assert "default-src 'none'" in closed.headers["content-security-policy"]
    opened = http.get(f"{address}/{path}", auth=("whoever", token))
    assert opened.status_code == (404 if path == "autre" else 200)


@pytest.mark.parametrize("header", ["", "Basic", "Basic é", "Basic ===", "Bearer {token}", "Basic {token}"])
def test_what_is_no_password_is_refused(header, shared):
    address, token = shared
    assert http.get(address, headers={"Authorization": header.replace("{token}", token).encode()}).status_code == 401


@pytest.mark.parametrize("given", ["a", "a:", "a:é", "a:{token}x", "{token}:", "{token}"])
def test_another_password_is_refused(given, shared):
    address, token = shared
    header = f"Basic {b64encode(given.replace('{token}', token).encode()).decode()}"
    assert http.get(address, headers={"Authorization": header}).status_code == 401


def test_a_token_that_is_too_short_is_refused(home, monkeypatch, anq):
    monkeypatch.setenv("ANQ_TOKEN", "short")
    said = anq("--home", home, "explore", "--host", "0.0.0.0", "--port", 0)
    assert (said.exit_code, "ANQ_TOKEN has fewer than 16 characters" in said.err) == (2, True)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_visitor_sends_nothing(method, address):
    assert http.request(method, f"{address}/", json={"sql": "SELECT 1"}).status_code == 405


@pytest.mark.parametrize(
    "path", ["app.py", "templates/base.html", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "sql", "warehouse"]
)
def test_a_visitor_sees_no_file(path, address):
    assert http.get(f"{address}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "?vue=delais", "?vue=x", "?format=atom", "style.css", "explorer.js", "autre"])
def test_each_answer_allows_no_script_but_our_own(path, address):
    response = http.get(f"{address}/{path}")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "query",
    ["", "?mots=agriculteurs&page=2", "?mots=rien+de+xyztel", f"?question={UID}", f"?question={TEXTLESS}", f"?depute={DEPUTY}",
     "?vue=familles", "?vue=delais", "?vue=themes&legislature=14&au=2012-07-03", "?vue=x"],
)  # fmt: skip
def test_each_page_is_well_formed(query, address, tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(http.get(f"{address}/{query}").content)
    read(page)


def test_families_are_shown_where_the_release_has_them(home, tmp_path):
    copied = shutil.copytree(home, tmp_path / "home", symlinks=True)
    with duckdb.connect(str((copied / "warehouse" / "current.duckdb").resolve())) as connection:
        connection.execute("DROP TABLE ministry_families")
    with explorer(copied) as address:
        assert "Familles" not in http.get(address).text
        assert http.get(f"{address}/?vue=familles").status_code == 404
        assert http.get(f"{address}/?famille=x").status_code == 404


def test_archives_that_are_held_back_are_named_at_the_foot(address, home, tmp_path):
    assert "données d’avant" not in http.get(address).text
    copied = shutil.copytree(home, tmp_path / "home", symlinks=True)
    note = (copied / "warehouse" / "current.duckdb").resolve().with_name("release.json")
    told = json.loads(note.read_text())
    note.write_text(json.dumps(told | {"held_back": ["16/QG", "17/QE"]}))
    with explorer(copied) as held:
        foot = http.get(held).text.partition("<footer")[2]
    assert "En attente, données d’avant : 16/QG, 17/QE." in foot


def test_without_a_release_any_more_a_page_says_so(home, tmp_path):
    copied = shutil.copytree(home, tmp_path / "home", symlinks=True)
    with explorer(copied) as address:
        (copied / "warehouse" / "current.duckdb").unlink()
        response = http.get(address)
    assert (response.status_code, "« anq run »" in response.text.replace("\u00a0", " ")) == (503, True)
