"""The release that a visit looks at: the current one when the page is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.warehouse.query import connect
from etl.warehouse.release import current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


_KNOWN = "SELECT function_name FROM duckdb_functions() UNION SELECT view_name FROM duckdb_views()"
#: Views and macros that the pages ask.
NEEDED = ("search", "answer_due", "response_delays", "monthly_backlog", "monthly_flows", "rubriques_by_month")


@dataclass(frozen=True)
class Opened:
    """A release that is open.

    Attributes:
        connection: to it, read-only.
        name: the release's.
        fetched_on: day of the last fetch, which the licence asks to be named.
        questions: how many it holds.
        first_day: of the oldest question.
        legislatures: that have questions, the newest first.
        sample: the data are made up.
    """

    connection: DuckDBPyConnection
    name: str
    fetched_on: date
    questions: int
    first_day: date
    legislatures: list[int]
    sample: bool

    @classmethod
    def current(cls, warehouse: Path) -> Opened:
        """Opens the current release.

        Raises:
            UsageError: there is none yet, it was made before the views that the pages ask, or it has no question.
        """
        now = current(warehouse)
        connection = connect(warehouse, now)
        assert now is not None
        known = {name for (name,) in connection.sql(_KNOWN).fetchall()}
        if not known.issuperset(NEEDED):
            raise UsageError("the current release is too old for the explorer; `anq run` makes a new one")
        connection.execute("SET temp_directory = ''")  # nothing is written beside a release
        row = connection.sql(
            "SELECT coalesce((SELECT max(fetched_at) FROM ops.sources), max(changed_at))::DATE AS fetched_on,\n"
            "       count(*) AS questions,\n"
            "       min(coalesce(question_date, answer_date)) AS first_day,\n"
            "       list(DISTINCT legislature ORDER BY legislature DESC) AS legislatures\n"
            "FROM questions"
        ).fetchone()
        assert row
        if not row[1]:
            raise UsageError("the current release holds no question, only people or issues; `anq run` brings some")
        return cls(connection, now.name, *row, now.sample)  # type: ignore[call-arg]
