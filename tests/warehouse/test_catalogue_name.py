"""A release is called `anq`, and its views and macros give the same, however it is opened or attached."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from benchmarks.range_server import serving
from etl.warehouse import extensions
from etl.warehouse.macros import standalone
from etl.warehouse.release import current_path, named_path
from etl.warehouse.views import views

DAY = {"as_of": "DATE '2025-03-31'", "age_days": "300"}
SEARCHES = ["retraites agricoles", '"Agence nationale"', "loup -ours"]
Ask = Callable[[str], list[tuple[object, ...]]]


def queries(before: str) -> Iterator[str]:
    """SQL that sums up each view, table macro and search, in both languages; `before` stands before their names."""
    for view in views().values():
        if not view.returns:
            given = ", ".join(DAY[parameter.name] for parameter in view.parameters)
            call = f"({given})" if view.parameters else ""
            yield f"SELECT count(*), sum(hash(x)) FROM {before}{view.name}{call} AS x"
            yield f"SELECT count(*), sum(hash(x)) FROM {before}fr.{view.name_fr}{call} AS x"
    for words in SEARCHES:
        yield f"SELECT count(*), sum(hash(x)) FROM {before}search('{words}') AS x"
        yield f"SELECT count(*), sum(hash(x)) FROM {before}fr.recherche('{words}', au_plus := 3) AS x"
    yield f"SELECT {before}answer_due('QE', DATE '2024-12-31'), {before}fr.session_de(DATE '2025-01-01')"


def answers(ask: Ask, before: str = "") -> list[list[tuple[object, ...]]]:
    return [ask(query) for query in queries(before)]


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda query: connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def path(sampled) -> Path:
    return current_path(sampled)


@pytest.fixture(scope="module")
def expected(path) -> list[list[tuple[object, ...]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT current_database()").fetchall() == [("anq",)]
        given = answers(asking(connection))
        assert answers(asking(connection), "anq.") == given
    assert sum(count != 0 for [(count, _)] in given) > len(given) - 4
    return given


def test_attached_under_its_name(path, expected):
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS anq (READ_ONLY)")
        assert answers(asking(connection), "anq.") == expected


def test_attached_to_a_database_of_ones_own(path, expected, tmp_path):
    """One's own tables of the same names are not read instead."""
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as connection:
        connection.execute("CREATE TABLE questions (nothing INTEGER); CREATE SCHEMA search")
        connection.execute(f"ATTACH '{path}' AS anq (READ_ONLY)")
        assert answers(asking(connection), "anq.") == expected


def test_under_the_name_of_the_link_for_clients_that_do_not_follow_it(path, expected):
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' (READ_ONLY); USE current")
        assert answers(asking(connection)) == expected


def shell(*command: str | Path) -> list[list[str]]:
    """The rows of the DuckDB shell, which names a catalogue after the path that it is given."""
    given = [Path(sys.executable).with_name("duckdb"), "-csv", "-noheader", *command]
    done = subprocess.run(given, capture_output=True, text=True, check=True, timeout=60)
    assert not done.stderr
    return list(csv.reader(done.stdout.splitlines()))


@pytest.mark.parametrize("before", ["", "anq."])
def test_in_the_shell_by_the_path_that_has_its_name(path, expected, sampled, before):
    asked = ["SELECT current_database()", *queries(before)]
    given = [[("anq",)], *expected]
    assert shell("-readonly", named_path(sampled), "-c", "; ".join(asked)) == [
        ["NULL" if value is None else str(value) for value in row] for answer in given for row in answer
    ]


def test_in_the_shell(path):
    query = "SELECT count(*) FROM overdue(DATE '2025-03-31')"
    by_link = shell("-readonly", path, "-c", query)
    assert by_link == shell("-c", f"ATTACH '{path}' AS anq (READ_ONLY); {query.replace('overdue', 'anq.overdue')}")
    assert int(by_link[0][0]) > 0


def test_through_sqlalchemy(path, expected):
    engine = sa.create_engine(f"duckdb:///{path}?access_mode=read_only", poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert answers(lambda query: [tuple(row) for row in connection.exec_driver_sql(query)]) == expected


def test_over_http_from_a_static_server(path, expected):
    with serving(path.parent) as server, duckdb.connect() as connection:
        extensions.load(connection, "httpfs")
        connection.execute(f"ATTACH '{server.url}/{path.name}' AS anq (READ_ONLY)")
        assert answers(asking(connection), "anq.") == expected


def test_duckdb_1_4_can_read_it(path):
    with duckdb.connect(str(path), read_only=True) as connection:
        [(version,)] = connection.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'anq'"
        ).fetchall()
    assert version == "v1.4.0+"


def test_a_macro_stands_alone():
    """Calls become what they are, defaults and names of arguments too; a table is read wherever the release is."""
    statements = [
        "CREATE MACRO main.twice(n) AS (n * 2)",
        "CREATE MACRO main.rows(n, at_most := 3) AS TABLE SELECT main.twice(n) AS m FROM main.numbers LIMIT at_most",
        "CREATE MACRO fr.lignes(n) AS TABLE SELECT m FROM main.rows(main.twice(n), at_most := n) AS r",
        "COMMENT ON MACRO main.twice IS 'two'",
    ]
    made = list(standalone(statements))
    assert made[3] == statements[3]
    assert "main.rows" not in made[2] and "main.twice" not in "".join(made[1:3])
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS anq; USE anq; CREATE SCHEMA fr; CREATE TABLE numbers AS FROM range(9)")
        for statement in made:
            connection.execute(statement)
        connection.execute("USE memory")
        assert connection.execute("FROM anq.rows(2)").fetchall() == [(4,)] * 3
        assert connection.execute("FROM anq.fr.lignes(1)").fetchall() == [(4,)]
