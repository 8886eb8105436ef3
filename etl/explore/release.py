"""Opens the current release for the explorer, and keeps it open until another one is current."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from etl.errors import UsageError
from etl.warehouse.query import connect
from etl.warehouse.release import current, current_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KNOWN = (
    "SELECT function_name FROM duckdb_functions() UNION SELECT view_name FROM duckdb_views() "
    "UNION SELECT table_name FROM duckdb_tables()"
)
#: Views and macros that the pages query.
NEEDED = ("search", "answer_due", "questions_at", "monthly_backlog")
FAMILIES = "ministry_families"
_FACTS = """
WITH fetched AS (
    SELECT coalesce((SELECT max(fetched_at) FROM ops.sources), (SELECT max(changed_at) FROM questions))::DATE
           AS fetched_on)
SELECT fetched_on, count(*) AS questions,
       min(coalesce(question_date, answer_date)) AS first_day,
       coalesce(max(greatest(question_date, answer_date)) FILTER (greatest(question_date, answer_date) <= fetched_on),
                fetched_on) AS last_issue,
       list(DISTINCT legislature ORDER BY legislature DESC) AS legislatures
FROM questions, fetched
GROUP BY fetched_on
"""


@dataclass(frozen=True)
class Opened:
    """An open release.

    Attributes:
        connection: read-only.
        name: the release's name.
        fetched_on: day of the last fetch, which the licence asks to be named.
        questions: number of questions.
        first_day: day of the oldest question.
        last_issue: day of the last issue of the Journal officiel that has a question or an answer.
        legislatures: legislatures that have questions, newest first.
        families: whether the release has families of ministries.
        sample: whether the data are made up.
        held_back: archives whose new state did not pass its check, so that their data are older, or not there.
    """

    connection: DuckDBPyConnection
    name: str
    fetched_on: date
    questions: int
    first_day: date
    last_issue: date
    legislatures: list[int]
    families: bool
    sample: bool
    held_back: list[str]

    @classmethod
    def current(cls, warehouse: Path) -> Opened:
        """Opens the current release.

        Raises:
            UsageError: there is no release yet, it lacks a view that the pages query, or it has no question.
        """
        now = current(warehouse)
        connection = connect(warehouse, now)
        assert now is not None
        known = {name for (name,) in connection.sql(_KNOWN).fetchall()}
        if not known.issuperset(NEEDED):
            raise UsageError("the current release is too old for the explorer; `anq run` makes a new one")
        connection.execute("SET temp_directory = ''")  # nothing may be written beside a release
        row = connection.sql(_FACTS).fetchone()
        if row is None:
            raise UsageError("the current release holds no question, only people or issues; `anq run` brings some")
        return cls(connection, now.name, *row, FAMILIES in known, now.sample, now.held_back)  # type: ignore[call-arg]


class Current:
    """The current release of a warehouse, opened once."""

    def __init__(self, warehouse: Path) -> None:
        self._warehouse = warehouse
        self._lock = Lock()
        self._path: Path | None = None
        self._opened: Opened | None = None

    def opened(self) -> Opened:
        """The current release.

        Raises:
            UsageError: as `Opened.current`.
        """
        with self._lock:
            path = current_path(self._warehouse).resolve()
            if self._opened is None or path != self._path:
                self._path, self._opened = path, Opened.current(self._warehouse)
            return self._opened
