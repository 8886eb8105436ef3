"""`ministry_families`: which families a ministry is of, whatever it is called, by the rules of schemas/families.yaml.

The short name decides: the full one of a junior minister names the minister above too, who has other remits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KIND = "ministry_without_family"

#: Where questions name a ministry: its id, its short name, the table.
_NAMED = (
    ("ministry_asked_id", "ministry_asked", "questions"),
    ("ministry_id", "ministry", "questions"),
    ("ministry_id", "ministry", "attributions"),
)
_LABELS = f"""
    CREATE OR REPLACE TEMP TABLE labels AS
    SELECT ministry, list_sort(list(DISTINCT id) FILTER (id IS NOT NULL)) AS ministry_ids
    FROM (
        SELECT coalesce(short_name, name) AS ministry, organ_id AS id FROM organs WHERE organ_type = 'MINISTERE'
        {" ".join(f"UNION SELECT DISTINCT {name}, {ref} FROM {table}" for ref, name, table in _NAMED)}
    )
    WHERE ministry IS NOT NULL GROUP BY ministry
"""
#: A name in small letters, with a space on each side of every word, and without what a rule excludes.
_FOLDED = "' ' || trim(regexp_replace(lower(strip_accents(ministry)), '[^a-z0-9]+', ' ', 'g')) || ' '"
_LEFT = f"list_reduce(list_prepend({_FOLDED}, excluded), lambda name, one: replace(name, ' ' || one || ' ', ' / '))"
_FAMILIES = f"""
    INSERT INTO ministry_families BY NAME
    SELECT ministry, family, list_filter(words, lambda word: contains(name, ' ' || word || ' ')) AS matched_words,
           ministry_ids
    FROM (SELECT *, {_LEFT} AS name FROM labels CROSS JOIN families)
    WHERE len(matched_words) > 0 ORDER BY ALL
"""
_WITHOUT = f"""
    INSERT INTO ops.anomalies BY NAME
    WITH told AS (
        SELECT NULL AS legislature, 'people' AS question_type, NULL AS question_number, 'organs.short_name' AS what,
               coalesce(short_name, name) AS ministry
        FROM organs WHERE organ_type = 'MINISTERE'
        {
    " ".join(
        f"UNION ALL SELECT legislature, question_type, question_number, 'ministry', {name} FROM {table}"
        for _, name, table in _NAMED
    )
}
    )
    SELECT legislature, question_type, min(question_number) AS question_number, '{KIND}' AS kind, 'warning' AS level,
           what, left(ministry, 200) AS value
    FROM told SEMI JOIN (FROM labels ANTI JOIN ministry_families USING (ministry)) USING (ministry)
    GROUP BY legislature, question_type, what, ministry ORDER BY ALL
"""


def fill(connection: DuckDBPyConnection) -> None:
    """Fills `ministry_families` anew, and notes in `ops.anomalies` the names without a family.

    One is noted once an archive, at the first question that has it.

    Args:
        connection: the warehouse, with its questions, attributions, organs and families as they are to be.
    """
    connection.execute(_LABELS)
    connection.execute("DELETE FROM ministry_families")
    connection.execute(_FAMILIES)
    connection.execute(f"DELETE FROM ops.anomalies WHERE kind = '{KIND}'")
    connection.execute(_WITHOUT)
    connection.execute("DROP TABLE labels")
