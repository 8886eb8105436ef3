"""Partitions' Parquet files as DuckDB tables, in a file that Great Expectations then opens read-only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from etl.check.messages import CheckJob
from etl.errors import AnqError
from etl.schema import KEY, Table, tables

_TAG = (
    r"</?(?:[abiuABIU]|(?i:blockquote|body|br|center|div|em|font|h[1-6]|html|img|li|ol|p|span|strong|sub|sup|table|tbody|td|th"
    r"|thead|tr|ul))(?:\s[^<>]*)?/?>|<!--"
)
_ENTITY = r"&(?:[A-Za-z]{2,8}[0-9]{0,2}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});"
_MOJIBAKE = r"\x{FFFD}|\x{C3}[\x{80}-\x{BF}]|\x{E2}\x{20AC}"

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "200MB",
    "threads": 2,
    "enable_external_file_cache": False,
}

# the file is read once and thrown away
_WRITING: dict[str, str | bool] = {"preserve_insertion_order": False, "force_compression": "uncompressed"}
_HELPERS = (
    """CREATE TABLE archives (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, records BIGINT,
    records_before BIGINT, counted BIGINT, frozen BOOLEAN, first_day DATE, last_day DATE, weekly_until DATE)""",
    """CREATE TABLE misplaced (archive VARCHAR, table_name VARCHAR, legislature SMALLINT, question_type VARCHAR,
    question_number INTEGER)""",
    """CREATE TABLE published (table_name VARCHAR, legislature SMALLINT, question_type VARCHAR, question_number INTEGER,
    rank INTEGER, length BIGINT, markup VARCHAR, mojibake VARCHAR)""",
    """CREATE TABLE filled (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, table_name VARCHAR,
    column_name VARCHAR, rows BIGINT, filled BIGINT, rows_before BIGINT, filled_before BIGINT)""",
)


def database(jobs: Sequence[CheckJob], folder: Path) -> Path:
    """Make the file: each table with the rows of all the jobs, and what rules ask beside (expectations/README.md).

    In `questions` long texts are cut to their first character, for the rules read it a hundred times. What is asked
    of the texts is in `texts` and `published`, so that they are read once.

    Args:
        jobs: what to check; one that has a `database` comes alone.
        folder: where to make it.

    Raises:
        AnqError: a table that schemas/ does not declare, or a file that is no Parquet.
    """
    if jobs[0].database:
        return Path(jobs[0].database)
    path = folder / "partition.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config=CONFIG | _WRITING | {"temp_directory": str(folder)}) as connection:
        for statement in _HELPERS:
            connection.execute(statement)
        for name in dict.fromkeys(name for job in jobs for name in (*job.files, *job.beside)):
            declared = tables().get(name)
            if declared is None:
                raise AnqError(f"no table {name} in schemas/")
            try:
                files = [path for job in jobs for path in job.files.get(name, job.beside.get(name, ()))]
                _make(connection, declared, _rows(declared, list(dict.fromkeys(files))))
                for job in jobs:
                    if name in job.files:
                        _place(connection, job, declared)
                if name == "questions" and "questions" in jobs[0].files:
                    _make_before(connection, jobs, declared)
            except duckdb.Error as error:
                raise AnqError(f"{name}: {error}") from error
    return path


def _make(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    """The table, and what is asked of its long texts, which are read once."""
    there = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    long = [column.name for column in table.columns if column.compress and column.name in there]
    key = ", ".join(KEY)
    if table.name == "questions":
        cut = ", ".join(f"left({name}, 1) AS {name}" for name in long)
        asked = ", ".join(f"{sql} AS {name}_{what}" for name in long for what, sql in _of_text(name))
        told = [f"{name}_{what}" for name in long for what, _ in _of_text(name)]
        connection.execute(f"CREATE TABLE all_of_questions AS SELECT * REPLACE ({cut}), {asked} FROM ({rows})")
        connection.execute(f"CREATE VIEW questions AS SELECT * EXCLUDE ({', '.join(told)}) FROM all_of_questions")
        names = ", ".join(f"{name} AS {name.replace('_text_', '_')}" for name in told)
        connection.execute(f"CREATE VIEW texts AS SELECT {key}, {names} FROM all_of_questions")
    elif "erratum" in there:
        of_words = dict(_of_text("words"))
        markup, mojibake = (f"CASE WHEN looked_at THEN {of_words[what]} END" for what in ("markup", "mojibake"))
        connection.execute(f"CREATE VIEW {table.name} AS {rows}")
        # what a question's only text says is in `texts`
        connection.execute(
            f"INSERT INTO published SELECT '{table.name}', {key}, rank, "
            f"CASE WHEN regexp_matches(text, '\\S') THEN length(text) END, {markup}, {mojibake} FROM "
            "(SELECT *, concat_ws(' ', text, erratum) AS words, erratum IS NOT NULL OR "
            f"count(*) OVER (PARTITION BY {key}) > 1 AS looked_at FROM ({rows}))"
        )
    else:
        connection.execute(f"CREATE TABLE {table.name} AS {rows}")


def _make_before(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob], table: Table) -> None:
    """`before`: questions as they were last published, of the files that are no longer the same; texts are lengths."""
    files = [path for job in jobs for path in job.before.get(table.name, ()) if path not in job.files[table.name]]
    rows = _rows(table, files)
    there = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    columns = ", ".join(
        f"length({column.name})::BIGINT AS {column.name.replace('_text', '_length')}"
        if column.compress and column.name in there
        else f"{f'TRY_CAST({column.name} AS {column.sql})' if column.name in there else 'NULL'} AS {column.name}"
        for column in table.lake_columns
    )
    connection.execute(f"CREATE TABLE before AS SELECT {columns} FROM ({rows})")


def _place(connection: duckdb.DuckDBPyConnection, job: CheckJob, table: Table) -> None:
    """What `archives`, `misplaced` and `filled` hold of a job's table."""
    files = job.files[table.name]
    rows = _rows(table, files)
    if table.name == "questions":
        connection.execute(
            "INSERT INTO archives SELECT ?, ?, ?, count(*) - ?, ?, ?, ?, ?, least(?::DATE + 7, ?::DATE + 31), ? "
            f"FROM ({rows})",
            [
                *(job.archive, job.legislature, job.question_type, job.absent, job.records_before, job.counted),
                *(job.frozen, job.opened_on, job.today, job.closed_on, job.today if job.weekly else None),
            ],
        )
    if job.legislature is not None:
        connection.execute(
            f"INSERT INTO misplaced SELECT ?, ?, {', '.join(KEY)} FROM ({rows}) "
            "WHERE (legislature, question_type) <> (?, ?)",
            [job.archive, table.full_name, job.legislature, job.question_type],
        )
    if files:
        connection.execute(
            f"INSERT INTO filled SELECT ?, ?, ?, ?, column_name, now.rows, now.filled, coalesce(before.rows, 0), "
            f"coalesce(before.filled, 0) FROM ({_footers(files)}) AS now "
            f"LEFT JOIN ({_footers(job.before.get(table.name, []))}) AS before USING (column_name)",
            [job.archive, job.legislature, job.question_type, table.full_name],
        )


def _footers(files: list[str]) -> str:
    """By column, how many rows the files have and how many of them have a value, as their footers tell."""
    if not files:
        return "SELECT '' AS column_name, 0 AS rows, 0 AS filled WHERE false"
    return (
        "SELECT split_part(path_in_schema, ', ', 1) AS column_name, sum(num_values) AS rows, "
        f"sum(num_values - stats_null_count) AS filled FROM parquet_metadata({_listed(files)}) "
        "GROUP BY ALL HAVING filled IS NOT NULL"
    )


def _listed(files: Sequence[str]) -> str:
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    return f"[{paths}]"


def _rows(table: Table, files: list[str]) -> str:
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {column.sql}) AS {column.name}" for column in table.lake_columns)
        return f"SELECT {nothing} WHERE false"
    return f"SELECT * FROM read_parquet({_listed(files)}, hive_partitioning = false)"


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """What is asked of a text, and how."""
    # `contains` is many times faster than a regex, and sends few texts to it
    yield "length", f"CASE WHEN regexp_matches({text}, '\\S') THEN length({text}) END"
    yield "hash", f"hash({text})"
    yield "end", f"right(rtrim({text}), 1)"
    yield (
        "markup",
        f"coalesce(CASE WHEN contains({text}, '<') THEN {_found(text, _TAG)} END, "
        f"CASE WHEN contains({text}, '&') THEN {_found(text, _ENTITY)} END)",
    )
    yield (
        "mojibake",
        f"CASE WHEN contains({text}, '\ufffd') OR contains({text}, '\u00c3') OR contains({text}, '\u00e2\u20ac') "
        f"THEN {_found(text, _MOJIBAKE)} END",
    )


def _found(text: str, pattern: str) -> str:
    return f"nullif(regexp_extract({text}, '{pattern}'), '')"
