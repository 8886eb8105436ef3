"""Who asked: name, civility, department, region and group of an author, by the mandate, at the question's date.

The lake's rows stay what their source said; what the tables of people tell is worked out of both at load time, and
what they cannot tell stays as the row has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etl.schema import KEY

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = ("deputies", "mandates", "organs")
SAID = ("author_name", "department", "group_id", "group_abbr", "group_name")
"""The columns that a question's source may tell."""
COLUMNS = (*SAID, "civility", "region")
_IS_RESOLVED = "absent_since IS NULL AND deputy_id IN (SELECT deputy_id FROM deputies)"
_FORGOTTEN = ", ".join(f"CASE WHEN {_IS_RESOLVED} THEN NULL ELSE {name} END AS {name}" for name in SAID)
UNRESOLVED = f"(SELECT * REPLACE ({_FORGOTTEN}) FROM questions)"
"""The warehouse's questions, as SQL has it after FROM, without what `resolve` tells of authors that it knows. What is
absent keeps it, for no source tells it again."""
_KEY = ", ".join(KEY)
_ASKED = ", ".join(f"asked.{name}" for name in KEY)
_SAME = " AND ".join(f"questions.{name} = resolved.{name}" for name in KEY)
_RUNNING = "asked.day BETWEEN mandates.started_on AND coalesce(mandates.ended_on, DATE '9999-12-31')"
#: Of two mandates that run on a day, the later one; of two that began together, the one with the higher number.
_LAST = "(mandates.started_on, length(mandates.mandate_id), mandates.mandate_id)"

_RESOLVE = f"""
    CREATE OR REPLACE TEMP TABLE resolved AS
    WITH asked AS (
        SELECT {_KEY}, deputy_id, {", ".join(SAID)}, own.elected_in, own.elected_region, joined.joined_on,
               CASE question_type WHEN 'QG' THEN answer_date ELSE question_date END AS day
        FROM {{rows}} AS fresh {{among}}
        LEFT JOIN (SELECT mandate_id, department AS elected_in, region AS elected_region FROM mandates) AS own
        USING (mandate_id)
        LEFT JOIN (SELECT deputy_id, organ_id AS group_id, min(started_on) AS joined_on
                   FROM mandates WHERE organ_type = 'GP' GROUP BY ALL) AS joined
        USING (deputy_id, group_id)
    ), running AS (
        SELECT {_ASKED}, arg_max(mandates.department, {_LAST}) AS department,
               arg_max(mandates.region, {_LAST}) AS region
        FROM asked JOIN mandates USING (deputy_id)
        WHERE asked.elected_in IS NULL AND mandates.organ_type = 'ASSEMBLEE' AND {_RUNNING}
        GROUP BY ALL
    ), sitting AS (  -- where the source gives no group, or one that the author came to later
        SELECT {_ASKED}, arg_max(organs, {_LAST}) AS organ
        FROM asked JOIN mandates USING (deputy_id) JOIN organs USING (organ_id)
        WHERE (asked.group_id IS NULL OR asked.joined_on > asked.day) AND mandates.organ_type = 'GP' AND {_RUNNING}
        GROUP BY ALL
    )
    SELECT {_KEY},
           CASE WHEN last_name IS NULL THEN author_name ELSE concat_ws(' ', first_name, last_name) END AS author_name,
           coalesce(elected_in, running.department, asked.department) AS department,
           CASE WHEN organ IS NULL THEN group_id ELSE organ.organ_id END AS group_id,
           CASE WHEN organ IS NULL THEN group_abbr ELSE organ.abbr END AS group_abbr,
           CASE WHEN organ IS NULL THEN group_name ELSE organ.name END AS group_name,
           civility, coalesce(elected_region, running.region) AS region
    FROM asked LEFT JOIN deputies USING (deputy_id) LEFT JOIN running USING ({_KEY}) LEFT JOIN sitting USING ({_KEY})
"""


def resolve(connection: DuckDBPyConnection, rows: str, among: str | None = None) -> None:
    """Makes the temporary table `resolved`: for each question its key and COLUMNS.

    Args:
        connection: the warehouse, with its tables of people as they are to be.
        rows: the lake's questions, as SQL has it after FROM.
        among: a table of keys; only these questions.
    """
    chosen = f"SEMI JOIN {among} USING ({_KEY})" if among else ""
    connection.execute(_RESOLVE.format(rows=rows, among=chosen))


def correct(connection: DuckDBPyConnection, rows: str) -> None:
    """Brings the warehouse's questions in line with its tables of people; only rows that differ are touched.

    Args:
        connection: the warehouse, with its tables of people as they are to be.
        rows: the lake's questions, all of which the warehouse holds, as SQL has it after FROM.
    """
    resolve(connection, rows)
    new = ", ".join(f"{name} = resolved.{name}" for name in COLUMNS)
    differ = " OR ".join(f"questions.{name} IS DISTINCT FROM resolved.{name}" for name in COLUMNS)
    connection.execute(f"UPDATE questions SET {new} FROM resolved WHERE {_SAME} AND ({differ})")
