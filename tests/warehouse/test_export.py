"""`anq export`: what the release holds, valid for the `frictionless` command, in the place of an earlier export only."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from etl.errors import UsageError
from etl.schema import tables
from etl.settings import Settings
from etl.warehouse import export as exporting
from etl.warehouse import release as releases
from etl.warehouse.export import export
from tests.warehouse.days import Home, query

STORED = [table for table in tables().values() if table.schema in ("main", "ops")]
ODD = """SELECT 1 AS n, NULL::INTEGER AS nothing, ['l''eau', 'a,b', '"c"', NULL] AS list, DATE '0800-02-28' AS day,
    TIMESTAMPTZ '2026-09-01 06:30:00.000125+02' AS at, E'«à» "citée",\\r\\ndeux\\n\\nlignes; \\'x\\'' AS words, true AS yes, 1.50::DECIMAL(5, 2) AS price,
    1e-300 AS float, {'a': 1} AS struct, '\\x00\\xFF'::BLOB AS bytes, '' AS empty, repeat('long ', 400000) AS long, 'a' AS "étrange, ""nom"" ?",
    12::HUGEINT AS huge, TIME '10:11:12' AS hour, INTERVAL 3 DAY AS span, MAP {'k': 2} AS map
    UNION ALL BY NAME SELECT 2 AS n -- the end"""


@pytest.fixture(scope="module")
def home(two_days_lived, tmp_path_factory, pool) -> Home:
    folder = tmp_path_factory.mktemp("exported") / "home"
    return Home(Settings(shutil.copytree(two_days_lived, folder, symlinks=True), ""), pool)


@pytest.fixture(scope="module", params=["csv", "parquet"])
def exported(request, home, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "new" / "folder"
    export(home.settings.warehouse, folder, request.param, None)
    return folder


def validate(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("frictionless"), "validate", "datapackage.json"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def told(folder: Path) -> dict:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


def test_the_frictionless_command_finds_it_valid_and_a_changed_file_not(exported, tmp_path):
    done = validate(exported)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("VALID") == len(STORED)
    copy = shutil.copytree(exported, tmp_path / "copy")
    [path] = copy.glob("questions.*")
    path.write_bytes(path.read_bytes().replace(b"Minist", b"minist", 1)[:-1])
    assert validate(copy).returncode == 1


def test_every_row_is_there_as_it_was(exported, home):
    with duckdb.connect() as connection:
        for table in STORED:
            [path] = exported.glob(f"{table.full_name.replace('.', '-')}.*")
            if path.suffix == ".parquet":
                rows = f"read_parquet('{path}')"
            else:
                types = {one.name: "VARCHAR" if one.sql == "BLOB" else one.sql for one in table.columns}
                rows = f"(SELECT *{' REPLACE (unhex(raw) AS raw)' if 'raw' in types else ''} FROM " \
                       f"read_csv('{path}', header = true, auto_detect = false, columns = {types}, quote = '\"', escape = '\"'))"  # fmt: skip
            columns = ", ".join(table.names)
            found = connection.execute(f"SELECT {columns} FROM {rows} ORDER BY ALL").fetchall()
            assert found == query(home.current(), f"SELECT {columns} FROM {table.full_name} ORDER BY ALL"), (
                table.full_name
            )


def test_the_package_says_what_it_is(exported, home):
    package = told(exported)
    assert package["version"] == home.current().parent.name
    assert package["created"] == "2026-09-23T04:30:00Z"
    assert "last fetch 2026-09-23 04:30 UTC" in package["description"]
    assert [one["name"] for one in package["licenses"]] == ["etalab-2.0"]
    assert [one["title"] for one in package["sources"]] == ["Assemblée nationale"]
    resources = {one["title"]: one for one in package["resources"]}
    assert set(resources) == {table.full_name for table in STORED}
    for table in STORED:
        schema = resources[table.full_name]["schema"]
        assert [(one["name"], one["type"], one["description"]) for one in schema["fields"]] == [
            (one.name, one.type, one.comment) for one in table.columns
        ]
        assert tuple(schema.get("primaryKey", ())) == table.primary_key
        assert ("foreignKeys" in schema) == (table.parent is not None)
    assert {path.name for path in exported.iterdir()} == {
        "datapackage.json",
        *(one["path"] for one in package["resources"]),
    }


def test_the_rows_of_a_query(home, tmp_path):
    for form in ("csv", "parquet"):
        folder = tmp_path / form
        assert export(home.settings.warehouse, folder, form, ODD) == [f"query.{form}"]
        done = validate(folder)
        assert done.returncode == 0, done.stdout
        [resource] = told(folder)["resources"]
        assert {one["name"]: one["type"] for one in resource["schema"]["fields"]} == {
            "n": "integer", "nothing": "integer", "list": "array", "day": "date", "at": "datetime", "words": "string", "yes": "boolean",
            "price": "number", "float": "number", "struct": "object", "bytes": "any", "empty": "string", "long": "string",
            'étrange, "nom" ?': "string", "huge": "integer", "hour": "string", "span": "string", "map": "object",
        }  # fmt: skip
    csv.field_size_limit(10_000_000)
    with (tmp_path / "csv/query.csv").open(encoding="utf-8", newline="") as file:
        [_, row, nulls] = csv.reader(file)
    assert row[:12] == [
        "1", "", '["l\'eau","a,b","\\"c\\"",null]', "0800-02-28", "2026-09-01T04:30:00.000125Z", "«à» \"citée\",\r\ndeux\n\nlignes; 'x'",
        "true", "1.50", "1e-300", '{"a":1}', "00ff", "",
    ]  # fmt: skip
    assert (len(row[12]), row[17]) == (2_000_000, '{"k":2}')
    assert nulls == ["2", *[""] * 17]
    assert pq.read_table(tmp_path / "parquet/query.parquet").to_pylist()[0]["list"] == ["l'eau", "a,b", '"c"', None]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("DELETE FROM questions", "only the rows of a SELECT"),
        ("COPY questions TO 'x'", "only the rows of a SELECT"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("", "one query at a time"),
        ("SELECT 1 AS n, 2 AS n", "two columns are named n"),
        ("SELECT nothing FROM questions", "nothing"),
    ],
)
def test_queries_that_cannot_be_exported_leave_what_was_there(home, tmp_path, asked, why):
    export(home.settings.warehouse, tmp_path / "out", "csv", "SELECT 1 AS n;")
    with pytest.raises(UsageError, match=why):
        export(home.settings.warehouse, tmp_path / "out", "csv", asked)
    assert (tmp_path / "out/query.csv").read_text() == "n\n1\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_release_of_an_earlier_version_is_named_as_that(home, tmp_path):
    warehouse = shutil.copytree(home.settings.warehouse, tmp_path / "warehouse", symlinks=True)
    old = (warehouse / "current.duckdb").resolve()
    for path in (old.parent, old):
        path.chmod(0o755)
    with duckdb.connect(old) as connection:
        # a file that is shorter than it was published would be called cut short
        connection.execute(
            "DROP TABLE law_references; CREATE TABLE other AS SELECT hash(n) AS n FROM range(1000000) AS _(n)"
        )
    with pytest.raises(UsageError, match=r"without law_references.*anq rebuild"):
        export(warehouse, tmp_path / "out", "csv", None)
    assert export(warehouse, tmp_path / "out", "csv", "SELECT 1 AS n") == ["query.csv"]


def test_an_earlier_export_is_replaced_whole_and_what_is_foreign_never(home, tmp_path):
    warehouse, out = home.settings.warehouse, tmp_path / "out"
    out.mkdir()  # empty
    export(warehouse, out, "csv", None)
    assert len(list(out.iterdir())) == len(STORED) + 1
    export(warehouse, out, "parquet", "SELECT 1 AS n")
    assert sorted(path.name for path in out.iterdir()) == ["datapackage.json", "query.parquet"]
    (out / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds notes\.txt, which no export wrote"):
        export(warehouse, out, "csv", None)
    assert sorted(path.name for path in out.iterdir()) == ["datapackage.json", "notes.txt", "query.parquet"]
    for name, content in (
        ("datapackage.json", '{"name": "theirs", "resources": []}'),
        ("other.json", "[]"),
        ("datapackage.json", "{"),
    ):
        other = tmp_path / "other"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        (other / name).write_text(content)
        with pytest.raises(UsageError, match=f"holds {name}"):
            export(warehouse, other, "csv", None)
        assert (other / name).read_text() == content
    with pytest.raises(UsageError, match="is a file"):
        export(warehouse, other / "datapackage.json", "csv", None)


def test_cut_short_it_leaves_the_export_before(home, tmp_path, monkeypatch):
    warehouse, out = home.settings.warehouse, tmp_path / "out"
    export(warehouse, out, "csv", "SELECT 1 AS n")
    real = exporting._Writer.table

    def cut(writer, table):
        if table.full_name == "ops.runs":
            raise KeyboardInterrupt
        return real(writer, table)

    monkeypatch.setattr(exporting._Writer, "table", cut)
    with pytest.raises(KeyboardInterrupt):
        export(warehouse, out, "csv", None)
    assert sorted(path.name for path in out.iterdir()) == ["datapackage.json", "query.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_killed_while_it_replaces_the_next_one_puts_the_export_back(home, tmp_path):
    warehouse, out = home.settings.warehouse, tmp_path / "out"
    export(warehouse, out, "csv", "SELECT 1 AS n")
    out.rename(tmp_path / ".out.old")
    with pytest.raises(UsageError):
        export(warehouse, out, "csv", "SELECT")
    assert sorted(path.name for path in out.iterdir()) == ["datapackage.json", "query.csv"]
    export(warehouse, out, "csv", "SELECT 2 AS n")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_version_is_that_of_the_rows_whatever_is_swapped_in_meanwhile(home, tmp_path, monkeypatch):
    warehouse = home.settings.warehouse
    older, now = releases.releases(warehouse)
    real = exporting.connect

    def connected(*given):
        connection = real(*given)
        releases.swap(warehouse, older.name)
        return connection

    monkeypatch.setattr(exporting, "connect", connected)
    try:
        export(
            warehouse,
            tmp_path / "out",
            "csv",
            "SELECT split_part(path, '/', -2) AS name FROM duckdb_databases() WHERE NOT internal",
        )
    finally:
        releases.swap(warehouse, now.name)
    told = json.loads((tmp_path / "out/datapackage.json").read_text())
    assert (tmp_path / "out/query.csv").read_text().split() == ["name", told["version"]]
