"""`anq serve`, asked by a DuckDB in another process: it answers about the warehouse, follows releases, does nothing else."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from etl.serve import server as quack
from etl.serve.guard import Guard
from etl.settings import Settings
from etl.warehouse import release as releases
from tests.serve.test_guard import REFUSED
from tests.warehouse.days import Home, query

COMMAND = [sys.executable, "-c", "from etl.cli import main; main()"]


@pytest.fixture(scope="module")
def home(two_days_lived, tmp_path_factory, pool) -> Home:
    """A home of two releases, of 13 and 14 questions; the first is current."""
    folder = tmp_path_factory.mktemp("serve") / "home"
    home = Home(Settings(shutil.copytree(two_days_lived, folder, symlinks=True), ""), pool)
    releases.rollback(home.settings.warehouse)
    return home


@contextmanager
def serving(home: Path, *arguments: object, **environment: str):
    """The command in a process of its own; the lines that it prints, and its URI."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*COMMAND, "--home", str(home), "serve", "--port", str(port), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
    )  # fmt: skip
    try:
        process.uri, process.first = f"quack:localhost:{port}", process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def client(uri: str, token: str):
    """A DuckDB that has attached the server as `anq`."""
    with duckdb.connect(config={"allow_unsigned_extensions": True}) as connection:  # a signature takes 0.1 s to check
        for name in ("httpfs", "quack"):
            connection.execute(f"LOAD '{extension(name)}'")
        connection.execute(f"ATTACH '{uri}' AS anq (TOKEN '{token}')")
        yield connection


def extension(name: str) -> Path:
    [path] = Path(str(files(f"duckdb_extension_{name}"))).rglob(f"{name}.duckdb_extension")
    return path


def ask(connection, asked: str):
    return connection.execute("FROM anq.query(" + "'" + asked.replace("'", "''") + "')").fetchall()


@pytest.fixture(scope="module")
def server(home):
    with serving(home.settings.home) as process:
        yield process


@pytest.fixture
def remote(server, home):
    with client(server.uri, (home.settings.home / "serve.token").read_text().strip()) as connection:
        yield connection


def test_it_says_what_it_serves_and_where_the_token_is(server, home):
    name = releases.current(home.settings.warehouse).name
    path = home.settings.home / "serve.token"
    assert f"serving {name} on {server.uri}, read-only" in server.first
    assert str(path) in server.first
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_text().strip()) > 40


def test_questions_are_answered_as_the_file_has_them(remote, home):
    for asked in (
        "SELECT count(*), max(question_text) FROM questions",
        "FROM fr.questions ORDER BY ALL",
        "SELECT run_id, state FROM ops.runs ORDER BY ALL",
        "WITH last AS (SELECT *, row_number() OVER (PARTITION BY legislature ORDER BY question_number DESC) AS n FROM questions) "
        "SELECT uid FROM last JOIN attributions USING (legislature, question_type, question_number) WHERE n = 1 ORDER BY ALL",
        "FROM search('réponse') ORDER BY ALL",
        "FROM fr.recherche('réponse', au_plus := 2) ORDER BY ALL",
        "FROM response_delays(DATE '2026-09-23') ORDER BY ALL",
        "DESCRIBE questions",
        "SELECT comment FROM duckdb_columns() WHERE (schema_name, table_name) = ('main', 'questions') ORDER BY column_index",
    ):
        assert ask(remote, asked) == query(home.current(), asked), asked
    assert ask(remote, "SHOW TABLES")
    assert "SEQ_SCAN" in ask(remote, "EXPLAIN FROM questions")[0][1]
    local = (
        "SELECT legislature, count(*), max(title) FROM {}questions WHERE question_type = 'QE' GROUP BY ALL ORDER BY ALL"
    )
    assert remote.execute(local.format("anq.")).fetchall() == query(home.current(), local.format(""))


def test_every_macro_of_a_release_may_be_called(home):
    with duckdb.connect(home.current(), read_only=True) as release:
        guard = Guard.of(release)
        for schema, name in release.execute(
            "SELECT schema_name, function_name FROM duckdb_functions() WHERE NOT internal AND function_type LIKE '%macro'"
        ).fetchall():
            guard.check(f"SELECT {schema}.{name}()")  # by its name: all that it is made of is looked at


def test_nothing_else_is_done_and_the_server_lives_on(remote, home, tmp_path):
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    here = [f"FROM '{tmp_path}/secret.csv'", f"FROM read_text('{tmp_path}/secret.csv')", f"COPY questions TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/new.duckdb' AS new", f"FROM read_text('{home.current().with_suffix('.json')}')"]  # fmt: skip
    for asked in (*here, *REFUSED):
        with pytest.raises(
            duckdb.Error, match="anq serve answers questions about the warehouse and does nothing else: "
        ):
            ask(remote, asked)
    with pytest.raises(duckdb.Error, match="read-only"):  # Quack appends without asking whether it may
        remote.execute("INSERT INTO anq.renewals VALUES (17, 'QE', 1, 9, NULL)")
    for asked in ("CREATE TABLE anq.new (n INTEGER)", "DROP TABLE anq.questions", "CREATE SCHEMA anq.new"):
        with pytest.raises(duckdb.Error):
            remote.execute(asked)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert ask(remote, "SELECT count(*) FROM questions") == [(13,)]


def test_behind_the_guard_duckdb_is_closed_too(home, tmp_path, monkeypatch):
    """Were the guard to let something through, the server's DuckDB would not do it."""
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    monkeypatch.chdir(tmp_path)
    with quack._closed(tmp_path, home.settings.warehouse) as server:
        quack._Release(server, home.settings.warehouse).follow()
        server.execute("USE anq_1")
        for asked in (
            "FROM 'secret.csv'", "FROM read_text('/etc/hostname')", "FROM glob('/*')", "COPY (SELECT 1) TO 'out.csv'",
            "ATTACH 'new.duckdb'", "FROM 'https://example.org/x.csv'", "INSTALL fts", "LOAD fts", "EXPORT DATABASE 'out'",
            "SET enable_external_access = true", "SET allowed_directories = ['/']", "RESET lock_configuration",
            "SET GLOBAL quack_authorization_function = 'quack_nop_authorization'", "DELETE FROM questions", "CREATE TABLE x (n INTEGER)",
        ):  # fmt: skip
            with pytest.raises(duckdb.Error):
                server.execute(asked)
        assert server.execute("SELECT count(*) FROM questions").fetchall() == [(13,)]


@pytest.mark.parametrize("token", ["", "wrong wrong wrong wrong"])
def test_without_the_token_there_is_no_answer(server, token):
    with pytest.raises(duckdb.Error, match="uthentication"), client(server.uri, token):
        pass


def test_a_new_release_is_seen_by_who_is_attached(home):
    """Clients ask, list and attach without pause while it swaps: none fails, none sees rows of two releases."""
    warehouse = home.settings.warehouse
    names = [one.name for one in releases.releases(warehouse)]
    stop, seen, errors = threading.Event(), set(), []

    def hammer(work) -> None:
        try:
            while not stop.wait(0.01):  # seconds, in which the server sees what is new
                work()
        except duckdb.Error as error:
            errors.append(error)

    def count(connection) -> None:
        [row] = ask(connection, "SELECT (SELECT count(*) FROM questions), (SELECT count(*) FROM fr.questions), "
                                "(SELECT count(*) FROM ops.runs)")  # fmt: skip
        seen.add(row)

    def attach(uri) -> None:
        with client(uri, "sesame sesame sesame") as connection:
            count(connection)

    with (
        serving(home.settings.home, ANQ_TOKEN="sesame sesame sesame") as process,
        client(process.uri, "sesame sesame sesame") as first,
        client(process.uri, "sesame sesame sesame") as second,
        client(process.uri, "sesame sesame sesame") as third,
    ):
        works = (lambda: count(second), lambda: ask(third, "SHOW TABLES") + ask(third, "FROM duckdb_tables()"),
                 lambda: attach(process.uri))  # fmt: skip
        threads = [threading.Thread(target=hammer, args=(work,), daemon=True) for work in works]
        [thread.start() for thread in threads]
        slow = first.execute("FROM anq.query('SELECT a.uid FROM questions a, questions b, range(2000)')")
        try:
            for number in range(4):
                name = names[(number + 1) % 2]
                releases.swap(warehouse, name)
                assert f"now serving {name}" in next((line for line in process.stdout if "now" in line), "it ended")
        finally:
            stop.set()
        [thread.join(60) for thread in threads]
        assert len(slow.fetchall()) == 13 * 13 * 2000  # of the release that it began with
        time.sleep(quack._GRACE + 1)  # those before are let go of
        for connection in (first, second, third):
            assert ask(connection, "SELECT count(*), (SELECT count(*) FROM duckdb_tables() WHERE table_name = 'questions') "
                                   "FROM questions") == [(13, 1)]  # fmt: skip
    releases.swap(warehouse, names[0])
    assert errors == []
    assert seen == {(13, 13, 1), (14, 14, 2)}


def test_a_release_may_change_under_a_transaction(home, tmp_path):
    """As it does under a query that is being bound: DuckDB would be lost, were two releases of one name."""
    warehouse = home.settings.warehouse
    before, after = (one.name for one in releases.releases(warehouse))
    with quack._closed(tmp_path, warehouse) as server:
        releases.swap(warehouse, before)
        release = quack._Release(server, warehouse)
        release.follow()
        client = server.cursor().execute("BEGIN")
        counts = [client.execute(release.answer("", "SELECT count(*) FROM questions")).fetchall()]
        releases.swap(warehouse, after)
        assert release.follow()
        counts.append(client.execute(release.answer("", "SELECT count(*) FROM questions, duckdb_schemas()")).fetchall())
    releases.swap(warehouse, before)
    assert counts[0] == [(13,)]
    assert counts[1][0][0] % 14 == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to_also_while_it_works(home, number):
    with serving(home.settings.home, ANQ_TOKEN="sesame sesame sesame") as process:
        assert "ANQ_TOKEN" in process.first

        def work() -> None:
            with pytest.raises(duckdb.Error), client(process.uri, "sesame sesame sesame") as connection:
                ask(connection, "SELECT count(*) FROM range(1_000_000_000_000) AS t(n) WHERE n % 7 = 3")

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.5)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        thread.join()
    assert (process.returncode, err) == (0, "")
    assert out.endswith("stopped\n")


def test_what_cannot_be_served(home, server, tmp_path):
    port = server.uri.rpartition(":")[2]
    for arguments, environment, code, why in (
        (["--home", str(tmp_path), "serve"], {}, 2, "`anq run` makes one"),
        (
            ["--home", str(home.settings.home), "serve", "--port", port],
            {},
            1,
            f"cannot listen on localhost, port {port}",
        ),
        (
            ["--home", str(home.settings.home), "serve", "--host", "no.such.host.invalid"],
            {},
            1,
            "cannot listen on no.such",
        ),
        (["--home", str(home.settings.home), "serve"], {"ANQ_TOKEN": "short"}, 2, "fewer than 16 characters"),
    ):
        done = subprocess.run(
            [*COMMAND, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (code, "")
        assert why in done.stderr
        assert len(done.stderr.splitlines()) == 1
