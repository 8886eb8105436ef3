"""`resemblances` and `answer_resemblances`: texts that are nearly an earlier one, worked out where something moved.

A text is compared with each earlier text that was the first to have a twentieth of its letters. There are twenty of
these at most, so that the work grows with the texts and not with their pairs. A row is worked out again when the text
or day of one of them changes; so adding day by day gives the rows that a rebuild gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from etl.schema import KEY
from etl.schema.key import BITS, packed, unpacked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOUCHED = "touched"  # temporary table of the keys of the questions noted
LEAST = 0.6  # of likeness
PART = 100_000  # texts whose passages are sorted at a time
SHARE = 0.05  # of a text's letters, to be compared with who had them first
_KEY = ", ".join(KEY)
_ID = (1 << BITS) - 1


def _in_full(key: str, front: str, back: str) -> str:
    """A packed key as the columns `<front>legislature`, `<front><back>type` and `<front><back>number`."""
    names = (f"{front}legislature", f"{front}{back}type", f"{front}{back}number")
    return ", ".join(f"{column} AS {name}" for column, name in zip(unpacked(key), names, strict=True))


_LETTERS = "CAST(list_sum(list_transform({}, lambda passage: passage & 1023)) AS INTEGER)"
_PASSAGES = "(SELECT place, unnest(passages) AS passage FROM {})"


@dataclass(frozen=True)
class _Side:
    """What is compared with what.

    Attributes:
        name: question or answer.
        table: where the rows go.
        earlier: SQL of whether `original` stands before `place`.
    """

    name: str
    table: str
    earlier: str

    @property
    def before(self) -> str:
        """Temporary table of the texts that are about to be written over."""
        return f"{self.name}s_before"

    def texts(self, among: str = "") -> str:
        """The last text of questions: where it stands, and its passages, whose last ten bits are their length.

        It stands by its day, then by the question's key.
        """
        day = f"datediff('day', DATE '1900-01-01', coalesce({self.name}_date, DATE '2199-12-31'))"
        texts = f"{self.name}_texts"
        return f"""
            SELECT ({day} << {BITS}) + {packed(*KEY)} AS place, passages
            FROM {texts} AS text
            ANTI JOIN (
                SELECT {_KEY}, max(rank) AS last FROM {texts} WHERE rank > 1 AND passages IS NOT NULL GROUP BY ALL
            ) AS later ON {" AND ".join(f"later.{name} = text.{name}" for name in KEY)} AND last > rank
            JOIN questions USING ({_KEY}) {among}
            WHERE passages IS NOT NULL
        """


#: Answers of one day are joint answers: an answer was used again on a later day.
_SIDES = (
    _Side("question", "resemblances", "original < place"),
    _Side("answer", "answer_resemblances", f"original >> {BITS} < place >> {BITS}"),
)


def watch(connection: DuckDBPyConnection) -> None:
    """Makes ready to take note of what changes; to be called before any of it does."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {TOUCHED} AS SELECT {_KEY} FROM questions LIMIT 0")
    for side in _SIDES:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {side.before} AS {side.texts()} LIMIT 0")


def note(connection: DuckDBPyConnection, keys: str, *, new: bool = False) -> None:
    """Takes note of questions that are about to be written.

    Args:
        connection: the warehouse, as it still is.
        keys: their keys, as SQL has them after FROM.
        new: it has none of them yet.
    """
    connection.execute(f"INSERT INTO {TOUCHED} SELECT {_KEY} FROM {keys}")
    if not new:
        for side in _SIDES:
            connection.execute(f"INSERT INTO {side.before} {side.texts(f'SEMI JOIN {keys} USING ({_KEY})')}")


def fill(connection: DuckDBPyConnection, *, anew: bool) -> None:
    """Brings both tables in line with the texts of the questions noted.

    Args:
        connection: the warehouse, as it is to be.
        anew: it held no question before.
    """
    for side in _SIDES:
        _fill(connection, side, anew=anew)


def _fill(connection: DuckDBPyConnection, side: _Side, *, anew: bool) -> None:
    run = connection.execute
    run(f"CREATE TEMP TABLE every AS {side.texts()}")  # it is read many times
    some = "every"
    if not anew:
        run(f"CREATE OR REPLACE TEMP TABLE after AS {side.texts(f'SEMI JOIN {TOUCHED} USING ({_KEY})')}")
        differing = f"(FROM {side.before} EXCEPT FROM after) UNION ALL (FROM after EXCEPT FROM {side.before})"
        run(f"CREATE OR REPLACE TEMP TABLE moved AS {differing}")
        for statement in _AFFECTED:
            run(statement.format(table=side.table, before=side.before))
        some = "after"
    [(texts,)] = run(f"SELECT count(*) FROM {some}").fetchall()
    parts = texts // PART + 1
    run("CREATE TEMP TABLE shares (place BIGINT, original BIGINT, letters INTEGER)")
    for part in range(parts):
        run(_SHARES.format(some=some, earlier=side.earlier, part=f"(passage >> 10) % {parts} = {part}"))
    run(f"CREATE TEMP TABLE sizes AS SELECT place, {_LETTERS.format('passages')} AS letters FROM every")
    run("CREATE TEMP TABLE likely (place BIGINT, original BIGINT, letters INTEGER)")
    for part in range(parts):
        run(_LIKELY.format(part=f"place % {parts} = {part}"))
    run(_LIKE.format(table=side.table, some=some))
    for table in ("every", "shares", "sizes", "likely"):
        run(f"DROP TABLE {table}")


_AFFECTED = (
    # of the passages that came or went, those of which another text is the first now, or the first is one that moved
    f"""CREATE OR REPLACE TEMP TABLE shifted AS
        WITH now AS (
            SELECT passage, min(place) AS first
            FROM {_PASSAGES.format("every")} SEMI JOIN {_PASSAGES.format("moved")} USING (passage) GROUP BY ALL
        ),
        past AS (SELECT passage, min(place) AS before FROM {_PASSAGES.format("{before}")} GROUP BY ALL)
        SELECT passage FROM now LEFT JOIN past USING (passage)
        WHERE before < first OR first IN (SELECT place FROM moved)""",
    # whose row may differ: who moved, who resembles one that moved, and who has such a passage
    f"""CREATE OR REPLACE TEMP TABLE affected AS
        WITH ids AS (SELECT place & {_ID} AS id FROM moved)
        SELECT id FROM ids
        UNION
        SELECT {packed(*KEY)} FROM {{table}}
        WHERE {packed("original_legislature", "original_type", "original_number")} IN (FROM ids)
        UNION
        SELECT place & {_ID} FROM {_PASSAGES.format("every")} SEMI JOIN shifted USING (passage)""",
    f"DELETE FROM {{table}} WHERE {packed(*KEY)} IN (FROM affected)",
    f"CREATE OR REPLACE TEMP TABLE after AS SELECT * FROM every WHERE place & {_ID} IN (FROM affected)",
)
#: How much of each text is in passages that an earlier one was the first to have; part by part, to fit in memory.
_SHARES = f"""
    INSERT INTO shares
    WITH mine AS (FROM {_PASSAGES.format("{some}")} WHERE {{part}}),
    firsts AS (
        SELECT passage, min(place) AS original
        FROM {_PASSAGES.format("every")} WHERE passage IN (SELECT passage FROM mine)
        GROUP BY ALL
    )
    SELECT place, original, sum(passage & 1023) FROM mine JOIN firsts USING (passage)
    WHERE {{earlier}} GROUP BY ALL
"""
#: The pairs that may be alike, a thirtieth of all, told by their letters alone.
_LIKELY = f"""
    INSERT INTO likely
    WITH pairs AS (
        -- letters that two texts share may count for a still earlier one: `most` bounds what they can share
        SELECT place, original, sum(letters) AS first, sum(first) OVER (PARTITION BY place ORDER BY original) AS most
        FROM shares WHERE {{part}} GROUP BY place, original
    )
    SELECT pairs.place, original, later.letters + earlier.letters AS letters
    FROM pairs JOIN sizes AS later ON later.place = pairs.place JOIN sizes AS earlier ON earlier.place = original
    WHERE first >= {SHARE} * later.letters
    AND least(most, earlier.letters) * (1 + {LEAST}) >= {LEAST} * (later.letters + earlier.letters)
"""
_LIKE = f"""
    INSERT INTO {{table}} BY NAME
    WITH compared AS (
        SELECT likely.place, original, {_LETTERS.format("list_intersect(later.passages, earlier.passages)")} AS common,
               common / (likely.letters - common) AS likeness
        FROM likely JOIN {{some}} AS later ON later.place = likely.place
        JOIN every AS earlier ON earlier.place = original
    )
    SELECT {_in_full("place", "", "question_")}, {_in_full("min(original)", "original_", "")},
           arg_min(likeness, original) AS similarity
    FROM compared WHERE likeness >= {LEAST} GROUP BY place
"""
