"""The full-text index of a release, kept up to date chunk by chunk, and the macros that read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.schema import KEY
from etl.schema import key as packing
from etl.schema.sql import literal, parquet
from etl.search.postings import POSTINGS
from etl.search.words import ENDING, LEFT_OUT, LITTLE, SPACED, UNIT, WORD

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL = Path(__file__).with_name("search.sql")
SORTED = 13  # bytes of DuckDB's memory for each byte of files that is sorted at a time

_WORDS = f"SELECT DISTINCT unnest(words || [stem || '-']) AS word, stem FROM {POSTINGS}"
_REWRITTEN = "(legislature, question_type, chunk) IN (FROM rewritten)"


class ChunkIndex(NamedTuple):
    """The index of a chunk, as it is to be.

    Attributes:
        legislature: of the chunk.
        question_type: of the chunk.
        chunk: its number.
        path: its file; None when no question of the chunk has a word any more.
    """

    legislature: int
    question_type: str
    chunk: int
    path: Path | None


def update(connection: DuckDBPyConnection, rewritten: Sequence[ChunkIndex], memory: int) -> None:
    """Replaces the rows of these chunks; those of other chunks stay where they are.

    Args:
        connection: the warehouse.
        rewritten: the chunks whose index differs.
        memory: the most that the connection takes, in bytes.
    """
    if not rewritten:
        return
    files = [chunk.path for chunk in rewritten if chunk.path]
    order = "stem, legislature, question_type, chunk"  # the rows of a stem lie together
    chunks = ", ".join(f"({index.legislature}, {literal(index.question_type)}, {index.chunk})" for index in rewritten)
    for statement in (
        f"CREATE TEMP TABLE rewritten AS FROM (VALUES {chunks}) AS _(legislature, question_type, chunk)",
        f"CREATE TEMP TABLE gone AS {_WORDS} WHERE {_REWRITTEN}",
        f"DELETE FROM {POSTINGS} WHERE {_REWRITTEN}",
        *(
            f"INSERT INTO {POSTINGS} BY NAME FROM {parquet(files)} WHERE {stems} ORDER BY {order}"
            for stems in _ranges(files, memory)
        ),
        f"CREATE TEMP TABLE come AS {_WORDS} WHERE {_REWRITTEN}",
        "INSERT INTO search.words FROM come ANTI JOIN search.words USING (word, stem) ORDER BY ALL",
        "CREATE TEMP TABLE doubtful AS FROM gone ANTI JOIN come USING (word, stem)",
        "DELETE FROM search.words WHERE (word, stem) IN (FROM doubtful ANTI JOIN "
        f"({_WORDS} SEMI JOIN doubtful USING (stem)) USING (word, stem))",
        "DROP TABLE rewritten; DROP TABLE gone; DROP TABLE come; DROP TABLE doubtful",
    ):
        connection.execute(statement)


def make_room(connection: DuckDBPyConnection) -> None:
    """Has the next checkpoint clear the index of its deleted rows, once these are more than the rows that are left.

    Not every night: looking at each row group takes as long as the rest of the load, and a search skips deleted rows.
    """
    [(stored, live)] = connection.execute(
        f"SELECT estimated_size, (SELECT count(*) FROM {POSTINGS}) FROM duckdb_tables() "
        f"WHERE database_name = current_database() AND schema_name || '.' || table_name = '{POSTINGS}'"
    ).fetchall()
    if stored > 2 * live:
        connection.execute("RESET max_vacuum_tasks")


def _ranges(files: Sequence[Path], memory: int) -> Iterator[str]:
    """Ranges of stems, as SQL has them after WHERE, in each of which the files' rows can be sorted within memory."""
    if not files:
        return
    sizes = [path.stat().st_size for path in files]
    parts = SORTED * sum(sizes) // memory + 1
    bounds = _bounds(files[sizes.index(max(sizes))], parts) if parts > 1 else []
    for low, high in zip_longest(["''", *bounds], bounds):
        yield f"stem >= {low}" + (f" AND stem < {high}" if high else "")


def _bounds(file: Path, parts: int) -> list[str]:
    """The stems, as SQL has them, at which a file falls into parts that have about as many places each."""
    import numpy as np
    import pyarrow.parquet as pq

    table = pq.ParquetFile(file).read(["stem", "places"])
    places = table["places"].combine_chunks()
    before = places.values.offsets.to_numpy()[places.offsets.to_numpy()]  # by stem, how many places come before
    begins = np.unique(np.searchsorted(before, before[-1] * np.arange(1, parts) / parts))
    return [literal(table["stem"][row].as_py()) for row in begins.tolist() if 0 < row < len(table)]


def macros() -> list[str]:
    """The statements that make the macros `search` and `fr.recherche`, and those that they call."""
    text = SQL.read_text("utf-8")
    columns = {f"{{{name}}}": column for name, column in zip(KEY, packing.unpacked("question"), strict=True)}
    for name, value in {
        "{word}": WORD,
        "{spaced}": SPACED,
        "{unit}": UNIT,
        "{left_out}": LEFT_OUT,
        "{little}": " ".join(sorted(LITTLE)),
        "{ending}": ENDING,
        "{shelf}": packing.packed("legislature", "question_type", "0"),
        **columns,
    }.items():
        text = text.replace(name, value)
    return [
        statement for statement in re.sub(r"^ *--.*\n", "", text, flags=re.MULTILINE).split(";\n") if statement.strip()
    ]
