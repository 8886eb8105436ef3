"""The full-text index of a release, kept up to date chunk by chunk, and the macro `search` that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.schema import KEY
from etl.schema import key as packing
from etl.schema.sql import literal, parquet
from etl.search.words import ENDING, LITTLE, WORD

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POSTINGS = "search.postings"
SQL = Path(__file__).with_name("search.sql")
PART = 24e6  # bytes of files that are sorted at a time, some four times as much in memory

_WORDS = f"SELECT DISTINCT unnest(words || [stem || '-']) AS word, stem FROM {POSTINGS}"
_REWRITTEN = "(legislature, question_type, chunk) IN (FROM rewritten)"


class ChunkIndex(NamedTuple):
    """The index of a chunk, as it is to be.

    Attributes:
        path: its file; None when the chunk has no words any more.
    """

    legislature: int
    question_type: str
    chunk: int
    path: Path | None


def update(connection: DuckDBPyConnection, rewritten: Sequence[ChunkIndex]) -> None:
    """Replaces the rows of these chunks; those of the others stay where they are.

    Args:
        connection: the warehouse.
        rewritten: the chunks whose index differs.
    """
    if not rewritten:
        return
    files = [chunk.path for chunk in rewritten if chunk.path]
    order = "stem, legislature, question_type, chunk"  # what a word needs lies together
    chunks = ", ".join(f"({one.legislature}, {literal(one.question_type)}, {one.chunk})" for one in rewritten)
    for statement in (
        f"CREATE TEMP TABLE rewritten AS FROM (VALUES {chunks}) AS _(legislature, question_type, chunk)",
        f"CREATE TEMP TABLE gone AS {_WORDS} WHERE {_REWRITTEN}",
        f"DELETE FROM {POSTINGS} WHERE {_REWRITTEN}",
        *(
            f"INSERT INTO {POSTINGS} BY NAME FROM {parquet(files)} WHERE {stems} ORDER BY {order}"
            for stems in _ranges(files)
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
    """Has the next checkpoint clear the index of deleted rows if these are more than the others.

    Searches pass over them; but to look at each row group every night would take as long as the rest of the load.
    """
    [(stored, live)] = connection.execute(
        f"SELECT estimated_size, (SELECT count(*) FROM {POSTINGS}) FROM duckdb_tables() "
        f"WHERE database_name = current_database() AND schema_name || '.' || table_name = '{POSTINGS}'"
    ).fetchall()
    if stored > 2 * live:
        connection.execute("RESET max_vacuum_tasks")


def _ranges(files: Sequence[Path]) -> Iterator[str]:
    """Of which stems a part of files' rows is, as SQL has it after WHERE: a part can be sorted within memory."""
    import numpy as np
    import pyarrow.parquet as pq

    if not files:
        return
    sizes = [path.stat().st_size for path in files]
    largest = pq.ParquetFile(files[sizes.index(max(sizes))]).read(["stem", "places"])
    places = largest["places"].combine_chunks()
    before = places.values.offsets.to_numpy()[places.offsets.to_numpy()]  # places of all stems before each
    parts = int(sum(sizes) / PART) + 1
    begins = np.unique(np.searchsorted(before, before[-1] * np.arange(1, parts) / parts))
    bounds = [literal(largest["stem"][row].as_py()) for row in begins.tolist() if 0 < row < len(largest)]
    for low, high in zip_longest(["''", *bounds], bounds):
        yield f"stem >= {low}" + (f" AND stem < {high}" if high else "")


def create(connection: DuckDBPyConnection) -> None:
    """Makes the macro `search`, and those that it stands on."""
    connection.execute(macros())


def macros() -> str:
    """The statements that make them."""
    text = SQL.read_text("utf-8")
    columns = {f"{{{name}}}": column for name, column in zip(KEY, packing.unpacked("question"), strict=True)}
    for name, value in {
        "{word}": WORD,
        "{little}": " ".join(sorted(LITTLE)),
        "{ending}": ENDING,
        "{shelf}": packing.packed("legislature", "question_type", "0"),
        **columns,
    }.items():
        text = text.replace(name, value)
    return text
