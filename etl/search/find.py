"""Full-text search as `anq search` shows it: questions with a snippet."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from etl.errors import UsageError
from etl.schema import KEY
from etl.schema.sql import literal, literals
from etl.search.words import marked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SNIPPET = 240  # characters, or somewhat more


class Match(NamedTuple):
    """A question that matches: its key, and what a person wants to see of it."""

    rank: int
    score: float
    legislature: int
    question_type: str
    question_number: int
    day: date | None
    ministry: str | None
    title: str | None
    snippet: str


def find(
    connection: DuckDBPyConnection, query: str, legislatures: Collection[int], types: Collection[str], limit: int
) -> list[Match]:
    """The questions that match a query, best first.

    Args:
        connection: a release.
        query: as `search` takes it.
        legislatures: only these; empty means all.
        types: only these; empty means all.
        limit: the most that are given.

    Raises:
        UsageError: there is no such legislature.
    """
    known = "SELECT number FROM legislatures UNION SELECT legislature FROM questions"
    if unknown := set(legislatures) - {number for (number,) in connection.execute(known).fetchall()}:
        raise UsageError(f"there is no legislature {min(unknown)}")
    query = _plain(query)
    wanted = [f"legislature IN ({', '.join(map(str, legislatures))})"] if legislatures else []
    wanted += [f"question_type IN ({literals(types)})"] if types else []
    if wanted:
        best = f"FROM search({literal(query)}) WHERE {' AND '.join(wanted)} ORDER BY rank LIMIT {limit}"
    else:
        best = f"FROM search({literal(query)}, at_most := {limit})"
    shown = "coalesce(question_date, answer_date), ministry, title, question_text, answer_text"
    rows = connection.execute(
        f"SELECT score, {', '.join(KEY)}, {shown} FROM ({best}) JOIN questions USING ({', '.join(KEY)}) ORDER BY rank"
    ).fetchall()
    asked = f"SELECT DISTINCT stem FROM search.asked({literal(query)}) WHERE NOT without AND stem IS NOT NULL"
    stems = {stem for (stem,) in connection.execute(asked).fetchall()}
    return [
        Match._make((rank, *row, snippet([text for text in (question, answer) if text], stems)))
        for rank, (*row, question, answer) in enumerate(rows, 1)
    ]


def suggestions(connection: DuckDBPyConnection, query: str) -> list[tuple[str, str]]:
    """Each word of a query that no text has, and the nearest word that one has.

    Args:
        connection: a release; one from before suggestions gives none.
        query: as `search` takes it.
    """
    if not connection.execute("FROM duckdb_functions() WHERE function_name = 'did_you_mean'").fetchall():
        return []
    return connection.execute(f"FROM did_you_mean({literal(_plain(query))})").fetchall()


def _plain(query: str) -> str:
    """A query as SQL can hold it."""
    return query.encode("utf-8", "replace").decode().replace("\0", " ")


def snippet(texts: Sequence[str], stems: Collection[str]) -> str:
    """The stretch of the texts with most of the stems, the first of equals; their words stand between **."""
    best, most = "", -1
    for text in (unicodedata.normalize("NFC", text) for text in texts):
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
