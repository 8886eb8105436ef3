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
_ASKED = ("_length", "_markup", "_mojibake")
_MOJIBAKE = r"\x{FFFD}|\x{C3}[\x{80}-\x{BF}]|\x{E2}\x{20AC}"

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "200MB",
    "threads": 2,
    "enable_external_file_cache": False,
}

# the file is read once and thrown away
_WRITING: dict[str, str | bool] = {"preserve_insertion_order": False, "force_compression": "uncompressed"}
_ARCHIVES = """CREATE TABLE archives (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, records BIGINT,
    records_before BIGINT, frozen BOOLEAN, first_day DATE, last_day DATE)"""
_MISPLACED = """CREATE TABLE misplaced (archive VARCHAR, table_name VARCHAR, legislature SMALLINT,
    question_type VARCHAR, question_number INTEGER)"""

_PUBLISHED = """CREATE TABLE published (table_name VARCHAR, legislature SMALLINT, question_type VARCHAR,
    question_number INTEGER, rank INTEGER, length BIGINT)"""


def database(jobs: Sequence[CheckJob], folder: Path) -> Path:
    """Make the file: each table with the rows of all the jobs, and what rules ask beside.

    In `questions` long texts are cut to their first character, for the rules read it a hundred times. What is asked
    of the texts is in `texts`, so that they are read once: per question the length of each in characters (NULL when
    there is none), the first HTML tag or entity left in it, the first sign of a wrong decoding; and in `published`, the
    length of each published text. `archives` has a row a job: its records, and between which days they may be.
    `misplaced` has the keys of the rows that are not of their file's archive.

    Raises:
        AnqError: a table that schemas/ does not declare, or a file that is no Parquet.
    """
    path = folder / "partition.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config=CONFIG | _WRITING | {"temp_directory": str(folder)}) as connection:
        connection.execute(_ARCHIVES)
        connection.execute(_MISPLACED)
        connection.execute(_PUBLISHED)
        for name in dict.fromkeys(name for job in jobs for name in job.files):
            declared = tables().get(name)
            if declared is None:
                raise AnqError(f"no table {name} in schemas/")
            try:
                rows = _rows(declared, [path for job in jobs for path in job.files.get(name, ())])
                _make(connection, declared, rows)
                for job in jobs:
                    _place(connection, job, declared)
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
        asked = ", ".join(one for name in long for one in _of_text(name))
        told = [f"{name}{what}" for name in long for what in _ASKED]
        connection.execute(f"CREATE TABLE all_of_questions AS SELECT * REPLACE ({cut}), {asked} FROM ({rows})")
        connection.execute(f"CREATE VIEW questions AS SELECT * EXCLUDE ({', '.join(told)}) FROM all_of_questions")
        names = ", ".join(f"{name} AS {name.replace('_text_', '_')}" for name in told)
        connection.execute(f"CREATE VIEW texts AS SELECT {key}, {names} FROM all_of_questions")
    elif "text" in long:
        connection.execute(f"CREATE VIEW {table.name} AS {rows}")
        connection.execute(
            f"INSERT INTO published SELECT '{table.name}', {key}, rank, length(text) FROM ({rows}) "
            "WHERE regexp_matches(text, '\\S')"
        )
    else:
        connection.execute(f"CREATE TABLE {table.name} AS {rows}")


def _place(connection: duckdb.DuckDBPyConnection, job: CheckJob, table: Table) -> None:
    """What `archives` and `misplaced` hold of a job's table."""
    rows = _rows(table, job.files.get(table.name, []))
    if table.name == "questions":
        connection.execute(
            "INSERT INTO archives SELECT ?, ?, ?, count(*) - ?, ?, ?, ?, least(?::DATE + 7, ?::DATE + 31) "
            f"FROM ({rows})",
            [
                *(job.archive, job.legislature, job.question_type, job.absent, job.records_before, job.frozen),
                *(job.opened_on, job.today, job.closed_on),
            ],
        )
    connection.execute(
        f"INSERT INTO misplaced SELECT ?, ?, {', '.join(KEY)} FROM ({rows}) "
        "WHERE (legislature, question_type) <> (?, ?)",
        [job.archive, table.name, job.legislature, job.question_type],
    )


def _rows(table: Table, files: list[str]) -> str:
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {column.sql}) AS {column.name}" for column in table.lake_columns)
        return f"SELECT {nothing} WHERE false"
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    return f"SELECT * FROM read_parquet([{paths}], hive_partitioning = false)"


def _of_text(text: str) -> Iterator[str]:
    # `contains` is many times faster than a regex, and sends few texts to it
    yield f"CASE WHEN regexp_matches({text}, '\\S') THEN length({text}) END AS {text}_length"
    yield (
        f"coalesce(CASE WHEN contains({text}, '<') THEN {_found(text, _TAG)} END, "
        f"CASE WHEN contains({text}, '&') THEN {_found(text, _ENTITY)} END) AS {text}_markup"
    )
    yield (
        f"CASE WHEN contains({text}, '\ufffd') OR contains({text}, '\u00c3') OR contains({text}, '\u00e2\u20ac') "
        f"THEN {_found(text, _MOJIBAKE)} END AS {text}_mojibake"
    )


def _found(text: str, pattern: str) -> str:
    return f"nullif(regexp_extract({text}, '{pattern}'), '')"
