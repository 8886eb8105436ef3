"""People and bodies, and the weekly issues: fetched, read and checked into the lake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from etl.catalogue import PEOPLE, Archive, Issue
from etl.catalogue import people as people_archive
from etl.check import CheckResult
from etl.check.jobs import reference_job
from etl.errors import AnqError, GateError, SourceError
from etl.fetch import Download, list_issues, next_legislatures
from etl.lake import decisions, journal, ledger, markers, people
from etl.lake.locks import references_locked
from etl.lake.markers import Reference
from etl.run.context import Run
from etl.run.decide import admission
from etl.run.sample import refuse_sample
from etl.run.work import Fetched, Outcome, step


def prepare_people(run: Run, *, named: bool = False) -> Outcome:
    """Fetches, reads and checks people and bodies into the lake.

    Args:
        run: the run.
        named: they were asked for by name, so that a source without them is an error.

    Returns:
        What came of it, an error included.
    """
    refuse_sample(run.settings)
    archive, work = _fetch_people(run, named)
    todo = work.download and _are_new_people(work.download, run)
    if todo:
        with ExitStack() as locks:
            work.lock(references_locked(run.settings.lake, "people"), locks, run)
            work.look_again(run)
            todo = work.download and not work.outcome.error and _are_new_people(work.download, run)
            if todo:
                _read_people(work, archive, run)
    elif work.download and not work.outcome.error:
        decisions.let_go(run.settings.lake, archive.name)  # the state that the lake has is the source's again
    if todo or work.outcome.error or work.ledger["ops.sources"]:
        work.tell(run, archive.name)
    return work.outcome


def _fetch_people(run: Run, named: bool) -> tuple[Archive, Fetched]:
    """The archive of the legislature that sits; while a new one has none yet, of the one before."""
    opened = next_legislatures(run.settings)
    for known in dict.fromkeys((opened, opened[:-1])):
        archive = people_archive(known)
        work = Fetched(archive=archive, outcome=Outcome(archive.name))
        with step(work, run, "fetch"):
            work.fetch(run, named=named and known == opened[:-1])
        if work.outcome.state != "absent":
            break
    return archive, work


def prepare_journal(run: Run) -> Outcome:
    """Fetches, reads and checks into the lake the weekly issues that it does not have.

    Returns:
        What came of them together, with the first error.
    """
    refuse_sample(run.settings)
    whole, wanted = Outcome("journal", "absent"), list[Issue]()
    try:
        wanted = list_issues(run.settings, run.now)
    except SourceError as error:
        _fail(whole, error, "fetch", run)
    works = [(issue, Fetched(archive=issue, outcome=Outcome(issue.name))) for issue in wanted]
    with ExitStack() as locks:
        try:
            locks.enter_context(references_locked(run.settings.lake, "journal"))
        except AnqError as error:
            _fail(whole, error, "parse", run)
            return whole
        staged = [(work, reference) for issue, work in works if (reference := _stage_issue(issue, work, run))]
        if staged:
            _check(staged, run)
        for issue, work in works:
            if work.ledger["ops.checks"] or work.outcome.error:
                work.tell(run, issue.name)
            _add(whole, work.outcome)
    return whole


def _fail(whole: Outcome, error: AnqError, step: str, run: Run) -> None:
    """Notes what stops all issues."""
    whole.error, whole.state = error, "failed"
    run.say(str(error))
    ledger.write(run.settings.lake, run.id, "journal", {"ops.outcomes": [whole.row(run, step, None)]})


def _add(whole: Outcome, part: Outcome) -> None:
    whole.state = max(whole.state, part.state, key=("absent", "unchanged", "changed", "failed").index)
    whole.error = whole.error or part.error
    whole.records += part.records
    whole.changed += part.changed
    whole.quarantined += part.quarantined
    whole.anomalies += part.anomalies


def _stage_issue(issue: Issue, work: Fetched, run: Run) -> Reference | None:
    """Fetches and reads an issue, unless it is in the lake; gives what is to be checked."""
    lake = run.settings.lake
    before = markers.reference(lake, issue.name)
    if before and (before.code, before.sample) != (journal.code(), run.is_sample):
        before = None
    if before and not (run.force or run.is_sample):  # an issue never changes; the sample's do when what makes it does
        return None
    with step(work, run, "fetch"):
        work.fetch(run, named=False)
    download = work.download
    if download is None or (before and not run.force and before.source_sha256 == download.sha256):
        return None
    with step(work, run, "parse"):
        path = download.path(run.settings)
        staged = journal.build(issue, path, lake_path=lake, fetched_at=download.fetched_at, sample=run.is_sample)
        work.outcome.records, work.outcome.changed = staged.records, staged.changed
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        return staged.reference
    return None


def _are_new_people(download: Download, run: Run) -> bool:
    before = markers.reference(run.settings.lake, PEOPLE)
    now = (download.sha256, people.code(), run.is_sample)
    return run.force or before is None or (before.source_sha256, before.code, before.sample) != now


def _read_people(work: Fetched, archive: Archive, run: Run) -> None:
    assert work.download is not None
    lake, download = run.settings.lake, work.download
    before, staged = markers.reference(lake, PEOPLE), None
    with step(work, run, "parse"):
        path = download.path(run.settings)
        staged = people.build(archive, path, lake_path=lake, fetched_at=download.fetched_at, sample=run.is_sample)
        work.outcome.records, work.outcome.changed = staged.records, staged.changed
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
    if staged is None:
        return
    _check([(work, staged.reference)], run)
    is_same = before is not None and before.digest == staged.reference.digest
    if work.outcome.state == "changed" and is_same and not run.force:
        work.outcome.state = "unchanged"


def _check(staged: Sequence[tuple[Fetched, Reference]], run: Run) -> None:
    """Checks people and bodies, or issues, together; those that pass enter the lake."""
    lake, started = run.settings.lake, time.monotonic()
    error, results = None, list[CheckResult]()
    jobs = []
    for work, reference in staged:
        before = markers.reference(lake, reference.name)
        before = before if before and before.sample == reference.sample else None
        jobs.append(reference_job(work.outcome.archive, reference, before, lake_path=lake, now=run.now))
    try:
        results = run.checker.check(jobs)
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / len(jobs)
    for work, reference in staged:
        with step(work, run, "check", share):
            if error:
                raise error
            work.results = [result for result in results if result.archive == work.outcome.archive]
            try:
                with admission(work, reference.source_sha256, reference.fetched_at, run):
                    markers.commit(lake, reference)
                    work.outcome.state = "changed"
            except GateError:
                markers.sweep_reference(lake, reference.name)
                raise
