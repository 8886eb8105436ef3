"""The tables: as docs/interface.md promises them, valid Frictionless schemas, one declaration for Arrow, SQL and the dictionary."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import duckdb
import pytest
import sqlalchemy as sa
import yaml
from frictionless import Schema

from etl.lake import markers
from etl.normalise.dates import legislatures
from etl.schema import KEY, ROOT, children, tables
from etl.schema.arrow import arrow
from etl.schema.ddl import ddl, metadata
from etl.schema.dictionary import dictionary
from etl.schema.french import views as french

#: docs/interface.md, "Tables", by hand: each table's columns with their DuckDB types, in order, and its key.
KEYED = "legislature SMALLINT, question_type VARCHAR, question_number INTEGER"
QUESTIONS = """uid VARCHAR, deputy_id VARCHAR, mandate_id VARCHAR, author_name VARCHAR, group_id VARCHAR, group_abbr VARCHAR,
    group_name VARCHAR, department VARCHAR, ministry_asked_id VARCHAR, ministry_asked VARCHAR, ministry_asked_name VARCHAR,
    ministry_id VARCHAR, ministry VARCHAR, ministry_name VARCHAR, rubrique VARCHAR, tete_analyse VARCHAR, analyses VARCHAR[],
    title VARCHAR, question_date DATE, question_page INTEGER, question_text VARCHAR, answer_date DATE, answer_page INTEGER,
    answer_text VARCHAR, signalled_on DATE, renewed_on DATE, reattributed_on DATE, closure_code VARCHAR, closure_label VARCHAR,
    closed_on DATE, status VARCHAR, source_sha256 VARCHAR, source_member VARCHAR, record_sha256 VARCHAR,
    first_seen_at TIMESTAMPTZ, changed_at TIMESTAMPTZ, absent_since TIMESTAMPTZ"""
WITH_PEOPLE = QUESTIONS.replace("author_name VARCHAR,", "author_name VARCHAR, civility VARCHAR,").replace(
    "department VARCHAR,", "department VARCHAR, region VARCHAR,"
)
CONTRACT = {
    "questions": f"{KEYED}, {WITH_PEOPLE}",
    "attributions": f"{KEYED}, rank INTEGER, ministry_id VARCHAR, ministry VARCHAR, ministry_name VARCHAR, jo_type VARCHAR, jo_date DATE",
    "question_texts": f"{KEYED}, rank INTEGER, jo_type VARCHAR, jo_date DATE, jo_page INTEGER, text VARCHAR, erratum VARCHAR, "
    "passages BIGINT[]",
    "answer_texts": f"{KEYED}, rank INTEGER, jo_type VARCHAR, jo_date DATE, jo_page INTEGER, text VARCHAR, erratum VARCHAR, "
    "passages BIGINT[]",
    "renewals": f"{KEYED}, rank INTEGER, renewed_on DATE",
    "question_versions": f"{KEYED}, valid_from TIMESTAMPTZ, valid_to TIMESTAMPTZ, changed_columns VARCHAR[], {QUESTIONS}",
    "legislatures": "number SMALLINT, opened_on DATE, closed_on DATE",
}
#: Tables of which the contract names some columns, or none.
NAMED = {
    "deputies": {"deputy_id"},
    "mandates": {"mandate_id", "deputy_id"},
    "organs": {"organ_id"},
    "mentions": {*KEY, "rank", "mentioned_type", "mentioned_number", "reminds"},
    "law_references": {*KEY, "rank", "text_of", "kind", "law_number", "dated_on", "code"},
    "answer_resemblances": {*KEY, "original_legislature", "original_type", "original_number", "similarity"},
    "resemblances": {*KEY, "original_legislature", "original_type", "original_number", "similarity"},
    "joint_answers": {"answer_group", *KEY, "answer_date", "known_by", "size"},
    "journal_questions": {"issue", "rank", "part", *KEY, "answer_rank", "published_on", "page", "text"},
    "journal_answers": {"issue", "rank", "published_on", "page", "text"},
    "rubriques": {"rubrique"},
    "answer_hashes": {*KEY, "answer_date", "text_hash", "text_bytes"},
    "families": {"family", "words", "excluded"},
    "ministry_families": {"ministry", "family", "matched_words", "ministry_ids"},
    "search.postings": {"legislature", "question_type", "stem", "numbers", "weights", "places"},
    "search.words": {"word", "stem"},
    "ops.runs": set(),
    "ops.sources": set(),
    "ops.outcomes": {"archive", "step"},
    "ops.anomalies": {"kind", "level", *KEY, "what", "value"},
    "ops.quarantine": {*KEY, "member", "rule", "error", "severity", "raw"},
    "ops.held_back": {"archive", "rule", "held_since", "run_id", "source_sha256", "fetched_at", "failing_rows"},
    "ops.acceptances": {"archive", "rule", "accepted_at", "accepted_by", "why", "source_sha256", "until_day"},
    "ops.checks": {"suite", "expectation", "severity", "success", "observed", "failing_rows"},
}
FILES = sorted((ROOT / "schemas").glob("*.yaml"))
EVERY = list(tables().values())
STORED = [table for table in EVERY if table.schema != "lake"]


def test_every_table_of_the_contract():
    declared = {
        table.full_name: ", ".join(f"{column.name} {column.sql}" for column in table.columns)
        for table in EVERY
        if table.full_name in CONTRACT
    }
    assert declared == {name: " ".join(columns.split()) for name, columns in CONTRACT.items()}
    assert {table.full_name for table in STORED} == {*CONTRACT, *NAMED}
    for name, columns in NAMED.items():
        assert columns <= set(tables()[name].names), name


def test_keys():
    keys = {table.full_name: table.primary_key for table in EVERY}
    assert keys["questions"] == KEY
    assert {table.full_name for table in children()} == {
        "attributions",
        "question_texts",
        "answer_texts",
        "renewals",
        "mentions",
        "law_references",
    }
    assert all(keys[table.full_name] == (*KEY, "rank") for table in children())
    assert keys["question_versions"][:3] == KEY
    assert keys["legislatures"] == ("number",)
    [uid] = [column for column in tables()["questions"].columns if column.name == "uid"]
    assert uid.constraints["unique"]


def test_parents_come_before_their_children():
    names = [table.name for table in EVERY]
    for table in EVERY:
        if table.parent:
            parent = tables()[table.parent]
            assert names.index(parent.name) < names.index(table.name)
            for mine, theirs in zip(table.columns, parent.columns[: len(KEY)], strict=False):
                assert (mine.name, mine.sql, mine.constraints) == (theirs.name, theirs.sql, theirs.constraints)
            assert set(parent.primary_key) <= set(table.primary_key)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_frictionless_table_schemas(path):
    """Our own keys lie beside the standard's, which is allowed; what the standard names must be as it says."""
    declared = yaml.safe_load(path.read_text("utf-8"))
    schema = Schema.from_descriptor(standard(declared))  # raises on what is no schema
    assert schema.to_descriptor()["fields"] == standard(declared)["fields"]
    known = {
        "name",
        "name_fr",
        "description",
        "description_fr",
        "fields",
        "primaryKey",
        "schema",
        "rows",
        "child_of",
        "history_of",
    }
    assert declared.keys() <= known
    constraints = {"required", "unique", "minimum", "maximum", "enum", "pattern", "severity"}
    for column in declared["fields"]:
        assert column.get("constraints", {}).keys() <= constraints, column["name"]


def standard(declared: dict[str, Any]) -> dict[str, Any]:
    """A schema without what other schemas lend it, nor the severity of a rule, which is for the check."""
    fields = [
        {key: value for key, value in column.items() if key != "constraints"}
        | (
            {"constraints": {key: value for key, value in column["constraints"].items() if key != "severity"}}
            if "constraints" in column
            else {}
        )
        for column in declared["fields"]
    ]
    own = {column["name"] for column in fields}
    keyed = [name for name in declared.get("primaryKey", []) if name in own]
    return {"fields": fields, **({"primaryKey": keyed} if keyed else {})}


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.full_name)
def test_each_column_is_described_in_two_languages(table):
    for told in (table, *table.columns):
        assert told.description.endswith((".", "…"))
        assert told.description_fr
        assert " — " not in told.description
        assert told.comment == f"{told.description} — {told.description_fr}"
    for column in table.columns:
        assert column.source, column.name
        assert 7 <= column.since <= 17, column.name


def test_each_name_has_one_in_french():
    """In ASCII, as the Assembly's own; a column of the same name in two tables has the same in both."""
    told: dict[str, str] = {}
    for table in EVERY:
        names = [column.name_fr for column in table.columns]
        assert len(set(names)) == len(names), table.full_name
        for name in (table.name_fr, *names):
            assert re.fullmatch("[a-z][a-z0-9_]*", name)
        for column in table.columns:
            assert told.setdefault(column.name, column.name_fr) == column.name_fr, f"{table.full_name}.{column.name}"
    assert len({table.name_fr for table in STORED}) == len(STORED)


def test_the_schema_fr_has_every_table_under_french_names():
    with duckdb.connect() as connection:
        for statement in (*ddl(), "CREATE SCHEMA fr", *french()):
            connection.execute(statement)
        connection.execute("INSERT INTO legislatures VALUES (17, DATE '2024-07-01', NULL)")
        connection.execute(
            "INSERT INTO ops.checks VALUES ('1', '17/QE', 'questions', 'r', 'info', true, NULL, NULL, NULL)"
        )
        for table in STORED:
            rows = connection.table(table.full_name)
            view = connection.sql(f"FROM fr.{table.name_fr}")
            assert view.columns == [column.name_fr for column in table.columns]
            assert (view.types, view.fetchall()) == (rows.types, rows.fetchall())
        comments = {
            (view, column): comment
            for view, column, comment in connection.execute(
                "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'fr' "
                "UNION ALL SELECT view_name, NULL, comment FROM duckdb_views() WHERE schema_name = 'fr'"
            ).fetchall()
        }
    assert len(comments) == sum(1 + len(table.columns) for table in STORED)
    assert all(comments.values())
    assert comments["questions", "date_question"] == next(
        column.description_fr for column in tables()["questions"].columns if column.name == "question_date"
    )
    assert "d'après `deputes`" in comments["questions", "auteur"]
    assert "lignes de `journal_questions`" in comments["journal_reponses", "nombre_questions"]


STANDARD = {"VARCHAR": "string", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer", "DOUBLE": "number",
            "DATE": "date", "TIMESTAMPTZ": "datetime", "BOOLEAN": "boolean", "VARCHAR[]": "array", "BIGINT[]": "array", "INTEGER[]": "array", "INTEGER[][]": "array", "BLOB": "any"}  # fmt: skip


def test_arrow_sql_and_standard_types_agree():
    """DuckDB itself says what an Arrow type is in SQL, and what SQLAlchemy's types become."""
    with duckdb.connect() as connection:
        for statement in ddl():
            connection.execute(statement)
        for table in EVERY:
            for column in table.columns:
                assert STANDARD[column.sql] == column.type, column.name
            empty = arrow(table).empty_table()
            found = duckdb.arrow(empty, connection=connection).types
            wanted = [duckdb.sqltype(column.sql) for column in table.lake_columns]
            assert found == wanted, table.full_name
            if table.schema != "lake":
                made = connection.table(table.full_name)
                assert made.columns == table.names
                assert made.types == [duckdb.sqltype(column.sql) for column in table.columns], table.full_name


def test_nothing_required_may_be_null():
    for table in STORED:
        described = metadata().tables[table.full_name]
        assert [column.name for column in described.primary_key] == [
            one for one in table.names if one in table.primary_key
        ]
        for column, declared in zip(described.columns, table.columns, strict=True):
            wanted = bool(declared.constraints.get("required")) or declared.name in table.primary_key
            assert column.nullable is not wanted, f"{table.full_name}.{declared.name}"
            assert not isinstance(column.type, sa.types.NullType)
            assert column.comment == declared.comment
    for table in EVERY:
        for field, declared in zip(arrow(table), table.lake_columns, strict=True):
            assert field.nullable is not declared.constraints.get("required", False)


def test_the_lake_has_every_table_that_is_loaded():
    assert set(markers.TABLES) == {"questions", *(table.name for table in children())}
    kept = {column.name: column.kept_in for column in tables()["questions"].columns if column.kept_in}
    times = {name for name, dataset in kept.items() if dataset == "sightings"}
    assert times == {"first_seen_at", "changed_at", "absent_since"} <= set(tables()["lake.sightings"].names)
    people = {name: table for name, table in kept.items() if name not in times}
    assert people == {"civility": "deputies", "region": "mandates"}
    assert all(name in tables()[table].names for name, table in people.items())


def test_the_dictionary_is_the_schemas():
    path = ROOT / "docs" / "dictionary.md"
    assert path.read_text("utf-8") == dictionary(), "schemas/ changed: run `make docs`"


def test_the_dictionary_names_everything():
    text = dictionary()
    for table in STORED:
        assert f"\n## {table.full_name}\n" in text
        for column in table.columns:
            assert (
                f"| `{column.name}` | `{column.name_fr}` | {column.sql} | {column.since} | {column.description}" in text
            )


def test_legislatures_follow_each_other():
    rows = tables()["legislatures"].rows
    assert [number for number, _, _ in rows] == list(range(7, 18))
    assert all(opened < closed for _, opened, closed in rows if closed)
    assert [number for number, _, closed in rows if closed is None] == [17]
    for (number, _, closed), (_, opened, _) in pairwise(rows):
        gap = opened - closed
        # a dissolution leaves some weeks without a legislature, a term's end none
        assert timedelta(0) < gap <= timedelta(days=60), number
        assert gap == timedelta(days=1) or number in (8, 10, 16), number
    assert {number: (one.opened_on, one.closed_on) for number, one in legislatures().items()} == {
        number: (opened, closed) for number, opened, closed in rows
    }
