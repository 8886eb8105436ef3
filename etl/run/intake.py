"""Archives of questions that have something new: read by the workers, checked together, let into the lake."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from etl.check import rules_digest
from etl.check.jobs import archive_job
from etl.check.messages import SetAside
from etl.errors import AnqError, GateError
from etl.fetch import documents
from etl.files.mark import is_marked
from etl.lake import ceiling, files, markers, partition
from etl.lake.job import Refusal
from etl.lake.markers import Partition
from etl.lake.plan import Inputs
from etl.lake.workers import workers
from etl.run.archive import QuestionsWork
from etl.run.context import Run
from etl.run.decide import accepted, admission, broken
from etl.run.work import step


def read(todo: Sequence[QuestionsWork], run: Run) -> None:
    """Reads and checks what was fetched, under the lock of each; what passes enters the lake."""
    build(todo, run)
    staged = [work for work in todo if work.staged]
    if staged:
        _check(staged, run)


def build(works: Sequence[QuestionsWork], run: Run, *, recheck: bool = False) -> None:
    """Has the workers build each partition.

    Args:
        works: the archives.
        run: the run.
        recheck: stage each, even what passed its check as it is.
    """
    run.checker.start()  # beside the parsing
    with workers() as pool:
        for number, work in enumerate(works):
            with step(work, run, "parse"):
                work.building = partition.start(_inputs(work, run), run.settings.lake, pool)
            if number:  # the workers read this one while the one before ends; never more are in memory
                _finish(works[number - 1], run, recheck)
        _finish(works[-1], run, recheck)


def _inputs(work: QuestionsWork, run: Run) -> Inputs:
    assert work.fetched_at is not None  # what is read was looked up
    return Inputs(
        archive=work.archive,
        path=work.path,
        documents=work.documents,
        documents_path=documents.folder(run.settings),
        fetched_at=work.fetched_at,
        sample=run.is_sample,
        force=run.force,
        again=work.again,
        refused=work.refused,
        left=work.left,
    )


def _finish(work: QuestionsWork, run: Run, recheck: bool) -> None:
    """Waits for the workers; what differs from what is in the lake, or passed other rules, is to be checked."""
    building, work.building = work.building, None
    if building is None:
        return
    with step(work, run, "parse"):
        built, before = partition.finish(building), building.before
        work.outcome.records, work.outcome.changed = built.records, built.changed
        work.outcome.quarantined, work.outcome.anomalies = built.quarantined, built.anomalies
        passed = before is not None and (before.digest, before.rules) == (built.partition.digest, rules_digest())
        if passed and not run.force and not recheck:
            _commit(built.partition, run)
        else:
            work.before, work.staged = before, built.partition


def _commit(staged: Partition, run: Run) -> None:
    markers.commit(run.settings.lake, msgspec.structs.replace(staged, rules=rules_digest()))


def _check(works: Sequence[QuestionsWork], run: Run) -> None:
    """Checks the archives together; those that pass enter the lake.

    Questions that break a critical rule are set aside; what is left is checked again, and must pass as a whole.
    """
    error, started = None, time.monotonic()
    try:
        ask(works, run)
        again = []
        for work in works:
            if refused := to_set_aside(work, run):
                work.aside, work.refused = broken(work.results), refused
                again.append(work)
        if again:
            build(again, run, recheck=True)
            ask([work for work in again if not work.outcome.error], run)
    except AnqError as raised:
        error = raised
    share = (time.monotonic() - started) / len(works)
    for work in works:
        if work.outcome.error:
            continue
        with step(work, run, "check", share):
            if error:
                raise error
            _admit(work, run)


def _admit(work: QuestionsWork, run: Run) -> None:
    """Lets an archive that passed into the lake.

    Raises:
        GateError: it did not pass, and is held back.
    """
    staged = work.staged
    assert staged is not None
    try:
        with admission(work, _source_of(staged), staged.fetched_at, run, records=work.outcome.records):
            work.outcome.state = "unchanged" if work.before and work.before.digest == staged.digest else "changed"
            _commit(staged, run)
    except GateError:
        markers.sweep(run.settings.lake, work.archive.key)
        raise


def _source_of(partition: Partition) -> str:
    """What a decision about a partition is for: its archive's bytes, or its single documents."""
    return partition.source_sha256 or partition.documents


def ask(works: Sequence[QuestionsWork], run: Run) -> None:
    """Has the archives checked."""
    jobs = []
    for work in works:
        assert work.staged is not None
        made_up = work.path is not None and is_marked(work.path)
        lake = run.settings.lake
        jobs.append(archive_job(work.archive, work.staged, work.before, lake_path=lake, now=run.now, made_up=made_up))
    results = run.checker.check(jobs) if jobs else []
    for work in works:
        work.results = [result for result in results if result.archive == work.archive.name]


def to_set_aside(work: QuestionsWork, run: Run) -> dict[int, Refusal]:
    """The questions to set aside; none when another fault stops the archive, or they are too many.

    What a person accepted is set aside whatever its number, or goes in.
    """
    assert work.staged is not None
    decided = accepted(work.archive.name, _source_of(work.staged), run)
    let_in = {rule for rule, acceptance in decided.items() if not acceptance.set_aside}
    faults = [result for result in broken(work.results) if result.rule not in let_in]
    if any(result.aside is None for result in faults):
        return {}
    by_number: dict[int, list[SetAside]] = {}
    for result in faults:
        for question in result.aside or ():
            by_number.setdefault(question.number, []).append(question)
    undecided = {number for number, reasons in by_number.items() if any(one.rule not in decided for one in reasons)}
    aside = undecided | _refused_before(work, run.settings.lake) if undecided else set()
    if aside and ceiling.is_over(len(aside), work.outcome.records, "refused"):
        return {}
    return {number: _refusal(reasons) for number, reasons in by_number.items()}


def _refusal(reasons: Sequence[SetAside]) -> Refusal:
    observed: dict[str, object] = {}
    for reason in reasons:
        observed |= msgspec.json.decode(reason.observed)
    return Refusal(
        rule=reasons[0].rule,
        error=reasons[0].why if len(reasons) == 1 else "; ".join(f"{reason.rule}: {reason.why}" for reason in reasons),
        observed=msgspec.json.encode(observed).decode(),
    )


def _refused_before(work: QuestionsWork, lake: Path) -> set[int]:
    """The questions that a check has set aside already, and that did not come anew."""
    assert work.staged is not None
    aside = files.rows(work.staged.files(lake, "ops.quarantine"), ["question_number", "observed"])
    return {row["question_number"] for row in aside if row["observed"] is not None}
