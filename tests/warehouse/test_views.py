"""Views: declared as they are, twinned in French, made anew when they alone change, right on small cases."""

from __future__ import annotations

import duckdb
import pytest

from etl.run import publish
from etl.schema import tables
from etl.warehouse import views as declared
from etl.warehouse.query import connect
from etl.warehouse.views import View, views
from tests.archives import archive_of, question, site
from tests.warehouse.days import contents, day, query
from tests.work import run_of

VIEWS = list(views().values())
SELECTS = [one for one in VIEWS if one.columns]
NAMES = {"ids": lambda one: one.name}


@pytest.fixture(scope="module")
def file(sampled) -> duckdb.DuckDBPyConnection:
    with connect(sampled) as connection:
        yield connection


ARGUMENTS = {"as_of": "DATE '2025-03-31'", "age_days": "300"}


def called(one: View, name: str | None = None, given: dict[str, str] | None = None) -> str:
    """The view, or what stands for it, as SQL calls it."""
    values = ", ".join((given or {}).get(parameter.name, "NULL") for parameter in one.parameters)
    return (name or one.name) + (f"({values})" if one.parameters else "")


@pytest.mark.parametrize("one", SELECTS, **NAMES)
def test_columns_are_as_declared(one, file):
    given = [row[:2] for row in file.execute(f"DESCRIBE FROM {called(one)}").fetchall()]
    assert given == [(column.name, column.type) for column in one.columns]


@pytest.mark.parametrize("one", VIEWS, **NAMES)
def test_an_example_answers(one, file):
    assert file.execute(one.example).fetchone()


@pytest.mark.parametrize("one", SELECTS, **NAMES)
def test_the_french_twin_gives_the_same(one, file):
    twin = f"fr.{one.name_fr}"
    described = file.execute(f"DESCRIBE FROM {called(one, twin)}").fetchall()
    assert [row[0] for row in described] == [column.fr for column in one.columns]
    english, french = (
        file.execute(f"FROM {called(one, name, ARGUMENTS)} ORDER BY ALL").fetchall() for name in (one.name, twin)
    )
    assert english == french != []


@pytest.mark.parametrize("one", VIEWS, **NAMES)
def test_names_are_told_apart(one):
    for names in ([column.name for column in one.columns], [column.fr for column in one.columns]):
        assert len(set(names)) == len(names)


def test_french_names_are_those_of_the_tables():
    told = {column.name: column.name_fr for table in tables().values() for column in table.columns}
    for one in VIEWS:
        for column in (*one.columns, *one.parameters):
            assert column.fr == told.get(column.name, column.fr), f"{one.name}.{column.name}"
    assert not {one.name_fr for one in VIEWS} & {table.name_fr for table in tables().values()}


def test_each_is_told_of_in_the_catalogue(file):
    named = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    macros = "SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal"
    told = dict(file.execute(f"{named} UNION ALL {macros}").fetchall())
    for one in VIEWS:
        assert told[one.name] == told[one.name_fr] == f"{one.question} — {one.question_fr}"
    columns = dict(
        file.execute("SELECT (table_name, column_name), comment FROM duckdb_columns() WHERE comment <> ''").fetchall()
    )
    for one in VIEWS:
        for column in one.columns if one.kind == "VIEW" else ():
            comment = f"{column.description} — {column.description_fr}"
            assert columns[one.name, column.name] == columns[one.name_fr, column.fr] == comment


@pytest.mark.parametrize("stand", ["USE fr", "USE memory"])
def test_they_work_wherever_the_reader_stands(stand, sampled):
    """A view anywhere; a macro where the file is in use, be it its French schema, whose views have the tables' names."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{(sampled / 'current.duckdb').resolve()}' AS anq (READ_ONLY)")
        if stand == "USE fr":
            connection.execute("USE anq.fr")
            for one in VIEWS:
                if one.columns:
                    connection.execute(f"FROM {called(one, one.name_fr)} LIMIT 1")
        for one in VIEWS:
            if one.kind == "VIEW":
                connection.execute(f"FROM anq.main.{one.name} LIMIT 1")


def test_a_release_is_made_when_only_views_changed(home, tmp_path, monkeypatch):
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1))}), day(0))
    assert publish.publish(run_of(home.settings, day(0), "0"))
    before = contents(home.current())
    assert publish.publish(run_of(home.settings, day(1), "1")) is None
    folder = tmp_path / "views"
    folder.mkdir()
    header = "question: How many?\nquestion_fr: Combien ?\nname_fr: combien\nexample: FROM how_many"
    column = "columns: {questions: {fr: combien, type: BIGINT, description: All., description_fr: Toutes.}}"
    (folder / "columns.yaml").write_text("{}")
    (folder / "how_many.sql").write_text(
        f"/*\n{header}\n{column}\n*/\nSELECT count(*) AS questions FROM main.questions"
    )
    monkeypatch.setattr(declared, "FOLDER", folder)
    monkeypatch.setattr(declared, "views", views.__wrapped__)
    made = publish.publish(run_of(home.settings, day(1), "1"))
    assert made.rows["questions"] == 1
    assert contents(home.current()) == before
    found = query(home.current(), "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal")
    twins = {("fr", table.name_fr) for table in tables().values() if table.schema != "lake"}
    assert set(found) - twins == {("fr", "combien"), ("main", "how_many")}
    assert twins < set(found)
    macros = query(home.current(), "SELECT function_name FROM duckdb_functions() WHERE NOT internal")
    assert not {name for (name,) in macros} & {name for one in VIEWS for name in (one.name, one.name_fr)}
    assert query(home.current(), "FROM fr.combien") == [(1,)]
    assert publish.publish(run_of(home.settings, day(2), "2")) is None


def test_no_view_reads_the_clock():
    for one in VIEWS:
        assert not any(word in one.sql.lower() for word in ("current_date", "today(", "now(", "current_timestamp")), (
            one.name
        )


def test_a_file_that_declares_too_much_or_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(declared, "FOLDER", tmp_path)
    (tmp_path / "columns.yaml").write_text("{}")
    for text in ("SELECT 1", "/*\nquestion: Why?\nwhim: yes\n*/\nSELECT 1"):
        (tmp_path / "odd.sql").write_text(text)
        with pytest.raises(TypeError):
            views.__wrapped__()
