"""What every step has in common: its part of a run, what came of it, and what the ledger is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import msgspec

from etl import lake, ops
from etl.catalogue import FIRST_LEGISLATURE, AnyArchive, Archive
from etl.check import Checker, CheckResult
from etl.errors import AnqError, SourceError, UsageError
from etl.fetch import Download, Progress, fetch, latest
from etl.lock import locked
from etl.settings import Settings

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
class Part:
    """One part of a run: what came of it, and what the ledger is told."""

    outcome: Outcome
    ledger: ops.Rows = field(default_factory=lambda: {"ops.outcomes": [], "ops.sources": [], "ops.checks": []})
    results: list[CheckResult] = field(default_factory=list)
    aside: list[CheckResult] = field(default_factory=list)  # rules that hold since questions were set aside


@dataclass(eq=False, kw_only=True)
class Fetching(Part):
    """One archive or issue on its way from the source."""

    archive: AnyArchive
    download: Download | None = None


@contextmanager
def running(checker: Checker | None) -> Iterator[Checker]:
    """The run's checker, or one of its own."""
    if checker is not None:
        yield checker
        return
    with Checker() as own:
        yield own


@contextmanager
def partitions_locked(keys: Collection[tuple[int, str]], settings: Settings) -> Iterator[None]:
    """Keeps other runs from these partitions; all runs take them in one order, so that none waits for another's."""
    with ExitStack() as stack:
        for legislature, question_type in sorted(keys):
            stack.enter_context(locked(settings.lake / f".{legislature}-{question_type}.lock"))
        yield


def references_locked(what: Literal["people", "journal"], settings: Settings) -> AbstractContextManager[None]:
    """Keeps other runs from people and bodies, or from the issues."""
    return locked(settings.lake / f".{what}.lock")


def drop_sample(settings: Settings) -> None:
    """Makes room for real questions: the sample goes, but for what a run that still goes on is replacing."""
    made_up = [one.key for one in lake.partitions(settings.lake) if one.sample]
    with partitions_locked(made_up, settings):
        for one in lake.partitions(settings.lake):
            if one.sample and one.key in made_up:
                lake.drop(settings.lake, one.key)
    if any(one.sample for one in lake.references(settings.lake)):
        with references_locked("people", settings), references_locked("journal", settings):
            for other in lake.references(settings.lake):
                if other.sample:
                    lake.drop_reference(settings.lake, other.name)


def refuse_sample(settings: Settings) -> None:
    """The made-up sample never goes where real questions are; the other way round it makes room for them."""
    held = [one.sample for one in lake.partitions(settings.lake)]
    held += [one.sample for one in lake.references(settings.lake)]
    if settings.source == "sample" and not all(held):
        raise UsageError(
            f"{settings.home} holds real questions, and the source is the made-up sample: "
            "name a source (--source opendata, or ANQ_SOURCE), or another home (--home)"
        )


def fetch_into(
    work: Fetching, settings: Settings, now: datetime, force: bool, named: bool, progress: Progress | None
) -> None:
    """Fetches an archive or an issue, and notes what came.

    Raises:
        SourceError: the source failed, or has not what was asked for by name.
    """
    legislature, question_type = work.archive.key if isinstance(work.archive, Archive) else (None, work.archive.name)
    if legislature is not None and legislature < FIRST_LEGISLATURE:
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
                "legislature": legislature,
                "question_type": question_type,
                "url": one.url,
                "sha256": one.sha256,
                "bytes": one.bytes,
                "etag": one.etag,
                "last_modified": one.last_modified,
                "fetched_at": one.fetched_at,
            }
        )


def look_again(work: Fetching, settings: Settings) -> None:
    """Takes what was fetched last: another run may have brought a later state while this one waited for its lock."""
    work.download = work.download and latest(work.archive, settings)


@contextmanager
def step(work: Part, run_id: str, step: str, say: Say, before: float = 0.0) -> Iterator[None]:
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
    rows.append(outcome_row(work.outcome, run_id, step, seconds))


def outcome_row(outcome: Outcome, run_id: str, step: str, seconds: float | None) -> dict[str, Any]:
    """The row of `ops.outcomes`; seconds is None of a step that was not timed."""
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


def check_rows(work: Part, run_id: str) -> list[dict[str, Any]]:
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
