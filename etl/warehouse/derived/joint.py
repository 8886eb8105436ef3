"""`joint_answers`: which questions one answer serves, by the weekly issues and by equal texts of the same day.

Beside it `answer_hashes`, by which equal texts of other days are known too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etl.schema import KEY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SOURCES = frozenset(("journal_questions", "journal_answers"))
"""The tables that `joint_answers` is made from, beside `questions`."""

_QUESTION = f"struct_pack({', '.join(f'{name} := {name}' for name in KEY)})"
# Texts are most of the warehouse, so each is read once: by 63 bits of its hash and its length, two different ones of a
# day meet once in 10^14 pairs.
_ANSWERS = f"""
    INSERT INTO answer_hashes BY NAME
    SELECT {", ".join(KEY)}, answer_date, CAST(hash(answer_text) >> 1 AS BIGINT) AS text_hash,
           CAST(strlen(answer_text) AS INTEGER) AS text_bytes
    FROM questions {{among}} WHERE answer_text IS NOT NULL AND answer_date IS NOT NULL
"""
# A circle is the questions that one of the two ways of knowing puts together.
_CIRCLES = f"""
    WITH answers AS (
        SELECT * FROM answer_hashes WHERE {{answer_date}}
    ),
    alike AS (
        SELECT 'text' AS known_by, answer_date, list({_QUESTION}) AS questions
        FROM answers
        SEMI JOIN (SELECT answer_date, text_hash, text_bytes FROM answers GROUP BY ALL HAVING count(*) > 1) AS shared
        USING (answer_date, text_hash, text_bytes)
        GROUP BY answer_date, text_hash, text_bytes
    ),
    printed AS (
        SELECT 'journal' AS known_by, any_value(answer.published_on) AS answer_date,
               list(DISTINCT {_QUESTION}) AS questions
        FROM journal_answers AS answer
        JOIN journal_questions AS question ON question.issue = answer.issue AND question.answer_rank = answer.rank
        WHERE answer.published_on IS NOT NULL AND {{published_on}}
        GROUP BY answer.issue, answer.rank
    ),
    circles AS (
        SELECT known_by, answer_date, row_number() OVER () AS circle, unnest(questions) AS question
        FROM (FROM alike UNION ALL FROM printed) WHERE len(questions) > 1
    )
    SELECT *, dense_rank() OVER (ORDER BY question) AS number, number AS first, number AS before FROM circles
"""
_MERGED = """
    SELECT * REPLACE (min(first) OVER (PARTITION BY answer_date, number) AS first)
    FROM (SELECT * REPLACE (min(first) OVER (PARTITION BY circle) AS first, first AS before) FROM circles)
"""
_GROUPS = """
    WITH joint AS (
        SELECT answer_date, list_sort(list(DISTINCT question)) AS questions,
               CASE WHEN min(known_by) = max(known_by) THEN min(known_by) ELSE 'both' END AS known_by
        FROM circles GROUP BY answer_date, first
    )
    SELECT format('QANR5L{}{}{}-{}', questions[1].legislature, questions[1].question_type,
                  questions[1].question_number, answer_date) AS answer_group,
           unnest(questions, max_depth := 2), answer_date, known_by, len(questions) AS size
    FROM joint ORDER BY ALL
"""
_DAYS = f"""
    INSERT INTO days
    SELECT answer_date FROM questions SEMI JOIN {{keys}} USING ({", ".join(KEY)}) WHERE answer_date IS NOT NULL
    UNION SELECT answer_date FROM joint_answers SEMI JOIN {{keys}} USING ({", ".join(KEY)})
"""


def watch(connection: DuckDBPyConnection) -> None:
    """Makes ready to take note of what changes; to be called before any of it does."""
    connection.execute("CREATE OR REPLACE TEMP TABLE days (answer_date DATE)")


def note(connection: DuckDBPyConnection, issues: str) -> None:
    """Takes note of issues whose rows are about to go, or have just come: their names, as SQL has them after IN."""
    connection.execute(f"INSERT INTO days SELECT DISTINCT published_on FROM journal_answers WHERE issue IN ({issues})")


def fill(connection: DuckDBPyConnection, keys: str | None = None) -> None:
    """Brings `answer_hashes` and `joint_answers` in line with `questions` and the issues' rows in the same file.

    Args:
        connection: the warehouse, as it is to be.
        keys: a table of the keys of questions that differ: only the days on which these were or are answered are
            looked at, and those of the issues noted, since an answer serves questions of one day. None means every day.
    """
    on, gone, among = {"answer_date": "true", "published_on": "true"}, "", ""
    if keys is not None:
        connection.execute(_DAYS.format(keys=keys))
        on = {"answer_date": "answer_date IN (FROM days)", "published_on": "answer.published_on IN (FROM days)"}
        gone = f"USING {keys} WHERE {' AND '.join(f'{keys}.{name} = answer_hashes.{name}' for name in KEY)}"
        among = f"SEMI JOIN {keys} USING ({', '.join(KEY)})"
    connection.execute(f"DELETE FROM answer_hashes {gone}")
    connection.execute(_ANSWERS.format(among=among))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE circles AS {_CIRCLES.format(**on)}")
    moved = True
    while moved:  # the lowest number of a circle goes on to the circles that share a question with it
        connection.execute(f"CREATE OR REPLACE TEMP TABLE circles AS {_MERGED}")
        moved = connection.execute("SELECT bool_or(first <> before) FROM circles").fetchall()[0][0]
    connection.execute(f"DELETE FROM joint_answers WHERE {on['answer_date']}")
    connection.execute(f"INSERT INTO joint_answers BY NAME {_GROUPS}")
    connection.execute("DROP TABLE circles")
