"""What the two processes of the check send each other: jobs and results."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

Severity = Literal["critical", "warning", "info"]
Rows = list[dict[str, Any]]


class CheckJob(msgspec.Struct, frozen=True, kw_only=True):
    """Tables to check together, as they would be published: an archive's, people's, an issue's, or a release's own.

    Attributes:
        archive: `17/QE`, `17/people`, `ANQ20260010`, or `release`.
        files: Parquet files by table; an empty list is an empty table. The suite of each of these tables is run.
        beside: tables that rules look up, and that are not checked.
        before: files of the same tables as they were last published; none the first time.
        database: a DuckDB file whose tables are checked where they are; `files` then only names them.
        legislature: 17; None, as all below but `today`, of what is no archive of questions.
        question_type: QE, QG or QOSD.
        absent: how many of the questions the archive no longer holds; they do not count as records.
        records_before: questions that the archive held before; None when there was none.
        today: the day of the run.
        opened_on: first day of the legislature; None when unknown.
        closed_on: last day of the legislature; None while it sits.
        frozen: the legislature is over, so the archive should not change.
        counted: questions that the archive of a closed legislature is known to hold; None when that is not known.
        weekly: the archive should have an issue every Tuesday until today.
        read_anew: other code read what was published, so that much may differ on purpose.
    """

    archive: str
    files: dict[str, list[str]]
    beside: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    database: str | None = None
    legislature: int | None = None
    question_type: str | None = None
    absent: int = 0
    records_before: int | None = None
    today: date
    opened_on: date | None = None
    closed_on: date | None = None
    frozen: bool = False
    counted: int | None = None
    weekly: bool = False
    read_anew: bool = False


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A question that breaks a critical rule about rows.

    Attributes:
        number: its number in the archive.
        rule: `questions.answer_after_question`.
        why: the reason for the rule.
        observed: JSON; the values that break it.
    """

    number: int
    rule: str
    why: str
    observed: str


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a rule holds in an archive.

    Attributes:
        archive: `17/QE`.
        suite: the table whose suite the rule is in.
        expectation: the rule's id (expectations/README.md explains each).
        severity: critical holds the archive back, warning and info are reported; a rule that raises is critical.
        success: whether it holds.
        observed: JSON; what was counted, or the error of a rule that raised.
        failing_rows: how many rows break it; None when the rule raised.
        examples: JSON; up to 20 failing rows, each with the question's key when the rule is about rows.
        aside: the questions that break a critical rule; None when a failing row is of no question of this archive,
            or the rule raised: then it speaks of the whole table.
    """

    archive: str
    suite: str
    expectation: str
    severity: Severity
    success: bool
    observed: str | None
    failing_rows: int | None
    examples: str | None
    aside: list[SetAside] | None = None

    @property
    def rule(self) -> str:
        """Suite and rule: `questions.answer_after_question`."""
        return f"{self.suite}.{self.expectation}"
