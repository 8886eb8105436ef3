"""Archives of questions: planned, fetched, read and checked into the lake."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace

from etl.catalogue import FIRST_LEGISLATURE, LAST_LEGISLATURE, Archive, archives, stem_of
from etl.catalogue import archive as archive_of
from etl.errors import DamageError
from etl.fetch import documents, next_legislatures, raw
from etl.lake import decisions, markers
from etl.lake.locks import partitions_locked
from etl.run import damage
from etl.run.archive import QuestionsWork, is_new, look_up, of_state
from etl.run.context import Run
from etl.run.damage import PutBack
from etl.run.intake import read
from etl.run.sample import refuse_sample
from etl.run.work import Outcome, step
from etl.settings import Settings


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
                read(todo, run)
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
            read(todo, run)
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
            read(works, run)
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
                read(works, own)
            for work in works:
                work.tell(run, f"{work.archive.name} mended {turn}")
                if work.left and work.outcome.error:
                    raise work.outcome.error


def _mended(put_back: PutBack, turn: int, run: Run) -> QuestionsWork | None:
    """A partition that was put back, to read again from raw/; None when raw/ has not all of it: the source is asked."""
    work = of_state(put_back.key, *put_back.states[turn], run)
    work.left, archive = put_back.left, work.archive
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
    work = of_state(key, before.source_sha256, before.fetched_at, run)
    work.again = True
    return work


def _new(works: Sequence[QuestionsWork], run: Run) -> list[QuestionsWork]:
    """Looks up what there is of each, and gives those of which something is new."""
    for work in works:
        look_up(work, run)
    return [work for work in works if is_new(work, run)]
