"""The steps of a run, as the command and the DAG call them: plan, prepare each archive, publish, summarise."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from etl import ceiling, journal, lake, ops, people
from etl.catalogue import FIRST_LEGISLATURE, FORMS, PEOPLE, AnyArchive, Archive, Issue, archives
from etl.catalogue import archive as archive_of
from etl.catalogue import people as people_archive
from etl.check import Checker, CheckResult, gate, rules_digest
from etl.check.jobs import archive_job, reference_job, release_job
from etl.check.messages import SetAside
from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.fetch import Download, Progress, documents, fetch, issues, manifest, next_legislatures
from etl.freshness import late
from etl.lake import Partition, Reference
from etl.lock import locked
from etl.parse.record import Entry
from etl.partition import Building, code_digest, documents_digest, workers
from etl.sample import is_marked
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse import views
from etl.warehouse.release import Release

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What came of one archive, or of all issues together.

    Attributes:
        archive: 17/QE, or journal.
        state: "absent", "unchanged", "changed" or "failed".
        records: records in the archive.
        changed: records that are new or changed.
        quarantined: records set aside.
        anomalies: oddities in the current records.
        error: why it failed.
    """

    archive: str
    state: str = "unchanged"
    records: int = 0
    changed: int = 0
    quarantined: int = 0
    anomalies: int = 0
    error: AnqError | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**vars(self), "error": str(self.error) if self.error else None}


@dataclass(eq=False)
class _Part:
    """One part of a run: what came of it, and what the ledger is told."""

    outcome: Outcome
    ledger: ops.Rows = field(default_factory=lambda: {"ops.outcomes": [], "ops.sources": [], "ops.checks": []})
    results: list[CheckResult] = field(default_factory=list)
    aside: list[CheckResult] = field(default_factory=list)  # rules that hold since questions were set aside


@dataclass(eq=False, kw_only=True)
class _Fetching(_Part):
    """One archive or issue on its way from the source."""

    archive: AnyArchive
    download: Download | None = None


@dataclass(eq=False, kw_only=True)
class _Work(_Fetching):
    """One archive on its way."""

    archive: Archive
    path: Path | None = None
    documents: list[Entry] = field(default_factory=list)
    fetched_at: datetime = field(init=False)
    building: Building | None = None
    before: Partition | None = None
    staged: Partition | None = None
    again: bool = False  # read again what is in quarantine
    refused: dict[int, dict[str, Any]] = field(default_factory=dict)


def plan(settings: Settings, legislatures: Sequence[int] = (), types: Sequence[str] = ()) -> list[Archive]:
    """The archives to look at, the next legislature's among them once it is open.

    With them go the older legislatures of which there are single documents: new code reads these again.

    Raises:
        UsageError: there is no such legislature or type, or the sample would go where real questions are.
    """
    _refuse_sample(settings)
    wanted = archives(legislatures, types, next_legislatures(settings))
    if legislatures or types or settings.source == "sample":
        return wanted
    return [archive_of(*key) for key in documents.keys(settings) if key[0] < FIRST_LEGISLATURE] + wanted


def prepare(archive: Archive, settings: Settings, now: datetime, run_id: str, force: bool = False) -> Outcome:
    """Fetches, reads and checks one archive into the lake; the DAG maps this.

    Raises:
        SourceError: the source failed.
        GateError: a critical check failed.
    """
    (outcome,) = prepare_all([archive], settings, now, run_id, force=force)
    if outcome.error:
        raise outcome.error
    return outcome


def prepare_all(
    wanted: Sequence[Archive],
    settings: Settings,
    now: datetime,
    run_id: str,
    *,
    force: bool = False,
    named: bool = False,
    progress: Progress | None = None,
    say: Say = lambda _: None,
    checker: Checker | None = None,
) -> list[Outcome]:
    """Fetches, reads and checks archives into the lake; one that fails does not stop the others.

    Args:
        wanted: the archives.
        settings: home and source.
        now: time of the run.
        run_id: the run, for the ledger.
        force: do it though nothing is new.
        named: each was asked for by name, so that one that the source does not have is an error.
        progress: told of bytes as they arrive.
        say: told of each thing done, in a line.
        checker: the run's; None means one of its own.

    Returns:
        What came of each, errors included.
    """
    works = [_Work(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    for work in works:
        with _step(work, run_id, "fetch", say):
            _fetch(work, settings, now, force, named, progress)
    todo = [work for work in works if not work.outcome.error and _is_new(work, settings, now, force)]
    if todo:
        _read(todo, settings, now, run_id, say, checker, force=force)
    for work in works:
        if work in todo or work.outcome.error:
            ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def load_documents(
    keys: Collection[tuple[int, str]],
    settings: Settings,
    now: datetime,
    run_id: str,
    say: Say = lambda _: None,
    checker: Checker | None = None,
) -> list[Outcome]:
    """Takes the single documents of raw/documents into the lake, with what the archives last told beside them.

    Args:
        keys: the legislatures and types that they are of.
        settings: the home.
        now: time of the run.
        run_id: the run, for the ledger.
        say: told of each error.
        checker: the run's; None means one of its own.

    Returns:
        What came of each legislature and type, errors included.
    """
    wanted = [archive_of(*key) for key in sorted(keys)]
    works = [_Work(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    todo = [work for work in works if _is_new(work, settings, now, False)]
    if todo:
        _read(todo, settings, now, run_id, say, checker)
    for work in works:
        ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def of_home(settings: Settings) -> Settings:
    """The settings of work that asks no source: raw/ stands for it, unless what the home holds is the sample."""
    sample = any(one.sample for one in lake.partitions(settings.lake))
    return replace(settings, source="sample" if sample else "raw")


def retry(
    settings: Settings, now: datetime, run_id: str, say: Say = lambda _: None, checker: Checker | None = None
) -> list[Outcome]:
    """Reads again, from raw/, the questions that are in quarantine; those that are good now enter the lake.

    Args:
        settings: the home's, as `of_home` gives them.
        now: time of the run.
        run_id: the run, for the ledger.
        say: told of each error.
        checker: the run's; None means one of its own.

    Returns:
        What came of each archive that has some.
    """
    works = []
    for before in lake.partitions(settings.lake):
        if not before.rows["ops.quarantine"]:
            continue
        work = _Work(archive=(archive := archive_of(*before.key)), outcome=Outcome(archive.name))
        work.again, work.fetched_at, work.documents = True, before.fetched_at, _documents(work.archive, settings)
        _find(work, settings, before.source_sha256)
        works.append(work)
    if works:
        _read(works, settings, now, run_id, say, checker)
    for work in works:
        ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


@contextmanager
def _checking(checker: Checker | None) -> Iterator[Checker]:
    """The run's checker, or one of its own."""
    if checker is not None:
        yield checker
        return
    with Checker() as own:
        yield own


def _read(
    todo: Sequence[_Work],
    settings: Settings,
    now: datetime,
    run_id: str,
    say: Say,
    checker: Checker | None,
    *,
    force: bool = False,
) -> None:
    """Reads and checks what was fetched; what passes enters the lake."""
    with ExitStack() as stack:
        for work in todo:
            stack.enter_context(
                locked(settings.lake / f".{work.archive.legislature}-{work.archive.question_type}.lock")
            )
        checking = stack.enter_context(_checking(checker))
        with workers() as pool:
            checking.warm()  # it imports Great Expectations meanwhile
            for number, work in enumerate(todo):
                with _step(work, run_id, "parse", say):
                    _parse(work, settings, pool, force)
                if number:  # the workers read this one while the one before ends; never more are in memory
                    _finish(todo[number - 1], settings, run_id, force, say)
            _finish(todo[-1], settings, run_id, force, say)
        _check([work for work in todo if work.staged], settings, checking, now, run_id, force, say)


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
    _refuse_sample(settings)
    archive = people_archive(next_legislatures(settings))
    work = _Work(archive=archive, outcome=Outcome(archive.name))
    with _step(work, run_id, "fetch", say):
        _fetch(work, settings, now, force, named, progress)
    todo = work.download and _are_new_people(work.download, settings, force)
    if todo:
        with locked(settings.lake / f".{PEOPLE}.lock"):
            _read_people(work, settings, now, run_id, force, say, checker)
    if todo or work.outcome.error:
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
    _refuse_sample(settings)
    whole, wanted = Outcome("journal", "absent"), list[Issue]()
    try:
        wanted = issues(settings, now)
    except SourceError as error:
        whole.error, whole.state = error, "failed"
        say(str(error))
        ops.write(settings.lake, run_id, "journal", {"ops.outcomes": [_outcome_row(whole, run_id, "fetch", None)]})
    works = [_Fetching(archive=issue, outcome=Outcome(issue.name)) for issue in wanted]
    with locked(settings.lake / ".journal.lock"):
        staged = []
        for work in works:
            if one := _stage_issue(work, settings, now, run_id, force, progress, say):
                staged.append((work, one))
        if staged:
            with _checking(checker) as checking:
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
    work: _Fetching,
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
    with _step(work, run_id, "fetch", say):
        _fetch(work, settings, now, force, False, progress)
    if work.download is None or (before and not force and before.source_sha256 == work.download.sha256):
        return None
    with _step(work, run_id, "parse", say):
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


def publish(
    settings: Settings,
    now: datetime,
    run_id: str,
    force: bool = False,
    started: float | None = None,
    failed: bool = False,
    checker: Checker | None = None,
) -> Release | None:
    """Loads what changed in the lake, checks the tables made with it, and swaps the release in.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run.
        force: make a release though nothing is new.
        started: `time.monotonic()` at the run's start, for its duration.
        failed: a source of this run failed.
        checker: the run's; None means one of its own.

    Returns:
        The release; None when the last one already holds what the lake holds, under the views that are declared.

    Raises:
        GateError: a critical check of the release failed.
    """
    with locked(settings.warehouse / ".lock"):
        _refuse_sample(settings)
        for one in lake.partitions(settings.lake):
            if one.sample and settings.source != "sample":
                lake.drop(settings.lake, one.key)
        for other in lake.references(settings.lake):
            if other.sample and settings.source != "sample":
                lake.drop_reference(settings.lake, other.name)
        partitions = lake.partitions(settings.lake)
        made = releases.releases(settings.warehouse)
        now_held = (releases.digest(settings.lake), views.digest())
        loaded = bool(made) and (made[-1].sha256, made[-1].views) == now_held and releases.current(settings.warehouse)
        if not (partitions or lake.references(settings.lake)) or (loaded and not force):
            return None
        state = "source_failed" if failed else "released"
        return _load(settings, partitions, now, run_id, state, started, checker=checker)


def rebuild(settings: Settings, now: datetime, run_id: str) -> Release:
    """Makes a release from the lake alone.

    Raises:
        AnqError: the lake is empty.
    """
    with locked(settings.warehouse / ".lock"):
        partitions = lake.partitions(settings.lake)
        if not (partitions or lake.references(settings.lake)):
            raise AnqError(f"{settings.lake} holds nothing to rebuild from; `anq run` fills it")
        return _load(settings, partitions, now, run_id, "released", None, anew=True)


def _load(
    settings: Settings,
    partitions: Sequence[Partition],
    now: datetime,
    run_id: str,
    state: str,
    started: float | None,
    *,
    anew: bool = False,
    checker: Checker | None = None,
) -> Release:
    from etl.warehouse.load import load

    made = releases.releases(settings.warehouse)
    # a task that is run again keeps its run's time, and the newest release must still be the last by name
    at = max(now, made[-1].created_at + timedelta(seconds=1)) if made else now
    run = run_row(settings, now, run_id, state, started, releases.name_of(at, releases.digest(settings.lake)))
    part = _Part(Outcome("release"))
    with _checking(checker) as checking:
        checking.warm()

        def approve(candidate: Path) -> ops.Rows:
            with _step(part, run_id, "check", lambda _: None):
                part.results = checking.check([release_job(candidate, now)])
                part.ledger["ops.checks"] += _check_rows(part, run_id)
                gate(part.results)
            ops.write(settings.lake, run_id, "release", part.ledger)
            if part.outcome.error:
                raise part.outcome.error
            return part.ledger

        try:
            return load(settings.lake, settings.warehouse, partitions, run, at, anew=anew, approve=approve)
        except AnqError as error:
            if part.outcome.error is None:  # the check has told of its own
                part.outcome.error = error
                part.ledger["ops.outcomes"].append(_outcome_row(part.outcome, run_id, "load", None))
                ops.write(settings.lake, run_id, "release", part.ledger)
            raise


def _refuse_sample(settings: Settings) -> None:
    """The made-up sample never goes where real questions are; the other way round it makes room for them."""
    held = [one.sample for one in lake.partitions(settings.lake)]
    held += [one.sample for one in lake.references(settings.lake)]
    if settings.source == "sample" and not all(held):
        raise UsageError(
            f"{settings.home} holds real questions, and the source is the made-up sample: "
            "name a source (--source opendata, or ANQ_SOURCE), or another home (--home)"
        )


def run_row(
    settings: Settings, now: datetime, run_id: str, state: str, started: float | None, release: str | None
) -> dict[str, Any]:
    """The row of `ops.runs`."""
    seconds = None if started is None else round(time.monotonic() - started, 3)
    return {
        "run_id": run_id,
        "started_at": now,
        "seconds": seconds,
        "source": settings.source,
        "state": state,
        "release": release,
    }


def summarise(
    settings: Settings,
    now: datetime,
    run_id: str,
    state: str | None = None,
    release: Release | None = None,
    started: float | None = None,
) -> dict[str, Any]:
    """Writes the run's summary to reports/runs/, and for a run that did something its row to the ledger and its pages.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run.
        state: how it ended, as `ops.runs.state` has it; None works it out of the ledger.
        release: what it made.
        started: `time.monotonic()` at its start.

    Returns:
        The summary.
    """
    said = ops.read(settings.lake, [ops.file_name(run_id)])
    outcomes = said.get("ops.outcomes", [])
    if release is None:
        release = next((one for one in releases.releases(settings.warehouse) if one.run_id == run_id), None)
    if state is None:
        failed = [row["step"] for row in outcomes if row["state"] == "failed"]
        state = (
            "gate_stopped"
            if "check" in failed
            else "failed"
            if "load" in failed
            else "source_failed"
            if failed
            else "released"
            if release
            else "unchanged"
        )
    row = run_row(settings, now, run_id, state, started, release.name if release else None)
    did_something = bool(outcomes or release)
    if did_something:
        ops.write(settings.lake, run_id, "run", {"ops.runs": [row]})
    parsed = [one for one in outcomes if one["step"] == "parse" and one["state"] == "done"]
    summary = {
        **row,
        "archives": outcomes,
        "changed": ops.total(parsed, "changed"),
        "quarantined": ops.total(parsed, "quarantined"),
        "anomalies": ops.total(parsed, "anomalies"),
        "rows": release.rows if release else {},
        "late": late(settings, now.date()),
        "failed_checks": [one for one in said.get("ops.checks", []) if not one["success"]],
    }
    if not did_something:
        _keep(settings, summary)
        return summary
    from etl.report.facts import facts
    from etl.report.pages import write

    with locked(settings.warehouse / ".lock"):  # no other run removes the release before, or writes the same pages
        summary |= facts(settings, outcomes, release)
        _keep(settings, summary)
        write(settings, summary)
    return summary


def _keep(settings: Settings, summary: dict[str, Any]) -> None:
    name = ops.file_name(summary["run_id"])
    folder = settings.reports / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.part"
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(summary)))
    aside.replace(folder / f"{name}.json")


def _fetch(
    work: _Fetching, settings: Settings, now: datetime, force: bool, named: bool, progress: Progress | None
) -> None:
    if work.archive.legislature is not None and work.archive.legislature < FIRST_LEGISLATURE:
        return
    work.download = fetch(work.archive, settings, now, force=force, progress=progress)
    if work.download is None:
        work.outcome.state = "absent"
        if named:
            forms = " or as ".join(form.upper() for form in work.archive.forms)
            raise SourceError(
                f"{work.archive.name}: the source {settings.source} does not have it, as {forms}; "
                "see what it has, or leave it out"
            )
        return
    if work.download.is_new or force:
        one = work.download
        work.ledger["ops.sources"].append(
            {
                "legislature": one.legislature,
                "question_type": one.question_type,
                "url": one.url,
                "sha256": one.sha256,
                "bytes": one.bytes,
                "etag": one.etag,
                "last_modified": one.last_modified,
                "fetched_at": one.fetched_at,
            }
        )


def _is_new(work: _Work, settings: Settings, now: datetime, force: bool) -> bool:
    """Whether there is anything to read, and if so, what."""
    before, sample = lake.partition(settings.lake, work.archive.key), settings.source == "sample"
    if before is not None and before.sample != sample:
        before = None
    work.documents = _documents(work.archive, settings)
    sha256 = work.download.sha256 if work.download else before.source_sha256 if before else ""
    if not (sha256 and work.download) and not work.documents:
        return False
    _find(work, settings, sha256)
    other_documents = before is not None and before.documents != documents_digest(work.documents)
    other_rules = before is not None and before.rules != rules_digest()
    work.again = other_rules
    work.fetched_at = now if other_documents or work.download is None else work.download.fetched_at
    return (
        force
        or before is None
        or other_documents
        or other_rules
        or (before.source_sha256, before.code) != (sha256, code_digest())
    )


def _find(work: _Work, settings: Settings, sha256: str) -> None:
    """Where the archive's bytes are, and in what form."""
    work.path = settings.raw / f"{sha256}.zip" if sha256 else None
    told = [work.download] if work.download else manifest.rows(settings)
    work.archive = replace(work.archive, form=next((one.form for one in told if one.sha256 == sha256), FORMS[0]))


def _documents(archive: Archive, settings: Settings) -> list[Entry]:
    if settings.source == "sample":
        return []
    return [
        Entry(one.name, one.number, 0, one.size, one.size, one.crc32, None, one.sha256)
        for one in documents.documents(archive.key, settings)
    ]


def _are_new_people(download: Download, settings: Settings, force: bool) -> bool:
    before = lake.reference(settings.lake, PEOPLE)
    now = (download.sha256, people.code(), settings.source == "sample")
    return force or before is None or (before.source_sha256, before.code, before.sample) != now


def _read_people(
    work: _Work, settings: Settings, now: datetime, run_id: str, force: bool, say: Say, checker: Checker | None
) -> None:
    assert work.download is not None
    before, staged = lake.reference(settings.lake, PEOPLE), None
    with _checking(checker) as checking:
        checking.warm()
        with _step(work, run_id, "parse", say):
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
    staged: Sequence[tuple[_Fetching, Reference]],
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
        with _step(work, run_id, "check", say, share):
            if error:
                raise error
            work.results = [result for result in results if result.archive == one.name]
            work.ledger["ops.checks"] += _check_rows(work, run_id)
            try:
                gate(work.results)
            except GateError:
                lake.sweep_reference(settings.lake, one.name)
                raise
            lake.commit_reference(settings.lake, one)
            work.outcome.state = "changed"


def _parse(work: _Work, settings: Settings, pool: Any, force: bool) -> None:  # noqa: ANN401
    work.building = Building(
        work.archive,
        work.path,
        documents=work.documents,
        documents_path=documents.folder(settings),
        lake_path=settings.lake,
        fetched_at=work.fetched_at,
        sample=settings.source == "sample",
        pool=pool,
        force=force,
        again=work.again,
        refused=work.refused,
    )


def _finish(work: _Work, settings: Settings, run_id: str, force: bool, say: Say) -> None:
    """Waits for the workers; what differs from what is in the lake, or passed other rules, is to be checked."""
    building, work.building = work.building, None
    if building is None:
        return
    with _step(work, run_id, "parse", say):
        staged, before = building.finish(), building.before
        work.outcome.records, work.outcome.changed = staged.records, staged.changed
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        passed = before is not None and (before.digest, before.rules) == (staged.partition.digest, rules_digest())
        if passed and not force:
            lake.commit(settings.lake, msgspec.structs.replace(staged.partition, rules=rules_digest()))
        else:
            work.before, work.staged = before, staged.partition


def _check(
    works: Sequence[_Work], settings: Settings, checker: Checker, now: datetime, run_id: str, force: bool, say: Say
) -> None:
    """Checks the archives together; those that pass enter the lake.

    Questions that break a critical rule are set aside; what is left is checked again, and must pass as a whole.
    """
    if not works:
        return
    error, started = None, time.monotonic()
    try:
        _ask(works, settings, checker, now)
        again = [work for work in works if _may_be_set_aside(work, settings)]
        if again:
            with workers() as pool:
                for work in again:
                    with _step(work, run_id, "parse", say):
                        _parse(work, settings, pool, force)
                    _finish(work, settings, run_id, True, say)
            _ask([work for work in again if not work.outcome.error], settings, checker, now)
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / len(works)
    for work in works:
        if work.outcome.error:
            continue
        with _step(work, run_id, "check", say, share):
            if error:
                raise error
            work.ledger["ops.checks"] += _check_rows(work, run_id)
            try:
                gate(work.results, work.outcome.records, mended=bool(work.aside))
            except GateError:
                lake.sweep(settings.lake, work.archive.key)
                raise
            assert work.staged is not None
            work.outcome.state = "unchanged" if work.before and work.before.digest == work.staged.digest else "changed"
            lake.commit(settings.lake, msgspec.structs.replace(work.staged, rules=rules_digest()))


def _ask(works: Sequence[_Work], settings: Settings, checker: Checker, now: datetime) -> None:
    """Has the archives checked; what breaks a rule the second time joins what was set aside for it the first time."""
    jobs = []
    for work in works:
        assert work.staged is not None
        made_up = work.path is not None and is_marked(work.path)
        jobs.append(
            archive_job(work.archive, work.staged, work.before, lake_path=settings.lake, now=now, made_up=made_up)
        )
    results = checker.check(jobs) if jobs else []
    for work in works:
        work.results = [one for one in results if one.archive == work.archive.name]


def _may_be_set_aside(work: _Work, settings: Settings) -> bool:
    """Notes the questions to set aside, when no other fault stops the archive and they are not too many."""
    failed = [one for one in work.results if one.severity == "critical" and not one.success]
    if not failed or any(one.aside is None for one in failed):
        return False
    by_number: dict[int, list[SetAside]] = {}
    for result in failed:
        for one in result.aside or ():
            by_number.setdefault(one.number, []).append(one)
    if ceiling.is_over(len(by_number.keys() | _refused_before(work, settings)), work.outcome.records, "refused"):
        return False
    work.aside = failed
    work.refused = {
        number: {
            "rule": found[0].rule,
            "error": found[0].why if len(found) == 1 else "; ".join(f"{one.rule}: {one.why}" for one in found),
            "observed": msgspec.json.encode(
                {name: value for one in found for name, value in msgspec.json.decode(one.observed).items()}
            ).decode(),
        }
        for number, found in by_number.items()
    }
    return True


def _refused_before(work: _Work, settings: Settings) -> set[int]:
    """The questions that a check has set aside already, and that did not come anew."""
    assert work.staged is not None
    told = [
        lake.read(path, ["question_number", "observed"]) for path in work.staged.files(settings.lake, "ops.quarantine")
    ]
    return {row["question_number"] for one in told for row in one.to_pylist() if row["observed"] is not None}


def _check_rows(work: _Part, run_id: str) -> list[dict[str, Any]]:
    """Rows of `ops.checks`: a rule that held once rows were set aside is told of with these rows."""
    aside = {(one.suite, one.expectation): one for one in work.aside}
    rows = []
    for result in work.results:
        one = aside.get((result.suite, result.expectation), result) if result.success else result
        row = msgspec.structs.asdict(one)
        del row["aside"]
        if one is not result:
            row["observed"] = msgspec.json.encode({"failing_rows": one.failing_rows, "set_aside": True}).decode()
        rows.append({"run_id": run_id, **row})
    return rows


@contextmanager
def _step(work: _Part, run_id: str, step: str, say: Say, before: float = 0.0) -> Iterator[None]:
    """Times a step, records how it ended, and keeps its error for later: the other archives go on.

    Args:
        work: the archive.
        run_id: the run.
        step: its name.
        say: told of an error.
        before: seconds that it took already, with others.
    """
    started = time.monotonic()
    try:
        yield
    except AnqError as error:
        work.outcome.error, work.outcome.state = error, "failed"
        say(str(error))
    rows = work.ledger["ops.outcomes"]
    seconds = round(before + time.monotonic() - started, 3)
    if rows and rows[-1]["step"] == step:
        seconds += rows.pop()["seconds"]
    rows.append(_outcome_row(work.outcome, run_id, step, seconds))


def _outcome_row(outcome: Outcome, run_id: str, step: str, seconds: float | None) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "archive": outcome.archive,
        "step": step,
        "state": "failed" if outcome.error else outcome.state if outcome.state == "absent" else "done",
        "seconds": seconds,
        "records": outcome.records,
        "changed": outcome.changed,
        "quarantined": outcome.quarantined,
        "anomalies": outcome.anomalies,
        "message": str(outcome.error) if outcome.error else None,
    }
