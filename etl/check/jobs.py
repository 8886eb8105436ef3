"""What is checked, and beside what: a job for an archive, for people and bodies, for an issue, and for a release."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

from etl.catalogue import PEOPLE, Archive
from etl.check.messages import CheckJob
from etl.lake import markers
from etl.lake.markers import Partition, Reference
from etl.schema import EXPECTATIONS, tables

PEOPLE_TABLES = ("deputies", "mandates", "organs")
ISSUE_TABLES = ("journal_questions", "journal_answers")


def release_tables() -> list[str]:
    """The tables that are made with a release: they are checked in it, for no file of the lake holds them."""
    sourced = {*markers.TABLES, *PEOPLE_TABLES, *ISSUE_TABLES}
    return [name for name, table in tables().items() if table.schema in ("main", "ops") and name not in sourced]


def archive_job(
    archive: Archive, staged: Partition, before: Partition | None, *, lake_path: Path, now: datetime, made_up: bool
) -> CheckJob:
    """An archive's questions and what belongs to them, beside the people and bodies that the lake knows.

    Args:
        archive: of which legislature and type.
        staged: what would enter the lake.
        before: what it would replace; None the first time.
        lake_path: the lake.
        now: time of the run.
        made_up: it is made up by code: neither known counts nor weekly issues are expected of it.
    """
    opened_on, closed_on = _days(archive.legislature)
    people = markers.reference(lake_path, PEOPLE)
    live_qe = archive.question_type == "QE" and opened_on is not None and closed_on is None
    return CheckJob(
        archive=archive.name,
        files=_files(lake_path, staged),
        beside={name: _paths(lake_path, people, name) for name in PEOPLE_TABLES},
        before=_files(lake_path, before) if before else {},
        legislature=archive.legislature,
        question_type=archive.question_type,
        absent=staged.rows["absent"],
        records_before=before.rows["questions"] - before.rows["absent"] if before else None,
        today=now.date(),
        opened_on=opened_on,
        closed_on=closed_on,
        frozen=archive.frozen and bool(staged.source_sha256),
        counted=None if made_up or not staged.source_sha256 else _counted().get(archive.key),
        weekly=live_qe and not made_up and bool(staged.source_sha256),
        read_anew=before is not None and before.code != staged.code,
    )


def reference_job(
    archive: str, staged: Reference, before: Reference | None, *, lake_path: Path, now: datetime
) -> CheckJob:
    """People and bodies, or an issue; the arguments are those of `archive_job`."""
    names = PEOPLE_TABLES if staged.name == PEOPLE else ISSUE_TABLES
    return CheckJob(
        archive=archive,
        files={name: _paths(lake_path, staged, name) for name in names},
        before={name: _paths(lake_path, before, name) for name in names},
        today=now.date(),
    )


def release_job(candidate: Path, now: datetime) -> CheckJob:
    """A release that is not published yet: the tables that are made with it."""
    return CheckJob(
        archive="release", files={name: [] for name in release_tables()}, database=str(candidate), today=now.date()
    )


def _files(lake_path: Path, partition: Partition) -> dict[str, list[str]]:
    return {name: [str(path) for path in partition.files(lake_path, name)] for name in markers.TABLES}


def _paths(lake_path: Path, reference: Reference | None, table: str) -> list[str]:
    return [str(path) for path in reference.paths(lake_path, table)] if reference else []


def _days(legislature: int) -> tuple[date | None, date | None]:
    rows: Sequence[tuple[int, date, date | None]] = tables()["legislatures"].rows
    return next(((opened, closed) for number, opened, closed in rows if number == legislature), (None, None))


@cache
def _counted() -> dict[tuple[int, str], int]:
    """How many questions the archives of closed legislatures hold."""
    with (EXPECTATIONS / "frozen_counts.csv").open(encoding="utf-8", newline="") as file:
        return {(int(row["legislature"]), row["question_type"]): int(row["questions"]) for row in csv.DictReader(file)}
