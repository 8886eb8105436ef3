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

from etl import journal, lake, ops, people
from etl.catalogue import FIRST_LEGISLATURE, FORMS, PEOPLE, AnyArchive, Archive, Issue, archives
from etl.catalogue import archive as archive_of
from etl.catalogue import people as people_archive
from etl.check import Checker, CheckJob, CheckResult, gate
from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.fetch import Download, Progress, documents, fetch, issues, manifest, next_legislatures
from etl.lake import Partition
from etl.lock import locked
from etl.normalise.dates import legislatures as known_legislatures
from etl.parse.record import Entry
from etl.partition import Building, code_digest, documents_digest, workers
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
class _Fetching:
    """One archive or issue on its way from the source."""

    archive: AnyArchive
    outcome: Outcome
    ledger: ops.Rows = field(default_factory=lambda: {"ops.outcomes": [], "ops.sources": [], "ops.checks": []})
    download: Download | None = None


@dataclass(eq=False)
class _Work(_Fetching):
    """One archive on its way."""

    archive: Archive
    path: Path | None = None
    documents: list[Entry] = field(default_factory=list)
    fetched_at: datetime = field(init=False)
    building: Building | None = None
    before: Partition | None = None
    staged: Partition | None = None


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

    Returns:
        What came of each, errors included.
    """
    works = [_Work(archive, Outcome(archive.name)) for archive in wanted]
    for work in works:
        with _step(work, run_id, "fetch", say):
            _fetch(work, settings, now, force, named, progress)
    todo = [work for work in works if not work.outcome.error and _is_new(work, settings, now, force)]
    if todo:
        _read(todo, settings, now, run_id, force, say)
    for work in works:
        if work in todo or work.outcome.error:
            ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def load_documents(
    keys: Collection[tuple[int, str]], settings: Settings, now: datetime, run_id: str, say: Say = lambda _: None
) -> list[Outcome]:
    """Takes the single documents of raw/documents into the lake, with what the archives last told beside them.

    Args:
        keys: the legislatures and types that they are of.
        settings: the home.
        now: time of the run.
        run_id: the run, for the ledger.
        say: told of each error.

    Returns:
        What came of each legislature and type, errors included.
    """
    works = [_Work(archive, Outcome(archive.name)) for archive in (archive_of(*key) for key in sorted(keys))]
    todo = [work for work in works if _is_new(work, settings, now, False)]
    if todo:
        _read(todo, settings, now, run_id, False, say)
    for work in works:
        ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def _read(todo: Sequence[_Work], settings: Settings, now: datetime, run_id: str, force: bool, say: Say) -> None:
    """Reads and checks what was fetched; what passes enters the lake."""
    with ExitStack() as stack:
        for work in todo:
            stack.enter_context(
                locked(settings.lake / f".{work.archive.legislature}-{work.archive.question_type}.lock")
            )
        with workers() as pool:
            checker = stack.enter_context(Checker())  # it imports Great Expectations meanwhile
            for number, work in enumerate(todo):
                with _step(work, run_id, "parse", say):
                    _parse(work, settings, pool, force)
                if number:  # the workers read this one while the one before ends; never more are in memory
                    _finish(todo[number - 1], settings, run_id, force, say)
            _finish(todo[-1], settings, run_id, force, say)
        _check([work for work in todo if work.staged], settings, checker, now, run_id, say)


def prepare_people(
    settings: Settings,
    now: datetime,
    run_id: str,
    *,
    force: bool = False,
    named: bool = False,
    progress: Progress | None = None,
    say: Say = lambda _: None,
) -> Outcome:
    """Fetches and reads people and bodies into the lake.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run, for the ledger.
        force: do it though nothing is new.
        named: they were asked for by name, so that a source without them is an error.
        progress: told of bytes as they arrive.
        say: told of an error.

    Returns:
        What came of it, an error included.
    """
    _refuse_sample(settings)
    archive = people_archive(next_legislatures(settings))
    work = _Work(archive, Outcome(archive.name))
    with _step(work, run_id, "fetch", say):
        _fetch(work, settings, now, force, named, progress)
    todo = work.download and _are_new_people(work.download, settings, force)
    if todo:
        with locked(settings.lake / f".{PEOPLE}.lock"):
            _read_people(work, settings, run_id, force, say)
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
) -> Outcome:
    """Fetches and reads into the lake the weekly issues that it does not have.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run, for the ledger.
        force: do it though they are there.
        progress: told of bytes as they arrive.
        say: told of each error.

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
    with locked(settings.lake / ".journal.lock"):
        for issue in wanted:
            _add(whole, _prepare_issue(issue, settings, now, run_id, force, progress, say))
    return whole


def _add(whole: Outcome, one: Outcome) -> None:
    whole.state = max(whole.state, one.state, key=("absent", "unchanged", "changed", "failed").index)
    whole.error = whole.error or one.error
    whole.records += one.records
    whole.changed += one.changed
    whole.quarantined += one.quarantined
    whole.anomalies += one.anomalies


def _prepare_issue(
    issue: Issue, settings: Settings, now: datetime, run_id: str, force: bool, progress: Progress | None, say: Say
) -> Outcome:
    work, sample = _Fetching(issue, Outcome(issue.name)), settings.source == "sample"
    before = lake.reference(settings.lake, issue.name)
    if before and (before.code, before.sample) != (journal.code(), sample):
        before = None
    if before and not (force or sample):  # an issue never changes; the sample's do when what makes it does
        return work.outcome
    with _step(work, run_id, "fetch", say):
        _fetch(work, settings, now, force, False, progress)
    todo = work.download and (force or before is None or before.source_sha256 != work.download.sha256)
    if todo:
        with _step(work, run_id, "parse", say):
            _read_issue(issue, work, settings)
    if todo or work.outcome.error:
        ops.write(settings.lake, run_id, issue.name, work.ledger)
    return work.outcome


def _read_issue(issue: Issue, work: _Fetching, settings: Settings) -> None:
    assert work.download is not None
    staged = journal.build(
        issue,
        work.download.path(settings),
        lake_path=settings.lake,
        fetched_at=work.download.fetched_at,
        sample=settings.source == "sample",
    )
    lake.commit_reference(settings.lake, staged.reference)
    work.outcome.state = "changed"
    work.outcome.records = work.outcome.changed = staged.records
    work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies


def publish(
    settings: Settings,
    now: datetime,
    run_id: str,
    force: bool = False,
    started: float | None = None,
    failed: bool = False,
) -> Release | None:
    """Loads what changed in the lake and swaps the release in.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run.
        force: make a release though nothing is new.
        started: `time.monotonic()` at the run's start, for its duration.
        failed: a source of this run failed.

    Returns:
        The release; None when the last one already holds what the lake holds, under the views that are declared.
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
        return _load(settings, partitions, now, run_id, "source_failed" if failed else "released", started)


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
    anew: bool = False,
) -> Release:
    from etl.warehouse.load import load

    made = releases.releases(settings.warehouse)
    # a task that is run again keeps its run's time, and the newest release must still be the last by name
    at = max(now, made[-1].created_at + timedelta(seconds=1)) if made else now
    run = run_row(settings, now, run_id, state, started, releases.name_of(at, releases.digest(settings.lake)))
    return load(settings.lake, settings.warehouse, partitions, run, at, anew=anew)


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
    work.path = settings.raw / f"{sha256}.zip" if sha256 else None
    told = [work.download] if work.download else manifest.rows(settings)
    work.archive = replace(work.archive, form=next((one.form for one in told if one.sha256 == sha256), FORMS[0]))
    other_documents = before is not None and before.documents != documents_digest(work.documents)
    work.fetched_at = now if other_documents or work.download is None else work.download.fetched_at
    return force or before is None or other_documents or before.source_sha256 != sha256 or before.code != code_digest()


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


def _read_people(work: _Work, settings: Settings, run_id: str, force: bool, say: Say) -> None:
    assert work.download is not None
    before, staged = lake.reference(settings.lake, PEOPLE), None
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
    if staged is None:
        return
    with _step(work, run_id, "check", say):
        try:
            people.gate(staged.reference, before)
        except GateError:
            lake.sweep_reference(settings.lake, PEOPLE)
            raise
        lake.commit_reference(settings.lake, staged.reference)
        if force or before is None or before.digest != staged.reference.digest:
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
    )


def _finish(work: _Work, settings: Settings, run_id: str, force: bool, say: Say) -> None:
    """Waits for the workers; what differs from what is in the lake is to be checked."""
    building, work.building = work.building, None
    if building is None:
        return
    with _step(work, run_id, "parse", say):
        staged = building.finish()
        work.outcome.records, work.outcome.changed = staged.records, staged.changed
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        if not force and building.before and building.before.digest == staged.partition.digest:
            lake.commit(settings.lake, staged.partition)  # the same rows, which passed when they came
        else:
            work.before, work.staged = building.before, staged.partition


def _check(works: Sequence[_Work], settings: Settings, checker: Checker, now: datetime, run_id: str, say: Say) -> None:
    """Checks the archives together; those that pass enter the lake."""
    if not works:
        return
    results, error, started = list[CheckResult](), None, time.monotonic()
    try:
        results = checker.check([_job(work, settings, now) for work in works])
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / len(works)
    for work in works:
        with _step(work, run_id, "check", say, share):
            if error:
                raise error
            mine = [one for one in results if one.archive == work.archive.name]
            work.ledger["ops.checks"] += [{"run_id": run_id, **msgspec.structs.asdict(one)} for one in mine]
            try:
                gate(mine)
            except GateError:
                lake.sweep(settings.lake, work.archive.key)
                raise
            assert work.staged is not None
            lake.commit(settings.lake, work.staged)
            work.outcome.state = "changed"


def _job(work: _Work, settings: Settings, now: datetime) -> CheckJob:
    assert work.staged is not None
    archive, staged, before = work.archive, work.staged, work.before
    legislature = known_legislatures().get(archive.legislature)
    return CheckJob(
        archive=archive.name,
        legislature=archive.legislature,
        question_type=archive.question_type,
        files={name: [str(path) for path in staged.files(settings.lake, name)] for name in lake.TABLES},
        absent=staged.rows["absent"],
        records_before=before.rows["questions"] - before.rows["absent"] if before else None,
        today=now.date(),
        opened_on=legislature.opened_on if legislature else None,
        closed_on=legislature.closed_on if legislature else None,
        frozen=archive.frozen and bool(staged.source_sha256),
    )


@contextmanager
def _step(work: _Fetching, run_id: str, step: str, say: Say, before: float = 0.0) -> Iterator[None]:
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
