"""What every step has in common: one piece of work of a run, what came of it, and what the ledger is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from etl.catalogue import FIRST_LEGISLATURE, AnyArchive, Archive
from etl.check import CheckResult
from etl.errors import AnqError, SourceError
from etl.fetch import Download, fetch, latest
from etl.lake import ledger
from etl.run import policy
from etl.run.context import Run
from etl.run.policy import Failure


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

    @property
    def failures(self) -> list[Failure]:
        """The failure, if it is one."""
        return [policy.failure(self.archive, self.error)] if self.error else []

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**vars(self), "error": str(self.error) if self.error else None}

    def row(self, run: Run, step: str, seconds: float | None, message: str | None = None) -> dict[str, Any]:
        """The row of `ops.outcomes`.

        Args:
            run: the run.
            step: which one.
            seconds: that it took; None of a step that was not timed.
            message: what there is to say; an error says it itself.
        """
        return {
            "run_id": run.id,
            "archive": self.archive,
            "step": step,
            "state": "failed" if self.error else "absent" if self.state == "absent" else "done",
            "seconds": seconds,
            "records": self.records,
            "changed": self.changed,
            "quarantined": self.quarantined,
            "anomalies": self.anomalies,
            "exit_code": self.error.exit_code if self.error else None,
            "message": str(self.error) if self.error else message,
        }


@dataclass(eq=False, kw_only=True)
class Work:
    """One piece of work of a run.

    Attributes:
        outcome: what came of it.
        ledger: what the ledger is told, by table.
        results: of its check.
        aside: the rules that hold since questions were set aside, as they were broken.
    """

    outcome: Outcome
    ledger: ledger.Rows = field(default_factory=lambda: {"ops.outcomes": [], "ops.sources": [], "ops.checks": []})
    results: list[CheckResult] = field(default_factory=list)
    aside: list[CheckResult] = field(default_factory=list)

    def tell(self, run: Run, name: str) -> None:
        """Writes what the ledger is told, as the step `name`."""
        ledger.write(run.settings.lake, run.id, name, self.ledger)

    def note_check(self, run: Run) -> None:
        """Notes the check's results: a rule that held once rows were set aside is shown with these rows."""
        aside = {(result.suite, result.expectation): result for result in self.aside}
        for result in self.results:
            shown = aside.get((result.suite, result.expectation), result) if result.success else result
            row = {"run_id": run.id, **msgspec.structs.asdict(shown)}
            del row["aside"]
            if shown is not result:
                observed = {"failing_rows": shown.failing_rows, "set_aside": True}
                row["observed"] = msgspec.json.encode(observed).decode()
            self.ledger["ops.checks"].append(row)


@dataclass(eq=False, kw_only=True)
class Fetched(Work):
    """One archive or issue on its way from the source.

    Attributes:
        archive: which one.
        download: the last one; None of an archive that the source does not have, or that was not asked for yet.
    """

    archive: AnyArchive
    download: Download | None = None

    def fetch(self, run: Run, *, named: bool) -> None:
        """Fetches it, and notes what came.

        Args:
            run: the run.
            named: it was asked for by name.

        Raises:
            SourceError: the source failed, or has not what was asked for by name.
        """
        legislature, question_type = (
            self.archive.key if isinstance(self.archive, Archive) else (None, self.archive.name)
        )
        if legislature is not None and legislature < FIRST_LEGISLATURE:
            return
        self.download = fetch(self.archive, run.settings, run.now, force=run.force, progress=run.progress)
        if self.download is None:
            self.outcome.state = "absent"
            if named:
                forms = " or as ".join(form.upper() for form in self.archive.forms)
                raise SourceError(
                    f"{self.archive.name}: the source {run.settings.source} does not have it, as {forms}; "
                    "see what it has, or leave it out"
                )
        elif self.download.is_new or run.force:
            key = {"legislature": legislature, "question_type": question_type}
            columns = ("url", "sha256", "bytes", "etag", "last_modified", "fetched_at")
            self.ledger["ops.sources"].append(key | {name: getattr(self.download, name) for name in columns})

    def lock(self, lock: AbstractContextManager[None], locks: ExitStack, run: Run) -> None:
        """Takes the lock under which it is read; to have waited for it in vain is its failure alone.

        Args:
            lock: of its part of the lake.
            locks: what gives it back.
            run: the run.
        """
        try:
            locks.enter_context(lock)
        except AnqError as error:
            with step(self, run, "parse"):
                raise error

    def look_again(self, run: Run) -> None:
        """Takes what was fetched last: another run may have brought a later state while this one waited."""
        self.download = self.download and latest(self.archive, run.settings)


@contextmanager
def step(work: Work, run: Run, name: str, before: float = 0.0) -> Iterator[None]:
    """Times a step, notes how it ended, and keeps its error for later: the other archives go on.

    Args:
        work: whose step it is.
        run: the run; its `say` is told of an error.
        name: of the step.
        before: seconds that it took already, with others.
    """
    started = time.monotonic()
    try:
        with _typed(work.outcome.archive):
            yield
    except AnqError as error:
        work.outcome.error, work.outcome.state = error, "failed"
        run.say(str(error))
    rows = work.ledger["ops.outcomes"]
    seconds = round(before + time.monotonic() - started, 3)
    if rows and rows[-1]["step"] == name:
        seconds += rows.pop()["seconds"]
    rows.append(work.outcome.row(run, name, seconds))


@contextmanager
def _typed(archive: str) -> Iterator[None]:
    """Makes an error that nobody foresaw one of ours, which stops the archive alone; a disk that is full stops all."""
    try:
        yield
    except (AnqError, OSError):
        raise
    except Exception as error:
        raise AnqError(f"{archive}: {type(error).__name__}: {error} (our fault; --debug shows where)") from error
