"""Archives of questions: planned, fetched, read and checked into the lake."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from etl import ceiling, lake, ops
from etl.catalogue import FIRST_LEGISLATURE, FORMS, Archive, archives
from etl.catalogue import archive as archive_of
from etl.check import Checker, gate, rules_digest
from etl.check.jobs import archive_job
from etl.check.messages import SetAside
from etl.errors import AnqError, GateError
from etl.fetch import Progress, documents, manifest, next_legislatures
from etl.lake import Partition
from etl.parse.record import Entry
from etl.partition import Building, code_digest, documents_digest, workers
from etl.sample import is_marked
from etl.settings import Settings
from etl.steps.part import (
    Fetching,
    Outcome,
    Say,
    check_rows,
    fetch_into,
    look_again,
    partitions_locked,
    refuse_sample,
    running,
    step,
)


@dataclass(eq=False, kw_only=True)
class Work(Fetching):
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
    refuse_sample(settings)
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
    works = [Work(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    for work in works:
        with step(work, run_id, "fetch", say):
            fetch_into(work, settings, now, force, named, progress)
    todo = [work for work in works if not work.outcome.error and _is_new(work, settings, now, force)]
    if todo:
        with partitions_locked([work.archive.key for work in todo], settings):
            for work in todo:
                look_again(work, settings)
            todo = [work for work in todo if _is_new(work, settings, now, force)]
            if todo:
                _read(todo, settings, now, run_id, say, checker, force=force)
    for work in works:
        if work in todo or work.outcome.error or work.ledger["ops.sources"]:
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
    works = [Work(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    with partitions_locked(keys, settings):  # what the archives told is looked up once nobody changes it
        todo = [work for work in works if _is_new(work, settings, now, False)]
        if todo:
            _read(todo, settings, now, run_id, say, checker)
    for work in works:
        ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def of_home(settings: Settings) -> Settings:
    """The settings of work that asks no source: raw/ stands for it, unless the home holds nothing but the sample."""
    held = [one.sample for one in lake.partitions(settings.lake)]
    return replace(settings, source="sample" if held and all(held) else "raw")


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
    keys = [one.key for one in lake.partitions(settings.lake) if one.rows["ops.quarantine"]]
    with partitions_locked(keys, settings):
        works = [work for key in keys if (work := _again(key, settings))]
        if works:
            _read(works, settings, now, run_id, say, checker)
    for work in works:
        ops.write(settings.lake, run_id, work.archive.name, work.ledger)
    return [work.outcome for work in works]


def _again(key: tuple[int, str], settings: Settings) -> Work | None:
    """The archive that the lake holds the state of, to read what it has in quarantine; None when that is nothing."""
    before = lake.partition(settings.lake, key)
    if before is None or not before.rows["ops.quarantine"] or before.sample != (settings.source == "sample"):
        return None
    work = Work(archive=(archive := archive_of(*key)), outcome=Outcome(archive.name))
    work.again, work.fetched_at, work.documents = True, before.fetched_at, _documents(work.archive, settings)
    _find(work, settings, before.source_sha256)
    return work


def _read(
    todo: Sequence[Work],
    settings: Settings,
    now: datetime,
    run_id: str,
    say: Say,
    checker: Checker | None,
    *,
    force: bool = False,
) -> None:
    """Reads and checks what was fetched, under the lock of each; what passes enters the lake."""
    with running(checker) as checking:
        with workers() as pool:
            checking.warm()  # it imports Great Expectations meanwhile
            for number, work in enumerate(todo):
                with step(work, run_id, "parse", say):
                    _parse(work, settings, pool, force)
                if number:  # the workers read this one while the one before ends; never more are in memory
                    _finish(todo[number - 1], settings, run_id, force, say)
            _finish(todo[-1], settings, run_id, force, say)
        _check([work for work in todo if work.staged], settings, checking, now, run_id, force, say)


def _is_new(work: Work, settings: Settings, now: datetime, force: bool) -> bool:
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


def _find(work: Work, settings: Settings, sha256: str) -> None:
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


def _parse(work: Work, settings: Settings, pool: Any, force: bool) -> None:  # noqa: ANN401
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


def _finish(work: Work, settings: Settings, run_id: str, force: bool, say: Say) -> None:
    """Waits for the workers; what differs from what is in the lake, or passed other rules, is to be checked."""
    building, work.building = work.building, None
    if building is None:
        return
    with step(work, run_id, "parse", say):
        staged, before = building.finish(), building.before
        work.outcome.records, work.outcome.changed = staged.records, staged.changed
        work.outcome.quarantined, work.outcome.anomalies = staged.quarantined, staged.anomalies
        passed = before is not None and (before.digest, before.rules) == (staged.partition.digest, rules_digest())
        if passed and not force:
            lake.commit(settings.lake, msgspec.structs.replace(staged.partition, rules=rules_digest()))
        else:
            work.before, work.staged = before, staged.partition


def _check(
    works: Sequence[Work], settings: Settings, checker: Checker, now: datetime, run_id: str, force: bool, say: Say
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
                    with step(work, run_id, "parse", say):
                        _parse(work, settings, pool, force)
                    _finish(work, settings, run_id, True, say)
            _ask([work for work in again if not work.outcome.error], settings, checker, now)
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / len(works)
    for work in works:
        if work.outcome.error:
            continue
        with step(work, run_id, "check", say, share):
            if error:
                raise error
            work.ledger["ops.checks"] += check_rows(work, run_id)
            try:
                gate(work.results, work.outcome.records, mended=bool(work.aside))
            except GateError:
                lake.sweep(settings.lake, work.archive.key)
                raise
            assert work.staged is not None
            work.outcome.state = "unchanged" if work.before and work.before.digest == work.staged.digest else "changed"
            lake.commit(settings.lake, msgspec.structs.replace(work.staged, rules=rules_digest()))


def _ask(works: Sequence[Work], settings: Settings, checker: Checker, now: datetime) -> None:
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


def _may_be_set_aside(work: Work, settings: Settings) -> bool:
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


def _refused_before(work: Work, settings: Settings) -> set[int]:
    """The questions that a check has set aside already, and that did not come anew."""
    assert work.staged is not None
    told = [
        lake.read(path, ["question_number", "observed"]) for path in work.staged.files(settings.lake, "ops.quarantine")
    ]
    return {row["question_number"] for one in told for row in one.to_pylist() if row["observed"] is not None}
