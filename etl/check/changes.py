"""What became of the questions that were published: how many changed, in which columns, and in what way.

A value that was published and is another now is a change; a value where there was none is not. A question's follow-up
(answer, closure, ministry in charge…) goes on as long as it waits: a new government takes over every pending question
in a day, and the end of a legislature closes them all. So these columns count only of questions that no longer waited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from etl.check.messages import CheckJob
from etl.schema import KEY, Column, Table
from etl.schema.sql import parquet, value, values

FOLLOW_UP = (
    *("ministry_id", "ministry", "ministry_name", "reattributed_on", "signalled_on", "renewed_on", "status"),
    *("answer_date", "answer_page", "answer_text", "closure_code", "closure_label", "closed_on"),
)
#: Where a record came from, which is not its content.
ORIGIN = ("source_sha256", "source_member", "record_sha256")

TABLE = """CREATE TABLE changes (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, column_name VARCHAR,
    questions BIGINT, compared BIGINT, distinct_before BIGINT, distinct_now BIGINT, commonest VARCHAR,
    commonest_before DOUBLE, commonest_now DOUBLE, accents_before DOUBLE, accents_now DOUBLE, growth DOUBLE,
    days DOUBLE, examples STRUCT(question_number INTEGER, "before" VARCHAR, "now" VARCHAR)[])"""

_LOOKED_INTO = 0.05  # share of an archive's questions: no rule asks for the shape of a column that changed in fewer
_NO_SHAPE = (None,) * 10
_EXAMPLES, _LEAD, _SHOWN = 3, 20, 80
_PAIRS = f"before JOIN questions AS fresh USING ({', '.join(KEY)}) JOIN texts USING ({', '.join(KEY)})"
_ARCHIVE = KEY[:2]


def compare(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob], table: Table) -> None:
    """Fill `changes` and `archives.changed` (expectations/README.md).

    Args:
        connection: to the database of the check, which has `before`, `questions`, `texts` and `archives`.
        jobs: the archives.
        table: `questions`, as schemas/ declares it.
    """
    there = {(name, type_) for name, type_, *_ in connection.execute("DESCRIBE questions").fetchall()}
    columns = [
        column
        for column in table.lake_columns
        if column.name not in (*KEY, *ORIGIN) and (column.name, column.sql) in there
    ]
    tests = [_differs(column) for column in columns]
    counts = ", ".join(f"count(*) FILTER ({test})" for test in (" OR ".join(tests), *tests))
    by_key = {(job.legislature, job.question_type): job for job in jobs}
    archive = ", ".join(_ARCHIVE)
    rows = connection.execute(
        f"SELECT {archive}, {counts} FROM {_PAIRS} SEMI JOIN archives USING ({archive}) GROUP BY ALL"
    ).fetchall()
    for legislature, question_type, changed, *by_column in rows:
        job = by_key[legislature, question_type]
        here = f"legislature = {value(legislature)} AND question_type = {value(question_type)}"
        connection.execute(f"UPDATE archives SET changed = {changed} WHERE {here}")
        least = _LOOKED_INTO * (job.records_before or 0)
        for column, count in zip(columns, by_column, strict=True):
            if count:
                shape = _shape(connection, column, here) if count > least else _NO_SHAPE
                examples = _examples(connection, column, job, here) if changed > least or job.read_anew else []
                row = (job.archive, legislature, question_type, column.name, count, *shape, examples)
                connection.execute(f"INSERT INTO changes VALUES ({values(row)})")


def _sides(column: Column) -> tuple[str, str]:
    """The column's value as it was published, and as it is now; of a long text, its hash."""
    if column.compress:
        name = column.name.replace("_text", "_hash")
        return f"before.{name}", f"texts.{name}"
    return f"before.{column.name}", f"fresh.{column.name}"


def _is_settled(column: Column) -> str:
    """Whether a question had a value that is not to change."""
    had = f"before.{column.name.replace('_text', '_length')} IS NOT NULL"
    return f"{had} AND before.status IS DISTINCT FROM 'pending'" if column.name in FOLLOW_UP else had


def _differs(column: Column) -> str:
    was, now = _sides(column)
    return f"({_is_settled(column)} AND {was} IS DISTINCT FROM {now})"


def _shape(connection: duckdb.DuckDBPyConnection, column: Column, here: str) -> tuple[Any, ...]:
    """A column's values before and now, of the questions that had one and have one: from `compared` to `days`."""
    was, now = _sides(column)
    has, commonest = now, "(SELECT arg_max(value, times)::VARCHAR FROM values_now)"
    accents, growth, days = "NULL, NULL", "NULL", "NULL"
    if column.compress:
        side = column.name.removesuffix("_text")
        beyond_ascii = f"sum({{0}}.{side}_bytes - {{0}}.{side}_length) / sum({{0}}.{side}_length)".format
        has, commonest = f"texts.{side}_length", "NULL"
        accents = f"{beyond_ascii('before')}, {beyond_ascii('texts')}"
        growth = f"median(texts.{side}_length / before.{side}_length)"
    elif column.sql == "DATE":
        days = f"median({now} - {was})"
    pairs = f"FROM {_PAIRS} WHERE {here} AND {_is_settled(column)} AND {has} IS NOT NULL"
    row = connection.execute(
        f"""
        WITH values_before AS (SELECT count(*) AS times {pairs} GROUP BY {was}),
        values_now AS (SELECT {now} AS value, count(*) AS times {pairs} GROUP BY ALL)
        SELECT count(*), (SELECT count(*) FROM values_before), (SELECT count(*) FROM values_now), {commonest},
            (SELECT max(times) / sum(times) FROM values_before), (SELECT max(times) / sum(times) FROM values_now),
            {accents}, {growth}, {days} {pairs}
        """
    ).fetchone()
    assert row is not None
    return row


def _examples(connection: duckdb.DuckDBPyConnection, column: Column, job: CheckJob, here: str) -> list[dict[str, Any]]:
    """Some questions whose column changed, with its value before and now; a long text from where it changes."""
    was, now = _sides(column)
    rows = connection.execute(
        f"SELECT question_number, {was}::VARCHAR, {now}::VARCHAR FROM {_PAIRS} "
        f"WHERE {here} AND {_differs(column)} ORDER BY question_number LIMIT {_EXAMPLES}"
    ).fetchall()
    if column.compress:
        numbers = [number for number, *_ in rows]
        texts = [_texts(connection, column, paths["questions"], numbers) for paths in (job.before, job.files)]
        rows = [(number, *_where_they_part(*(side[number] for side in texts))) for number in numbers]
    return [{"question_number": number, "before": was, "now": now} for number, was, now in rows]


def _texts(
    connection: duckdb.DuckDBPyConnection, column: Column, paths: list[str], numbers: list[int]
) -> dict[int, str | None]:
    wanted = f"list_contains({value(numbers)}, question_number)"
    return dict(
        connection.execute(f"SELECT question_number, {column.name} FROM {parquet(paths)} WHERE {wanted}").fetchall()
    )


def _where_they_part(was: str | None, now: str | None) -> tuple[str | None, str | None]:
    pairs = enumerate(zip(was or "", now or "", strict=False))
    part = next((at for at, (one, other) in pairs if one != other), min(len(was or ""), len(now or "")))
    start = max(0, part - _LEAD)
    return was and was[start : start + _SHOWN], now and now[start : start + _SHOWN]
