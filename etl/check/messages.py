"""What the two processes of the check say to each other, and what comes out of it."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Severity = Literal["critical", "warning", "info"]


class CheckJob(msgspec.Struct, frozen=True, kw_only=True):
    """One partition to check: every question of an archive, as it would enter the lake.

    Attributes:
        archive: `17/QE`.
        legislature: 17.
        question_type: QE, QG or QOSD.
        files: Parquet files by table; an empty list is an empty table.
        absent: of these, questions that the archive no longer holds; they do not count as records.
        records_before: questions that the archive held before; None when there was none.
        today: the day of the run.
        opened_on: first day of the legislature; None when unknown.
        closed_on: last day of the legislature; None while it sits.
        frozen: the legislature is over, so the archive should not change.
    """

    archive: str
    legislature: int
    question_type: str
    files: dict[str, list[str]]
    absent: int
    records_before: int | None
    today: date
    opened_on: date | None
    closed_on: date | None
    frozen: bool


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one rule holds in one archive.

    Attributes:
        archive: `17/QE`.
        suite: the table whose suite the rule is in.
        expectation: the rule's id (expectations/README.md explains each).
        severity: critical stops the release, warning and info are reported; a rule that raises is critical.
        success: whether it holds.
        observed: JSON; what was counted, or the error of a rule that raised.
        failing_rows: how many rows break it; None when the rule raised.
        examples: JSON; up to 20 failing rows, each with the question's key when the rule is about rows.
    """

    archive: str
    suite: str
    expectation: str
    severity: Severity
    success: bool
    observed: str | None
    failing_rows: int | None
    examples: str | None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a job: its results, or why there are none."""

    results: list[CheckResult] = []
    error: str | None = None
