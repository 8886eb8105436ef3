"""The steps of a run, as the command and the DAG call them: plan, prepare each archive, publish, summarise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from etl import lake, ops
from etl.catalogue import Archive, archives
from etl.check import Checker, CheckJob, CheckResult, gate
from etl.errors import AnqError, GateError, SourceError, UsageError
from etl.fetch import Download, Progress, fetch, next_legislatures
from etl.lake import Partition
from etl.lock import locked
from etl.normalise.dates import legislatures as known_legislatures
from etl.partition import Building, code_digest, workers
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse.release import Release

Say = Callable[[str], None]


@dataclass
class Outcome:
    """What came of one archive.

    Attributes:
        archive: 17/QE.
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


@dataclass
class _Work:
    """One archive on its way."""

    archive: Archive
    outcome: Outcome
    ledger: ops.Rows = field(default_factory=lambda: {"ops.outcomes": [], "ops.sources": [], "ops.checks": []})
    download: Download | None = None
    building: Building | None = None
    before: Partition | None = None
    staged: Partition | None = None


def plan(settings: Settings, legislatures: Sequence[int] = (), types: Sequence[str] = ()) -> list[Archive]:
    """The archives to look at, the next legislature's among them once it is open.

    Raises:
        UsageError: there is no such legislature or type, or the sample would go where real questions are.
    """
    _refuse_sample(settings)
    return archives(legislatures, types, next_legislatures(settings))


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
    todo = [work for work in works if work.download and _is_new(work, settings, force)]
    if todo:
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
    for work in works:
        if work in todo or work.outcome.error:
            ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


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
        The release; None when the last one already holds what the lake holds.
    """
    with locked(settings.warehouse / ".lock"):
        _refuse_sample(settings)
        for one in lake.partitions(settings.lake):
            if one.sample and settings.source != "sample":
                lake.drop(settings.lake, one.key)
        partitions = lake.partitions(settings.lake)
        made = releases.releases(settings.warehouse)
        loaded = bool(made) and made[-1].sha256 == releases.digest(partitions) and releases.current(settings.warehouse)
        if not partitions or (loaded and not force):
            return None
        return _load(settings, partitions, now, run_id, "source_failed" if failed else "released", started)


def rebuild(settings: Settings, now: datetime, run_id: str) -> Release:
    """Makes a release from the lake alone.

    Raises:
        AnqError: the lake is empty.
    """
    with locked(settings.warehouse / ".lock"):
        partitions = lake.partitions(settings.lake)
        if not partitions:
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
    run = run_row(settings, now, run_id, state, started, releases.name_of(at, releases.digest(partitions)))
    return load(settings.lake, settings.warehouse, partitions, run, at, anew=anew)


def _refuse_sample(settings: Settings) -> None:
    """The made-up sample never goes where real questions are; the other way round it makes room for them."""
    if settings.source == "sample" and not all(one.sample for one in lake.partitions(settings.lake)):
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
    """Writes the run's summary to reports/runs/ and, for a run that made no release, its row to the ledger.

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
    if outcomes or release:
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
    folder = settings.reports / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{ops.file_name(run_id)}.part"
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(summary)))
    aside.replace(folder / f"{ops.file_name(run_id)}.json")
    return summary


def _fetch(work: _Work, settings: Settings, now: datetime, force: bool, named: bool, progress: Progress | None) -> None:
    work.download = fetch(work.archive, settings, now, force=force, progress=progress)
    if work.download is None:
        work.outcome.state = "absent"
        if named:
            raise SourceError(
                f"{work.archive.name}: the source {settings.source} does not have it; see what it has, or leave it out"
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


def _is_new(work: _Work, settings: Settings, force: bool) -> bool:
    assert work.download is not None
    before = lake.partition(settings.lake, work.archive.key)
    return (
        force
        or before is None
        or before.source_sha256 != work.download.sha256
        or before.code != code_digest()
        or before.sample != (settings.source == "sample")
    )


def _parse(work: _Work, settings: Settings, pool: Any, force: bool) -> None:  # noqa: ANN401
    assert work.download is not None
    work.building = Building(
        work.archive,
        work.download.path(settings),
        lake_path=settings.lake,
        fetched_at=work.download.fetched_at,
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
        frozen=archive.frozen,
    )


@contextmanager
def _step(work: _Work, run_id: str, step: str, say: Say, before: float = 0.0) -> Iterator[None]:
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
    outcome = work.outcome
    state = "failed" if outcome.error else outcome.state if outcome.state == "absent" else "done"
    rows.append(
        {
            "run_id": run_id,
            "archive": work.archive.name,
            "step": step,
            "state": state,
            "seconds": seconds,
            "records": outcome.records,
            "changed": outcome.changed,
            "quarantined": outcome.quarantined,
            "anomalies": outcome.anomalies,
            "message": str(outcome.error) if outcome.error else None,
        }
    )
