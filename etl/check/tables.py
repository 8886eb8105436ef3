"""Parquet files as DuckDB tables, which the rules then read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb

from etl.check.changes import TABLE as CHANGES
from etl.check.changes import compare
from etl.check.messages import CheckJob
from etl.check.patterns import ENTITY, ESCAPED, INVISIBLE, MOJIBAKE, TAG
from etl.errors import AnqError
from etl.schema import KEY, Table, tables
from etl.schema.sql import literal, literals, parquet, value, values

_Config = dict[str, str | bool | int | float | list[str]]
# 100,000 questions with the texts of debates need 190 MB, most of it rows that are not yet a row group
_CONFIG: _Config = {"memory_limit": "400MB", "threads": 1, "enable_external_file_cache": False}
# the file is read once and thrown away
_WRITING: _Config = {"threads": 2, "preserve_insertion_order": False, "force_compression": "uncompressed"}
_GOES_ON = timedelta(days=31)  # the Journal officiel, when a legislature is over
_HELPERS = (
    """CREATE TABLE archives (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, records BIGINT,
    records_before BIGINT, counted BIGINT, frozen BOOLEAN, sits BOOLEAN, first_day DATE, last_day DATE,
    weekly_until DATE, read_anew BOOLEAN, changed BIGINT)""",
    """CREATE TABLE misplaced (archive VARCHAR, table_name VARCHAR, legislature SMALLINT, question_type VARCHAR,
    question_number INTEGER)""",
    """CREATE TABLE published (table_name VARCHAR, legislature SMALLINT, question_type VARCHAR, question_number INTEGER,
    rank INTEGER, length BIGINT, markup VARCHAR, mojibake VARCHAR, flaw VARCHAR)""",
    """CREATE TABLE filled (archive VARCHAR, legislature SMALLINT, question_type VARCHAR, table_name VARCHAR,
    column_name VARCHAR, rows BIGINT, filled BIGINT, rows_before BIGINT, filled_before BIGINT)""",
    CHANGES,
)


def reading(folder: Path) -> _Config:
    """DuckDB's settings for the rules.

    Args:
        folder: where it spills.
    """
    return _CONFIG | {"temp_directory": str(folder)}


@contextmanager
def opened(jobs: Sequence[CheckJob], folder: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Each table with the rows of all the jobs, and what rules ask beside (expectations/README.md), to be asked.

    Long texts are cut to their first character, for the rules read these tables a hundred times. What is asked of the
    texts is in `texts` and `published`.

    Args:
        jobs: what to check; a job that has a `database` comes alone, and its tables are asked where they are.
        folder: where the file of the tables is made.

    Yields:
        A connection to them, and the file, which has them once the connection is closed.

    Raises:
        AnqError: a table that schemas/ does not declare, or a file that is no Parquet.
    """
    if jobs[0].database:
        with duckdb.connect(jobs[0].database, read_only=True, config=reading(folder)) as connection:
            yield connection, Path(jobs[0].database)
        return
    path = folder / "partition.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(config=reading(folder) | _WRITING) as connection:
        connection.execute(f"ATTACH {literal(str(path))} AS partition (RECOVERY_MODE no_wal_writes)")
        connection.execute("USE partition")
        _fill(connection, jobs)
        connection.execute("SET threads = 1")  # a rule takes a millisecond, and two threads must be brought together
        yield connection, path


def _fill(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob]) -> None:
    for statement in _HELPERS:
        connection.execute(statement)
    for name in dict.fromkeys(name for job in jobs for name in (*job.files, *job.beside)):
        declared = tables().get(name)
        if declared is None:
            raise AnqError(f"no table {name} in schemas/")
        try:
            files = [path for job in jobs for path in job.files.get(name, job.beside.get(name, ()))]
            _make(connection, declared, _rows(declared, list(dict.fromkeys(files))))
            if name == "questions":
                _make_archives(connection, jobs, declared)
                _make_before(connection, jobs, declared)
                compare(connection, jobs, declared)
        except duckdb.Error as error:
            raise AnqError(f"{name}: {error}") from error
    try:
        _place(connection, jobs)
    except duckdb.Error as error:
        raise AnqError(str(error)) from error


def _make(connection: duckdb.DuckDBPyConnection, table: Table, rows: str) -> None:
    """The table, and what is asked of its long texts, which are read once."""
    there = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    if table.name == "questions":
        _make_questions(
            connection, [column.name for column in table.columns if column.compress and column.name in there], rows
        )
    elif "erratum" in there:
        _make_texts(connection, table.name, rows)
    else:
        connection.execute(f"CREATE TABLE {table.name} AS {rows}")


def _make_questions(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], rows: str) -> None:
    """`questions`, with its texts cut, and `texts`, which has what is asked of each."""
    asked = {f"{text}_{what}": sql for text in texts for what, sql in _of_text(text)}
    cut = ", ".join(f"left({text}, 1) AS {text}" for text in texts)
    odd = ", ".join(f"{text}_odd" for text in texts)
    answers = ", ".join(f"{sql} AS {name}" for name, sql in asked.items())
    connection.execute(
        f"CREATE TEMP TABLE whole AS SELECT * EXCLUDE ({odd}) REPLACE ({cut}), {answers} "
        f"FROM ({_with_odd(rows, texts)})"
    )
    # a view would be bound again by each rule
    connection.execute(f"CREATE TABLE questions AS SELECT * EXCLUDE ({', '.join(asked)}) FROM whole")
    renamed = ", ".join(f"{name} AS {name.replace('_text_', '_')}" for name in asked)
    connection.execute(f"CREATE TABLE texts AS SELECT {', '.join(KEY)}, {renamed} FROM whole")
    connection.execute("DROP TABLE whole")


def _make_texts(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
    """A table of texts and errata, and in `published` what is asked of them; a question's only text is in `texts`."""
    key, asked = ", ".join(KEY), dict(_of_text("words"))
    words = (
        "SELECT *, CASE WHEN erratum IS NOT NULL OR several THEN concat_ws(' ', text, erratum) END AS words "
        f"FROM ({rows}) LEFT JOIN (SELECT {key}, true AS several FROM ({rows}) GROUP BY ALL HAVING count(*) > 1) "
        f"USING ({key})"
    )
    connection.execute(f"CREATE TABLE {table} AS SELECT * REPLACE (left(text, 1) AS text) FROM ({rows})")
    length = "CASE WHEN regexp_matches(text, '\\S') THEN length(text) END"
    connection.execute(
        f"INSERT INTO published SELECT {literal(table)}, {key}, rank, {length}, "
        f"{asked['markup']}, {asked['mojibake']}, {asked['flaw']} FROM ({_with_odd(words, ['words'])})"
    )


def _make_before(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob], table: Table) -> None:
    """`before`: questions as they were last published, of the files that are no longer the same; texts are lengths."""
    files = [path for job in jobs for path in job.before.get(table.name, ()) if path not in job.files[table.name]]
    rows = _rows(table, files)
    there = {name for name, *_ in connection.execute(f"DESCRIBE {rows}").fetchall()}
    columns = ", ".join(
        f"length({column.name})::BIGINT AS {column.name.replace('_text', '_length')}, "
        f"hash({column.name}) AS {column.name.replace('_text', '_hash')}, "
        f"strlen({column.name})::BIGINT AS {column.name.replace('_text', '_bytes')}"
        if column.compress and column.name in there
        else f"{f'TRY_CAST({column.name} AS {column.sql})' if column.name in there else 'NULL'} AS {column.name}"
        for column in table.lake_columns
    )
    connection.execute(f"CREATE TABLE before AS SELECT {columns} FROM ({rows})")


def _make_archives(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob], table: Table) -> None:
    for job in jobs:
        sits = job.closed_on is None if job.opened_on else None
        last_days = [job.today + timedelta(days=7), *([job.closed_on + _GOES_ON] if job.closed_on else [])]
        weekly_until = job.today if job.weekly else None
        before = (job.archive, job.legislature, job.question_type)
        after = (job.records_before, job.counted, job.frozen, sits, job.opened_on, min(last_days), weekly_until)
        connection.execute(
            f"INSERT INTO archives SELECT {values(before)}, count(*) - {job.absent}, {values(after)}, "
            f"{value(job.read_anew)}, 0 FROM ({_rows(table, job.files[table.name])})"
        )


def _place(connection: duckdb.DuckDBPyConnection, jobs: Sequence[CheckJob]) -> None:
    """`misplaced`, and `filled`, which comes from the files' footers."""
    of_jobs = [
        (path, tables()[name].full_name, job.archive, job.legislature, job.question_type, published)
        for job in jobs
        for published, files in ((False, job.files), (True, job.before))
        for name, paths in files.items()
        for path in paths
    ]
    if not of_jobs:
        return
    connection.execute(
        "CREATE TEMP TABLE file AS FROM (VALUES "
        + ", ".join(f"({values(row)})" for row in of_jobs)
        + ") AS _(path, table_name, archive, of_legislature, of_type, published)"
    )
    now = [path for path, *_, published in of_jobs if not published]
    if jobs[0].legislature is not None and now:
        rows = parquet(now, options="filename = 'path', union_by_name = true")
        connection.execute(
            f"INSERT INTO misplaced SELECT archive, table_name, {', '.join(KEY)} FROM {rows} JOIN file USING (path) "
            "WHERE NOT published AND (legislature, question_type) <> (of_legislature, of_type)",
        )
    connection.execute(
        f"""
        INSERT INTO filled SELECT archive, of_legislature, of_type, table_name,
            split_part(path_in_schema, ', ', 1) AS column_name,
            coalesce(sum(num_values) FILTER (NOT published), 0),
            coalesce(sum(num_values - stats_null_count) FILTER (NOT published), 0),
            coalesce(sum(num_values) FILTER (published), 0),
            coalesce(sum(num_values - stats_null_count) FILTER (published), 0)
        FROM parquet_metadata([{literals(sorted({path for path, *_ in of_jobs}))}]) JOIN file ON path = file_name
        GROUP BY ALL HAVING sum(num_values - stats_null_count) IS NOT NULL
        """
    )


def _rows(table: Table, files: list[str]) -> str:
    if not files:
        nothing = ", ".join(f"CAST(NULL AS {column.sql}) AS {column.name}" for column in table.lake_columns)
        return f"SELECT {nothing} WHERE false"
    return f"SELECT * FROM {parquet(files)}"


def _with_odd(rows: str, texts: Sequence[str]) -> str:
    """The rows, and beside each text whether it holds an odd character or spaces in a row: one slow look for all."""
    pattern = literal(rf"{MOJIBAKE}|{INVISIBLE}|\S  ")
    odd = ", ".join(f"regexp_matches({text}, {pattern}) AS {text}_odd" for text in texts)
    return f"SELECT *, {odd} FROM ({rows})"


def _of_text(text: str) -> Iterator[tuple[str, str]]:
    """What is asked of a text: a name, and the SQL."""
    # `contains` is many times faster than a regex, and sends few texts to it
    yield "length", f"CASE WHEN regexp_matches({text}, '\\S') THEN length({text}) END"
    yield "hash", f"hash({text})"
    yield "bytes", f"strlen({text})"
    yield "end", f"{text}[-1]"
    yield (
        "markup",
        f"coalesce(CASE WHEN contains({text}, '<') THEN {_first(text, TAG)} END, "
        f"CASE WHEN contains({text}, '&') THEN {_first(text, ENTITY)} END)",
    )
    yield "escaped", f"CASE WHEN contains({text}, '< /') THEN {_first(text, ESCAPED)} END"
    yield "mojibake", f"CASE WHEN {text}_odd THEN {_first(text, MOJIBAKE)} END"
    yield "flaw", _flaw(text)


def _flaw(text: str) -> str:
    """How a text is badly written: the first flaw that it has."""
    half, start = f"length({text}) // 2", f"left({text}, 80)"
    again = " OR ".join(f"contains({text}, {before} || {start})" for before in ("chr(10)", f"{text}[-1]"))
    twice = " OR ".join(f"left({text}, {half} - {less}) = right({text}, {half} - {less})" for less in (0, 1))
    return f"""CASE WHEN {text}_odd AND regexp_matches({text}, {literal(INVISIBLE)}) THEN 'invisible characters'
    WHEN regexp_matches({text}[1], '\\s') OR regexp_matches({text}[-1], '\\s') OR
        ({text}_odd AND regexp_matches({text}, '\\S  +\\S')) THEN 'spaces'
    WHEN length({text}) >= 100 AND NOT contains({text}, 'e') THEN 'capitals'
    WHEN length({text}) >= 1000 AND NOT (contains({text}, 'é') OR contains({text}, 'è') OR contains({text}, 'à'))
        THEN 'no accents'
    WHEN length({text}) >= 200 AND ({again}) AND ({twice}) THEN 'said twice'
    WHEN (contains({text}, chr(10) || '|') OR starts_with({text}, '|')) AND {_is_broken_table(text)} THEN 'broken table'
    END"""


def _is_broken_table(text: str) -> str:
    """Whether a row of a Markdown table is not closed, has other cells than the one above, or no line below a head."""
    line, above, below = (f"coalesce(lines[i{step}], '')" for step in ("", " - 1", " + 1"))
    cells = "length(regexp_replace({}, '\\\\.|[^|]', '', 'g'))".format
    odd = (
        f"starts_with({line}, '|') AND (NOT ends_with({line}, '|') OR CASE WHEN starts_with({above}, '|') THEN "
        f"{cells(line)} <> {cells(above)} ELSE NOT regexp_full_match({below}, '\\|( --- \\|)+') END)"
    )
    broken = f"len(list_filter(range(1, len(lines) + 1), lambda i: {odd})) > 0"
    # a subquery would hold every text to look each up
    return f"list_transform([string_split({text}, chr(10))], lambda lines: {broken})[1]"


def _first(text: str, pattern: str) -> str:
    """The first match of a pattern in a text, or NULL."""
    return f"nullif(regexp_extract({text}, {literal(pattern)}), '')"
