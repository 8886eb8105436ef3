"""People and bodies, and the weekly issues: fetched, read and checked into the lake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from etl import journal, lake, ops, people
from etl.catalogue import PEOPLE, Archive, Issue
from etl.catalogue import people as people_archive
from etl.check import Checker, CheckResult, gate
from etl.check.jobs import reference_job
from etl.errors import AnqError, GateError, SourceError
from etl.fetch import Download, Progress, list_issues, next_legislatures
from etl.lake import Reference
from etl.settings import Settings
from etl.steps.part import (
    Fetching,
    Outcome,
    Say,
    check_rows,
    fetch_into,
    look_again,
    outcome_row,
    references_locked,
    refuse_sample,
    running,
    step,
)


def prepare_people(
    settings: Settings,
    now: datetime,
    run_id: str,
    *,
    force: bool = False,
    named: bool = False,
    progress: Progress | None = None,
    say: Say = lambda _: None,
    checker: Checker | None = None,
) -> Outcome:
    """Fetches, reads and checks people and bodies into the lake.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run, for the ledger.
        force: do it though nothing is new.
        named: they were asked for by name, so that a source without them is an error.
        progress: told of bytes as they arrive.
        say: told of an error.
        checker: the run's; None means one of its own.

    Returns:
        What came of it, an error included.
    """
    refuse_sample(settings)
    archive = people_archive(next_legislatures(settings))
    work = Fetching(archive=archive, outcome=Outcome(archive.name))
    with step(work, run_id, "fetch", say):
        fetch_into(work, settings, now, force, named, progress)
    todo = work.download and _are_new_people(work.download, settings, force)
    if todo:
        with references_locked("people", settings):
            look_again(work, settings)
            todo = work.download and _are_new_people(work.download, settings, force)
            if todo:
                _read_people(work, settings, now, run_id, force, say, checker)
    if todo or work.outcome.error or work.ledger["ops.sources"]:
        ops.write(settings.lake, run_id, archive.name, work.ledger)
    return work.outcome


def prepare_journal(
    settings: Settings,
    now: datetime,
    run_id: str,
    *,
    force: bool = False,
    progress: Progress | None = None,
    say: Say = lambda _: None,
    checker: Checker | None = None,
) -> Outcome:
    """Fetches, reads and checks into the lake the weekly issues that it does not have.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run, for the ledger.
        force: do it though they are there.
        progress: told of bytes as they arrive.
        say: told of each error.
        checker: the run's; None means one of its own.

    Returns:
        What came of them together, with the first error.
    """
    refuse_sample(settings)
    whole, wanted = Outcome("journal", "absent"), list[Issue]()
    try:
        wanted = list_issues(settings, now)
    except SourceError as error:
        whole.error, whole.state = error, "failed"
        say(str(error))
        ops.write(settings.lake, run_id, "journal", {"ops.outcomes": [outcome_row(whole, run_id, "fetch", None)]})
    works = [Fetching(archive=issue, outcome=Outcome(issue.name)) for issue in wanted]
    with references_locked("journal", settings):
        staged = []
        for work in works:
            if one := _stage_issue(work, settings, now, run_id, force, progress, say):
                staged.append((work, one))
        if staged:
            with running(checker) as checking:
                _check_references(staged, settings, checking, now, run_id, say)
        for work in works:
            if work.ledger["ops.checks"] or work.outcome.error:
                ops.write(settings.lake, run_id, work.archive.name, work.ledger)
            _add(whole, work.outcome)
    return whole


def _add(whole: Outcome, one: Outcome) -> None:
    whole.state = max(whole.state, one.state, key=("absent", "unchanged", "changed", "failed").index)
    whole.error = whole.error or one.error
    whole.records += one.records
    whole.changed += one.changed
    whole.quarantined += one.quarantined
    whole.anomalies += one.anomalies


def _stage_issue(
    work: Fetching,
    settings: Settings,
    now: datetime,
    run_id: str,
    force: bool,
    progress: Progress | None,
    say: Say,
) -> Reference | None:
    """Fetches and reads an issue, unless it is in the lake; what is to be checked."""
    assert isinstance(work.archive, Issue)
    sample = settings.source == "sample"
    before = lake.reference(settings.lake, work.archive.name)
    if before and (before.code, before.sample) != (journal.code(), sample):
        before = None
    if before and not (force or sample):  # an issue never changes; the sample's do when what makes it does
        return None
    with step(work, run_id, "fetch", say):
        fetch_into(work, settings, now, force, False, progress)
    if work.download is None or (before and not force and before.source_sha256 == work.download.sha256):
        return None
    with step(work, run_id, "parse", say):
        staged = journal.build(
            work.archive,
            work.download.path(settings),
            lake_path=settings.lake,
            fetched_at=work.download.fetched_at,
            sample=sample,
        )
        work.outcome.records = work.outcome.changed = staged.records
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        return staged.reference
    return None


def _are_new_people(download: Download, settings: Settings, force: bool) -> bool:
    before = lake.reference(settings.lake, PEOPLE)
    now = (download.sha256, people.code(), settings.source == "sample")
    return force or before is None or (before.source_sha256, before.code, before.sample) != now


def _read_people(
    work: Fetching, settings: Settings, now: datetime, run_id: str, force: bool, say: Say, checker: Checker | None
) -> None:
    assert work.download is not None
    assert isinstance(work.archive, Archive)
    before, staged = lake.reference(settings.lake, PEOPLE), None
    with running(checker) as checking:
        checking.warm()
        with step(work, run_id, "parse", say):
            staged = people.build(
                work.archive,
                work.download.path(settings),
                lake_path=settings.lake,
                fetched_at=work.download.fetched_at,
                sample=settings.source == "sample",
            )
            work.outcome.records, work.outcome.changed = staged.records, staged.changed
            work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        if staged:
            _check_references([(work, staged.reference)], settings, checking, now, run_id, say)
    if work.outcome.state == "changed" and not force and before and staged and before.digest == staged.reference.digest:
        work.outcome.state = "unchanged"


def _check_references(
    staged: Sequence[tuple[Fetching, Reference]],
    settings: Settings,
    checker: Checker,
    now: datetime,
    run_id: str,
    say: Say,
) -> None:
    """Checks people and bodies, or issues, together; those that pass enter the lake."""
    error, results, started = None, list[CheckResult](), time.monotonic()
    jobs = []
    for _, one in staged:
        before = lake.reference(settings.lake, one.name)
        before = before if before and before.sample == one.sample else None
        jobs.append(reference_job(one, before, lake_path=settings.lake, now=now))
    try:
        results = checker.check(jobs) if jobs else []
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / max(len(jobs), 1)
    for work, one in staged:
        with step(work, run_id, "check", say, share):
            if error:
                raise error
            work.results = [result for result in results if result.archive == one.name]
            work.ledger["ops.checks"] += check_rows(work, run_id)
            try:
                gate(work.results)
            except GateError:
                lake.sweep_reference(settings.lake, one.name)
                raise
            lake.commit_reference(settings.lake, one)
            work.outcome.state = "changed"
