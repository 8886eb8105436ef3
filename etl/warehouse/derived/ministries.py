"""Ministries that the archive of people and bodies does not know: anomalies that only a load can tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KIND = "unknown_ministry"

_SINCE = 13  # the first legislature of whose ministries the archive has more than a stray one
_FOLDED = "strip_accents(lower(replace({}, '’', '''')))"
_SHORT, _NAME = _FOLDED.format("short"), _FOLDED.format("name")
_NOTE = f"""
    INSERT INTO ops.anomalies BY NAME
    WITH named AS NOT MATERIALIZED (
        SELECT legislature, question_type, question_number, 'ministry_asked' AS what,
               ministry_asked_id AS id, ministry_asked AS short, ministry_asked_name AS name
        FROM questions WHERE legislature >= {_SINCE}
        UNION ALL BY NAME
        SELECT legislature, question_type, question_number, 'attributions.ministry' AS what,
               ministry_id AS id, ministry AS short, ministry_name AS name
        FROM attributions WHERE legislature >= {_SINCE}
    ), labels AS (
        SELECT {_FOLDED.format("unnest([name, short_name])")} AS label FROM organs WHERE organ_type = 'MINISTERE'
    ), unknown_names AS (
        SELECT short, name FROM (SELECT DISTINCT short, name FROM named WHERE id IS NULL)
        WHERE coalesce(short, name) IS NOT NULL AND NOT EXISTS (FROM labels WHERE label IN ({_SHORT}, {_NAME}))
    ), unknown AS (
        SELECT * FROM named ANTI JOIN organs ON organ_id = id WHERE id IS NOT NULL
        UNION ALL BY NAME
        SELECT named.* FROM named SEMI JOIN unknown_names
            ON named.short IS NOT DISTINCT FROM unknown_names.short
            AND named.name IS NOT DISTINCT FROM unknown_names.name
        WHERE named.id IS NULL
    )
    SELECT DISTINCT legislature, question_type, question_number, '{KIND}' AS kind, 'info' AS level, what,
           left(concat_ws(': ', id, coalesce(short, name)), 200) AS value
    FROM unknown WHERE EXISTS (FROM labels) ORDER BY ALL
"""


def note(connection: DuckDBPyConnection) -> None:
    """Fills `ops.anomalies` anew with the ministries of questions that `organs` does not hold.

    One with an id is looked for by its id, one without by its short or full name, accents and case aside. Nothing is
    noted while there are no ministries in `organs`.

    Args:
        connection: the warehouse, with its questions, attributions and organs as they are to be.
    """
    connection.execute(f"DELETE FROM ops.anomalies WHERE kind = '{KIND}'")
    connection.execute(_NOTE)
