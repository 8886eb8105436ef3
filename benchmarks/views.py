"""The views for analysts: anq's, and for some of them the same in PostgreSQL's own SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.postgres import load
from etl.warehouse.views import views

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

DAY = "DATE '2026-09-01'"
_TYPES = {"VARCHAR": "text", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "DATE": "date"}
_STATUS = f"CASE WHEN ended_on > {DAY} THEN 'pending' ELSE status END"
_AT = f"""
    (SELECT *, CASE WHEN due_on < {DAY} THEN CASE status_at WHEN 'answered' THEN answered_on <= due_on
                                                            WHEN 'pending' THEN false END END AS in_time
     FROM (SELECT *, {_STATUS} AS status_at FROM lives WHERE asked_on <= {DAY}) AS lives) AS at
"""
_SESSION = "extract(year FROM asked_on)::int - (extract(month FROM asked_on) < 10)::int"
_ACTIVITY = f"""
    SELECT legislature, {_SESSION} AS session, {{by}}, count(*) FILTER (WHERE question_type = 'QE'),
           count(*) FILTER (WHERE question_type = 'QE' AND status_at = 'answered'),
           count(*) FILTER (WHERE question_type = 'QG'), count(*) FILTER (WHERE question_type = 'QOSD')
    FROM {_AT} GROUP BY legislature, session, {{by}}
"""
_BY_MONTH = """
    SELECT *, sum(questions) OVER (PARTITION BY month, legislature, question_type),
           questions / sum(questions) OVER (PARTITION BY month, legislature, question_type)
    FROM (SELECT date_trunc('month', asked_on) AS month, legislature, question_type, rubrique, count(*) AS questions
          FROM lives WHERE asked_on IS NOT NULL GROUP BY 1, 2, 3, 4) AS counted
"""
#: PostgreSQL's SQL by view. It reads `lives`, a table with the rows of question_lives, which spares it that work.
POSTGRESQL = {
    "response_delays": f"""
        SELECT legislature, question_type, ministry, count(*), count(*) FILTER (WHERE status_at = 'answered'),
               count(*) FILTER (WHERE status_at NOT IN ('answered', 'pending')),
               count(*) FILTER (WHERE status_at = 'pending'),
               count(*) FILTER (WHERE status_at = 'pending' AND NOT in_time), count(in_time),
               count(*) FILTER (WHERE in_time), avg(in_time::int),
               percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY days)
        FROM {_AT} GROUP BY legislature, question_type, ministry""",
    "overdue": f"""
        SELECT legislature, question_type, question_number, uid, ministry, author_name, title, asked_on, due_on,
               signalled_on, {DAY} - asked_on, {DAY} - due_on
        FROM {_AT} WHERE status_at = 'pending' AND NOT in_time""",
    "signalled": f"""
        SELECT legislature, question_number, ministry, signalled_on, answered_on, answered_on - signalled_on
        FROM {_AT} WHERE signalled_on <= {DAY}""",
    "activity_by_deputy": _ACTIVITY.format(by="deputy_id"),
    "activity_by_group": _ACTIVITY.format(by="group_abbr"),
    "activity_by_department": _ACTIVITY.format(by="department"),
    "rubriques_by_month": _BY_MONTH,
    "topics_by_month": _BY_MONTH.replace("rubrique", "title"),
    "monthly_flows": """
        SELECT date_trunc('month', day) AS month, legislature, question_type, count(*) FILTER (WHERE event = 'asked'),
               count(*) FILTER (WHERE event = 'answered'), count(*) FILTER (WHERE event = 'withdrawn')
        FROM (SELECT asked_on AS day, legislature, question_type, 'asked' AS event FROM lives
              UNION ALL SELECT ended_on, legislature, question_type, status FROM lives) AS events
        WHERE day IS NOT NULL GROUP BY 1, 2, 3""",
    "question_types_compared": f"""
        SELECT legislature, question_type, count(*), count(*) FILTER (WHERE status_at = 'answered'),
               count(*) FILTER (WHERE status_at = 'pending'), percentile_cont(0.5) WITHIN GROUP (ORDER BY days)
        FROM {_AT} GROUP BY legislature, question_type""",
}  # fmt: skip


def view_queries() -> Iterator[tuple[str, str]]:
    """Every view that gives rows, and SQL that works out all its rows and columns and returns one row."""
    values = {"as_of": DAY, "age_days": "400"}
    for view in views().values():
        if not view.returns:
            call = f"({', '.join(values[parameter.name] for parameter in view.parameters)})" if view.parameters else ""
            yield view.name, f"SELECT count(*), count(COLUMNS(*)) FROM {view.name}{call}"


def rows_of(sql: str) -> str:
    """The same of a query for PostgreSQL: all its rows are worked out, and one row is returned."""
    return f"SELECT count(*), count(answer) FROM ({sql}) AS answer"


def load_lives(release: DuckDBPyConnection, postgres: Any, folder: Path) -> None:  # noqa: ANN401
    """Makes `lives` in PostgreSQL, with indexes on what most views ask for."""
    columns = {name: _TYPES[kind] for name, kind, *_ in release.execute("DESCRIBE question_lives").fetchall()}
    indexes = ("(status, asked_on)", "(ministry, asked_on)")
    load(release, postgres, folder, "lives", "FROM question_lives", columns, indexes=indexes)
