"""Archives of questions: planned, fetched, read and checked into the lake."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import msgspec

from etl.catalogue import FIRST_LEGISLATURE, FORMS, LAST_LEGISLATURE, Archive, archives, stem_of
from etl.catalogue import archive as archive_of
from etl.check import rules_digest
from etl.check.jobs import archive_job
from etl.check.messages import SetAside
from etl.errors import AnqError, DamageError, GateError
from etl.fetch import documents, manifest, next_legislatures, raw
from etl.lake import ceiling, decisions, files, markers, partition
from etl.lake.job import Refusal
from etl.lake.locks import partitions_locked
from etl.lake.markers import Partition
from etl.lake.partition import Building, documents_digest
from etl.lake.plan import Inputs, damaged
from etl.lake.workers import workers
from etl.parse.record import Entry
from etl.run import damage
from etl.run.context import Run
from etl.run.damage import PutBack
from etl.run.decide import accepted, admission, broken
from etl.run.sample import refuse_sample
from etl.run.work import Fetched, Outcome, step
from etl.sample import is_marked
from etl.settings import Settings


@dataclass(eq=False, kw_only=True)
class QuestionsWork(Fetched):
    """One archive of questions on its way into the lake.

    Attributes:
        path: the raw zip; None when only single documents tell of its questions.
        documents: these, the newest of a number first.
        fetched_at: when what is read came.
        before: the partition as it is in the lake; None when there is none from the same kind of source.
        again: read again what is in quarantine.
        left: what is left of a damaged partition, where no release holds it.
        refused: by number, why the check refuses a question.
        building: while the workers are at it.
        staged: what is to be checked.
    """

    archive: Archive
    path: Path | None = None
    documents: list[Entry] = field(default_factory=list)
    fetched_at: datetime | None = None
    before: Partition | None = None
    again: bool = False
    left: Partition | None = None
    refused: dict[int, Refusal] = field(default_factory=dict)
    building: Building | None = None
    staged: Partition | None = None


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


def prepare(archive: Archive, run: Run, *, named: bool = False) -> Outcome:
    """Fetches, reads and checks one archive into the lake; the DAG maps this.

    Args:
        archive: which one.
        run: the run.
        named: it was asked for by name, so that a source without it is an error.

    Raises:
        SourceError: the source failed.
        GateError: a critical check failed.
    """
    (outcome,) = prepare_all([archive], run, named=named)
    if outcome.error:
        raise outcome.error
    return outcome


def plan_again(settings: Settings, legislatures: Sequence[int] = (), types: Sequence[str] = ()) -> list[Archive]:
    """The archives that the lake holds, to read anew.

    Raises:
        UsageError: there is no such legislature or type.
    """
    held = {partition.key for partition in markers.partitions(settings.lake)}
    others = {legislature for legislature, _ in held} - set(range(FIRST_LEGISLATURE, LAST_LEGISLATURE + 1))
    return [archive for archive in archives(legislatures, types, others) if archive.key in held]


def prepare_again(archive: Archive, run: Run) -> Outcome:
    """Reads and checks one archive of the lake anew, from raw/.

    Args:
        archive: which one.
        run: the run; with `force`, all of its records are read, and not only those that are new to the code.

    Raises:
        AnqError: raw/ no longer has it.
        GateError: a critical check failed.
    """
    (outcome,) = _read_again([archive.key], replace(run, settings=settings_of_home(run.settings)))
    if outcome.error:
        raise outcome.error
    return outcome


def prepare_all(wanted: Sequence[Archive], run: Run, *, named: bool = False) -> list[Outcome]:
    """Fetches, reads and checks archives into the lake; one that fails does not stop the others.

    Args:
        wanted: the archives.
        run: the run.
        named: each was asked for by name, so that one that the source does not have is an error.

    Returns:
        What came of each, errors included.
    """
    works = fetch_all(wanted, run, named=named)
    todo = _new([work for work in works if not work.outcome.error], run)
    if todo:
        mend(run, [work.archive.key for work in todo])
        with ExitStack() as locks:
            # in one order, so that no two runs block each other
            for work in sorted(todo, key=lambda work: work.archive.key):
                work.lock(partitions_locked(run.settings.lake, [work.archive.key]), locks, run)
            for work in todo:
                work.look_again(run)
            todo = _new([work for work in todo if not work.outcome.error], run)
            if todo:
                _read(todo, run)
    for work in works:
        if work.download and work not in todo and not work.outcome.error:
            decisions.let_go(run.settings.lake, work.archive.name)  # the state that the lake has is the source's again
        if work in todo or work.outcome.error or work.ledger["ops.sources"]:
            work.tell(run, work.archive.name)
    return [work.outcome for work in works]


def fetch_all(wanted: Sequence[Archive], run: Run, *, named: bool = False) -> list[QuestionsWork]:
    """Fetches archives; one that fails does not stop the others. The arguments are those of `prepare_all`."""
    works = [QuestionsWork(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    for work in works:
        with step(work, run, "fetch"):
            work.fetch(run, named=named)
        if work.download and work.download.is_new:
            run.checker.warm()  # it imports Great Expectations while the others are fetched
    return works


def load_documents(keys: Collection[tuple[int, str]], run: Run) -> list[Outcome]:
    """Takes the single documents of raw/documents into the lake, beside what the archives last said.

    Args:
        keys: the legislatures and types that they are of.
        run: the run.

    Returns:
        What came of each legislature and type, errors included.
    """
    mend(run, keys)
    wanted = [archive_of(*key) for key in sorted(keys)]
    works = [QuestionsWork(archive=archive, outcome=Outcome(archive.name)) for archive in wanted]
    with partitions_locked(run.settings.lake, keys):  # what the archives said is looked up once nobody changes it
        todo = _new(works, run)
        if todo:
            _read(todo, run)
    for work in works:
        work.tell(run, work.archive.name)
    return [work.outcome for work in works]


def settings_of_home(settings: Settings) -> Settings:
    """The settings of work that asks no source: raw/ stands for it, unless the home holds nothing but the sample."""
    held = [partition.sample for partition in markers.partitions(settings.lake)]
    return replace(settings, source="sample" if held and all(held) else "raw")


def retry(run: Run) -> list[Outcome]:
    """Reads again, from raw/, the questions that are in quarantine; those that are good now enter the lake.

    Args:
        run: the run, with the settings that `settings_of_home` gives.

    Returns:
        What came of each archive that has some.
    """
    mend(run)
    return _read_again(
        [partition.key for partition in markers.partitions(run.settings.lake) if partition.rows["ops.quarantine"]], run
    )


def _read_again(keys: Sequence[tuple[int, str]], run: Run) -> list[Outcome]:
    """Reads archives of the lake again, from raw/: what they have in quarantine, and with `force` all."""
    with partitions_locked(run.settings.lake, keys):
        works = [work for key in keys if (work := _again(key, run))]
        if works:
            _read(works, run)
    for work in works:
        work.tell(run, work.archive.name)
    return [work.outcome for work in works]


def mend(run: Run, keys: Collection[tuple[int, str]] | None = ()) -> None:
    """Mends what is damaged in the lake: from the last whole release, and then from raw/, with the history kept.

    Args:
        run: the run; what is damaged, mended or lost is said.
        keys: the legislatures and types that are about to be read, whose files are held against their hashes; None
            means all that the lake holds. Of the others it is seen whether each file is there, and ends as it should.

    Raises:
        DamageError: something cannot be mended; the message says what is lost.
    """
    put_back = damage.put_back(run, None if keys is None else [stem_of(*key) for key in keys])
    if not put_back:
        return
    own = replace(run, settings=settings_of_home(run.settings))
    with partitions_locked(run.settings.lake, [one.key for one in put_back]):
        for turn in range(max(len(one.states) for one in put_back)):
            works = [work for one in put_back if turn < len(one.states) and (work := _mended(one, turn, own))]
            if works:
                _read(works, own)
            for work in works:
                work.tell(run, f"{work.archive.name} mended {turn}")
                if work.left and work.outcome.error:
                    raise work.outcome.error


def _mended(put_back: PutBack, turn: int, run: Run) -> QuestionsWork | None:
    """A partition that was put back, to read again from raw/; None when raw/ has not all of it: the source is asked."""
    sha256, fetched_at = put_back.states[turn]
    archive = archive_of(*put_back.key)
    before = markers.partition(run.settings.lake, put_back.key)
    work = QuestionsWork(archive=archive, outcome=Outcome(archive.name), before=before, left=put_back.left)
    work.fetched_at, work.documents = fetched_at, _documents(archive, run)
    _find(work, run.settings, sha256)
    folder = documents.folder(run.settings)
    wanted = [*([work.path] if work.path else []), *(folder / str(entry.document) for entry in work.documents)]
    for path in wanted:
        if fault := raw.fault_of(path):
            what = f"{path.relative_to(run.settings.home)} {fault}"
            if put_back.left:
                raise DamageError(
                    f"{archive.name}: no release holds it, and {what}: delete lake/_partitions/{archive.stem}.json, "
                    "and `anq run` reads it anew from the source; what it knew of the past is lost"
                )
            run.say(f"{archive.name}: {what}, so it is read again when the source has sent it anew")
            return None
    return work


def _again(key: tuple[int, str], run: Run) -> QuestionsWork | None:
    """The archive that the lake holds the state of; None when there is nothing of it to read again."""
    before = markers.partition(run.settings.lake, key)
    if before is None or before.sample != run.is_sample or not (run.force or before.rows["ops.quarantine"]):
        return None
    archive = archive_of(*key)
    work = QuestionsWork(archive=archive, outcome=Outcome(archive.name), before=before, again=True)
    work.fetched_at, work.documents = before.fetched_at, _documents(archive, run)
    _find(work, run.settings, before.source_sha256)
    return work


def _new(works: Sequence[QuestionsWork], run: Run) -> list[QuestionsWork]:
    """Looks up what there is of each, and gives those of which something is new."""
    for work in works:
        look_up(work, run)
    return [work for work in works if _is_new(work, run)]


def look_up(work: QuestionsWork, run: Run) -> None:
    """Finds what an archive is read from: its file and form, and the single documents."""
    before = markers.partition(run.settings.lake, work.archive.key)
    work.before = before if before is not None and before.sample == run.is_sample else None
    work.documents = _documents(work.archive, run)
    if work.download is None and not work.documents:
        return
    before_sha256 = work.before.source_sha256 if work.before else ""
    _find(work, run.settings, work.download.sha256 if work.download else before_sha256)
    work.again = _has_other_rules(work)
    work.fetched_at = run.now if work.download is None or _has_other_documents(work) else work.download.fetched_at


def _is_new(work: QuestionsWork, run: Run) -> bool:
    """Whether there is anything to read."""
    if work.download is None and not work.documents:
        return False
    if run.force or work.before is None or _has_other_documents(work) or _has_other_rules(work):
        return True
    sha256 = work.path.stem if work.path else ""
    differs = (work.before.source_sha256, work.before.code) != (sha256, partition.code())
    return differs or bool(damaged(run.settings.lake, work.before))


def _has_other_documents(work: QuestionsWork) -> bool:
    return work.before is not None and work.before.documents != documents_digest(work.documents)


def _has_other_rules(work: QuestionsWork) -> bool:
    return work.before is not None and work.before.rules != rules_digest()


def _find(work: QuestionsWork, settings: Settings, sha256: str) -> None:
    """Finds the archive's bytes, and their form."""
    work.path = settings.raw / f"{sha256}.zip" if sha256 else None
    downloads = [work.download] if work.download else manifest.rows(settings)
    form = next((download.form for download in downloads if download.sha256 == sha256), FORMS[0])
    work.archive = replace(work.archive, form=form)


def _documents(archive: Archive, run: Run) -> list[Entry]:
    if run.is_sample:
        return []
    return [
        Entry(document.name, document.number, 0, document.size, document.size, document.crc32, None, document.sha256)
        for document in documents.documents(archive.key, run.settings)
    ]


def _read(todo: Sequence[QuestionsWork], run: Run) -> None:
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
    run.checker.warm()  # it imports Great Expectations meanwhile
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
