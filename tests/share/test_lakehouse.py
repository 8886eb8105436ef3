"""A DuckLake holds what the release holds, row by row, and what each release held before; others write beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import duckdb
import pytest

from etl.errors import AnqError, UsageError
from etl.schema import tables
from etl.share.lakehouse import _secret, bring
from etl.warehouse import extensions
from etl.warehouse import release as releases
from tests.postgres import postgresql
from tests.warehouse.test_catalogue_name import answers, asking

HERE = Path(__file__).parents[2]
HELD = [f"{table.schema}.{table.name}" for table in tables().values() if table.schema != "lake"]


@pytest.fixture(autouse=True)
def unsigned(monkeypatch) -> None:
    """DuckDB takes an extension as it is: a signature takes 0.1 s to check."""
    monkeypatch.setattr(duckdb, "connect", partial(duckdb.connect, config={"allow_unsigned_extensions": True}))


@pytest.fixture
def where(tmp_path) -> str:
    return f"ducklake:{tmp_path}/catalogue.ducklake"


def attached(where: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    extensions.load(connection, "httpfs", "ducklake", "postgres_scanner")
    connection.execute(f"ATTACH '{where}' AS anq")
    return connection


def brought(settings, where, name, data=None):
    """What is brought while a release is the current one."""
    releases.swap(settings.warehouse, name)
    return bring(settings.warehouse, where, data, os.environ)


def assert_same(connection, settings, name, at="") -> None:
    """The DuckLake, as it is or was, holds the rows of a release."""
    connection.execute(f"ATTACH '{releases.path_of(settings.warehouse, name)}' AS release (READ_ONLY)")
    for table in HELD:
        held, expected = (
            connection.execute(f"FROM {rows} ORDER BY ALL").fetchall()
            for rows in (f"anq.{table} {at}", f"release.{table}")
        )
        assert held == expected, table
    connection.execute("DETACH release")


def snapshots(connection) -> list[tuple[int, str]]:
    return connection.execute(
        "SELECT snapshot_id, commit_message FROM anq.snapshots() WHERE author = 'anq' ORDER BY ALL"
    ).fetchall()


def test_a_load_nights_a_rollback_and_the_night_after(settings, names, where):
    """The same rows each time, and each before still to be read."""
    order = [names[0], names[1], names[2], names[0], names[3]]
    for name in order:
        assert brought(settings, where, name) == name
        assert brought(settings, where, name) is None
    with attached(where) as connection:
        assert [name for _, name in snapshots(connection)] == order
        for number, name in snapshots(connection):
            assert_same(connection, settings, name, f"AT (VERSION => {number})")


def test_only_changed_rows_are_written(settings, names, where):
    brought(settings, where, names[0])
    brought(settings, where, names[1])
    with attached(where) as connection:
        [(_, before), (now, _)] = snapshots(connection)[0], snapshots(connection)[1]
        written = connection.execute(f"SELECT count(*) FROM anq.table_insertions('questions', {now}, {now})").fetchall()
        assert before == names[0]
        assert written == [(6,)]  # of 14
        assert connection.execute(
            f"SELECT count(*) FROM anq.table_insertions('mandates', {now}, {now})"
        ).fetchall() == [(0,)]


def test_views_macros_and_comments(sampled, where):
    path = releases.current_path(sampled)
    bring(sampled, where, None, {})
    with duckdb.connect(str(path), read_only=True) as release, attached(where) as connection:
        assert answers(asking(connection), "anq.") == answers(asking(release))
        comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'questions' AND column_name = 'title' AND schema_name = 'main'"
        assert connection.execute(comment).fetchall() == release.execute(comment).fetchall()


def test_the_sample_gives_way_and_takes_no_place(settings, names, sampled, where):
    bring(sampled, where, None, {})
    brought(settings, where, names[0])
    with attached(where) as connection:
        assert_same(connection, settings, names[0])
    with pytest.raises(UsageError, match="has real questions"):
        bring(sampled, where, None, {})


def test_what_others_have_there_stays(settings, names, where):
    with attached(where) as connection:
        connection.execute("CREATE TABLE anq.theirs AS SELECT 1 AS a")
    brought(settings, where, names[0])
    with attached(where) as connection:
        connection.execute("INSERT INTO anq.theirs VALUES (2)")
        connection.execute("DELETE FROM anq.questions WHERE question_number = 1")  # and is mended
    brought(settings, where, names[1])
    with attached(where) as connection:
        assert connection.execute("FROM anq.theirs ORDER BY ALL").fetchall() == [(1,), (2,)]
        assert_same(connection, settings, names[1])


def test_without_the_file_of_before(settings, names, where):
    brought(settings, where, names[0])
    releases.swap(settings.warehouse, names[1])
    releases.remove(releases.path_of(settings.warehouse, names[0]).parent)
    assert bring(settings.warehouse, where, None, {}) == names[1]
    with attached(where) as connection:
        assert_same(connection, settings, names[1])


def test_a_table_that_is_not_ours_is_not_touched(settings, names, where):
    with attached(where) as connection:
        connection.execute("CREATE TABLE anq.questions AS SELECT 1 AS a")
    with pytest.raises(AnqError, match=r"did not take release .*look at ANQ_LAKEHOUSE"):
        brought(settings, where, names[0])
    with attached(where) as connection:
        assert connection.execute("FROM anq.questions").fetchall() == [(1,)]


def test_killed_before_it_is_committed(settings, names, where):
    brought(settings, where, names[0])
    releases.swap(settings.warehouse, names[1])
    killed = (
        "import os; from pathlib import Path; from etl.share import lakehouse; "
        f"lakehouse._verify = lambda *_: os.kill(os.getpid(), 9); "
        f"lakehouse.bring(Path({str(settings.warehouse)!r}), {where!r}, None, {{}})"
    )
    done = subprocess.run([sys.executable, "-c", killed], cwd=HERE, check=False)
    assert done.returncode == -signal.SIGKILL
    with attached(where) as connection:
        assert_same(connection, settings, names[0])
    assert bring(settings.warehouse, where, None, {}) == names[1]
    with attached(where) as connection:
        assert_same(connection, settings, names[1])


@pytest.mark.parametrize(
    "where",
    [
        "ducklake:postgres:host=127.0.0.1 port=1 password=s3cr3t dbname=x",
        r"ducklake:postgres:host=127.0.0.1 port=1 dbname=x PASSWORD = 'l\'autre s3cr3t'",
        "ducklake:postgres:postgresql://anq:p@ss-s3cr3t@127.0.0.1:1/x",
        "ducklake:postgresql://anq:s3cr3t@127.0.0.1:1/x",
        "postgres:host=127.0.0.1 port=1 password=s3cr3t dbname=x",
    ],
)
def test_a_catalogue_that_is_gone_is_told_without_its_password(settings, names, where):
    """Not even in the traceback, which Airflow writes in the task's log."""
    with pytest.raises(AnqError) as raised:
        brought(settings, where, names[0])
    assert "s3cr3t" not in "".join(traceback.format_exception(raised.value))


@pytest.fixture
def postgres(tmp_path_factory):
    """A PostgreSQL of our own; what DuckLake is told of it."""
    with postgresql(tmp_path_factory.mktemp("postgres")) as port:
        yield f"ducklake:postgres:host=127.0.0.1 port={port} user=anq dbname=postgres"


def test_postgresql_with_data_in_a_bucket(settings, names, postgres, bucket):
    data = "s3://anq/lakehouse/"
    for name in (names[0], names[1]):
        assert brought(settings, postgres, name, data) == name
        with attached_to_bucket(postgres) as connection:
            assert_same(connection, settings, name)
    assert any(key.startswith("lakehouse/main/questions/") for key in bucket())


def test_readers_see_a_release_whole_whatever_comes(settings, names, postgres, tmp_path):
    """Two of them during five releases, never rows of two."""
    data = str(tmp_path / "data")
    whole = set()
    for name in names:
        path = releases.path_of(settings.warehouse, name)
        with duckdb.connect(str(path), read_only=True) as connection:
            whole.add(connection.execute(SUMS.replace("anq.", "")).fetchone())
    assert len(whole) == len(names)
    brought(settings, postgres, names[0], data)
    with ThreadPoolExecutor(2) as pool:
        is_over = threading.Event()
        readers = [pool.submit(reading, postgres, is_over) for _ in range(2)]
        try:
            for number in range(1, 6):
                brought(settings, postgres, names[number % 4], data)
        finally:
            is_over.set()
        seen = [reader.result() for reader in readers]
    assert all(one <= whole for one in seen)
    assert min(map(len, seen)) > 1


SUMS = """
    SELECT (SELECT (count(*), sum(hash(q))) FROM anq.questions AS q), (SELECT sum(hash(a)) FROM anq.attributions AS a),
           (SELECT count(*) FROM anq.question_versions), (SELECT count(*) FROM anq.ops.outcomes)
"""


def reading(where, is_over) -> set[tuple[object, ...]]:
    """What a reader saw."""
    seen = set()
    with attached(where) as connection:
        while not is_over.wait(0.2):  # seconds, in which others come to work
            seen.add(connection.execute(SUMS).fetchone())
    return seen


def attached_to_bucket(where) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    extensions.load(connection, "httpfs", "ducklake", "postgres_scanner")
    connection.execute(_secret(os.environ))
    connection.execute(f"ATTACH '{where}' AS anq")
    return connection
