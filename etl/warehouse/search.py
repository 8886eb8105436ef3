"""Full-text search: its index in the warehouse, kept up to date chunk by chunk, and the macro `search`."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.errors import UsageError
from etl.lake import Partition, partition_folder, read
from etl.schema import KEY, ROOT
from etl.words import ENDING, LITTLE, WORD, marked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What the macros are made from.
MADE_FROM = (Path(__file__).with_name("search.sql"), ROOT / "etl" / "words.py")
POSTINGS = "search.postings"
PART = 24e6  # bytes of the lake's files that are sorted at a time, some four times as much in memory
SNIPPET = 240  # characters, or somewhat more

_WORDS = f"SELECT DISTINCT unnest(words || [stem || '-']) AS word, stem FROM {POSTINGS}"
_REWRITTEN = "(legislature, question_type, chunk) IN (FROM rewritten)"


class Match(NamedTuple):
    """A question that was found: its key and what a person wants to see of it."""

    rank: int
    score: float
    legislature: int
    question_type: str
    question_number: int
    day: date | None
    ministry: str | None
    title: str | None
    snippet: str


def update(
    connection: DuckDBPyConnection, lake: Path, now: Iterable[Partition], before: Mapping[str, Partition]
) -> None:
    """Brings the index in line with the lake: rows of a chunk whose words are as they were stay where they are.

    Args:
        connection: the warehouse.
        lake: the lake.
        now: the lake's markers.
        before: those that the index is the state of, by name.
    """
    touched = list(_touched(now, before))
    if not touched:
        return
    files = [partition_folder(lake, POSTINGS, key) / name for key, _, name in touched if name]
    rows = f"read_parquet([{', '.join(_literal(str(path)) for path in files)}], hive_partitioning = false)"
    order = "stem, legislature, question_type, chunk"  # what a word needs lies together
    chunks = ", ".join(f"({key[0]}, '{key[1]}', {chunk})" for key, chunk, _ in touched)
    for statement in (
        f"CREATE TEMP TABLE rewritten AS FROM (VALUES {chunks}) AS _(legislature, question_type, chunk)",
        f"CREATE TEMP TABLE gone AS {_WORDS} WHERE {_REWRITTEN}",
        f"DELETE FROM {POSTINGS} WHERE {_REWRITTEN}",
        *(f"INSERT INTO {POSTINGS} BY NAME FROM {rows} WHERE {some} ORDER BY {order}" for some in _ranges(files)),
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

    if not files:
        return
    sizes = [path.stat().st_size for path in files]
    largest = read(files[sizes.index(max(sizes))], ["stem", "places"])
    places = largest["places"].combine_chunks()
    before = places.values.offsets.to_numpy()[places.offsets.to_numpy()]  # places of all stems before each
    parts = int(sum(sizes) / PART) + 1
    begins = np.unique(np.searchsorted(before, before[-1] * np.arange(1, parts) / parts))
    bounds = [_literal(largest["stem"][row].as_py()) for row in begins.tolist() if 0 < row < len(largest)]
    for low, high in zip_longest(["''", *bounds], bounds):
        yield f"stem >= {low}" + (f" AND stem < {high}" if high else "")


def _touched(
    now: Iterable[Partition], before: Mapping[str, Partition]
) -> Iterator[tuple[tuple[int, str], int, str | None]]:
    """Partition, chunk and new file, or None, of each chunk whose index differs."""
    for one in now:
        known = before.get(f"{one.legislature}-{one.question_type}")
        for chunk, files in one.chunks.items():
            name = files.get(POSTINGS)
            if name != (known.chunks.get(chunk, {}).get(POSTINGS) if known else None):
                yield one.key, chunk, name


def create(connection: DuckDBPyConnection) -> None:
    """Makes the macro `search`, and those that it stands on."""
    text = MADE_FROM[0].read_text("utf-8")
    for name, value in (
        ("{word}", WORD),
        ("{little}", " ".join(sorted(LITTLE))),
        ("{ending}", ENDING),
    ):
        text = text.replace(name, value)
    connection.execute(text)


def find(
    connection: DuckDBPyConnection, query: str, legislatures: Collection[int], types: Collection[str], limit: int
) -> list[Match]:
    """The questions that a query finds, best first.

    Args:
        connection: a release.
        query: as `search` takes it.
        legislatures: only these; none means all.
        types: only these; none means all.
        limit: so many at most.

    Raises:
        UsageError: there is no such legislature.
    """
    known = "SELECT number FROM legislatures UNION SELECT legislature FROM questions"
    if unknown := set(legislatures) - {number for (number,) in connection.execute(known).fetchall()}:
        raise UsageError(f"there is no legislature {min(unknown)}")
    query = query.encode("utf-8", "replace").decode().replace("\0", " ")
    wanted = [f"legislature IN ({', '.join(map(str, legislatures))})"] if legislatures else []
    wanted += [f"question_type IN ({', '.join(map(_literal, types))})"] if types else []
    if wanted:
        best = f"FROM search({_literal(query)}) WHERE {' AND '.join(wanted)} ORDER BY rank LIMIT {limit}"
    else:
        best = f"FROM search({_literal(query)}, at_most := {limit})"
    shown = "coalesce(question_date, answer_date), ministry, title, question_text, answer_text"
    rows = connection.execute(
        f"SELECT score, {', '.join(KEY)}, {shown} FROM ({best}) JOIN questions USING ({', '.join(KEY)}) ORDER BY rank"
    ).fetchall()
    asked = f"SELECT DISTINCT stem FROM search.asked({_literal(query)}) WHERE NOT without AND stem IS NOT NULL"
    stems = {stem for (stem,) in connection.execute(asked).fetchall()}
    return [
        Match._make((rank, *told, _snippet([text for text in (question, answer) if text], stems)))
        for rank, (*told, question, answer) in enumerate(rows, 1)
    ]


def _literal(text: str) -> str:
    """SQL's, and not a bound parameter, which would have DuckDB import pandas."""
    return "'" + text.replace("'", "''") + "'"


def _snippet(texts: Sequence[str], stems: Collection[str]) -> str:
    """Where the texts have most of the words looked for, these between **; the first of several such places."""
    best, most = "", -1
    for text in (unicodedata.normalize("NFC", one) for one in texts):
        hits = [(start, end, word.stem) for start, end, word in marked(text) if word.stem in stems]
        for start, _, _ in hits or [(0, 0, "")]:
            near = [hit for hit in hits if start <= hit[0] and hit[1] <= start + SNIPPET]
            if len({stem for _, _, stem in near}) > most:
                most, best = len({stem for _, _, stem in near}), _cut(text, start, near)
    return best


def _cut(text: str, start: int, hits: Sequence[tuple[int, int, str | None]]) -> str:
    first = max(text.rfind(" ", 0, max(start - SNIPPET // 4, 0)), 0) if start > SNIPPET // 4 else 0
    last = text.find(" ", start + SNIPPET)
    last = len(text) if last < 0 else last
    parts, at = [], first
    for begin, end, _ in hits:
        parts += [text[at:begin], "**", text[begin:end], "**"]
        at = end
    stretch = " ".join("".join([*parts, text[at:last]]).split())
    return f"{'… ' if first else ''}{stretch}{' …' if last < len(text) else ''}"
