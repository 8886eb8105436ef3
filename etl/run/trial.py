"""`anq try`: fetches, reads and checks, and keeps nothing: what the first real morning would hold back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.catalogue import Archive
from etl.check import CheckResult
from etl.errors import GateError
from etl.lake import files, markers
from etl.run import intake, questions, references
from etl.run.archive import QuestionsWork, look_up
from etl.run.context import Run
from etl.run.policy import Failure
from etl.run.work import Outcome

_SHOWN = 300  # characters of a rule's examples


@dataclass
class Trial:
    """What came of a trial.

    Attributes:
        outcomes: of each archive, and of the weekly issues together.
        held_back: those of them that would be.
        broken: the rules that do not hold.
        anomalies: by kind, field and, of unknown keys and codes, value: how often.
        quarantine: by archive, rule and error: how many records cannot be read.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    held_back: set[str] = field(default_factory=set)
    broken: list[CheckResult] = field(default_factory=list)
    anomalies: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    quarantine: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    @property
    def failures(self) -> list[Failure]:
        """What could not be fetched or read, or would be held back."""
        held = [Failure(archive, GateError.exit_code, "held back") for archive in sorted(self.held_back)]
        return [failure for outcome in self.outcomes for failure in outcome.failures] + held


def attempt(wanted: Sequence[Archive], run: Run, *, beside: bool) -> Trial:
    """Fetches, reads and checks archives in a folder of its own, which is gone at the end.

    Args:
        wanted: the archives of questions.
        run: the run; its home is neither read nor written.
        beside: people, bodies and the weekly issues too.
    """
    trial = Trial()
    with TemporaryDirectory(prefix="anq-try-") as folder:
        own = replace(run, settings=replace(run.settings, home=Path(folder)))
        works = questions.fetch_all(wanted, own)
        fetched = [work for work in works if work.download and not work.outcome.error]
        for work in fetched:
            look_up(work, own)
        if fetched:
            intake.build(fetched, own, recheck=True)
        intake.ask([work for work in fetched if work.staged], own)
        for work in works:
            _note(work, own, trial)
        if beside:
            _try_beside(own, trial)
    return trial


def _note(work: QuestionsWork, run: Run, trial: Trial) -> None:
    trial.outcomes.append(work.outcome)
    if work.staged is None:
        return
    broken = [result for result in work.results if not result.success]
    trial.broken += broken
    if any(result.severity == "critical" for result in broken) and not intake.to_set_aside(work, run):
        trial.held_back.add(work.archive.name)
    _count(partial(work.staged.files, run.settings.lake), work.archive.name, trial)


def _try_beside(run: Run, trial: Trial) -> None:
    for outcome in (references.prepare_people(run), references.prepare_journal(run)):
        trial.outcomes.append(outcome)
        if isinstance(outcome.error, GateError):
            trial.held_back.add(outcome.archive)
    for reference in markers.references(run.settings.lake):
        _count(partial(reference.paths, run.settings.lake), reference.name, trial)


def _count(paths: Callable[[str], list[Path]], archive: str, trial: Trial) -> None:
    for row in files.rows(paths("ops.anomalies"), ["kind", "what", "value"]):
        value = row["value"] or "" if row["kind"].startswith("unknown") else ""
        trial.anomalies[row["kind"], row["what"], value] += 1
    for row in files.rows(paths("ops.quarantine"), ["rule", "error"]):
        trial.quarantine[archive, row["rule"], row["error"]] += 1


def lines(trial: Trial) -> Iterator[str]:
    """What a person is told of a trial: rows, what is odd, what cannot be read, and what would be held back."""
    for outcome in trial.outcomes:
        state = "absent" if outcome.state == "absent" else f"{outcome.records:>9,} records"
        cannot = f", {outcome.quarantined:,} cannot be read" if outcome.quarantined else ""
        yield f"{outcome.archive:>8}  {'failed: ' + str(outcome.error) if outcome.error else state + cannot}"
    for (kind, what, value), count in trial.anomalies.most_common():
        yield f"anomaly   {count:>9,} {kind} {what}{': ' + value if value else ''}"
    for (archive, rule, error), count in trial.quarantine.most_common():
        yield f"unread    {count:>9,} {archive} {rule}: {error}"
    for result in sorted(trial.broken, key=lambda result: (result.severity != "critical", result.archive)):
        is_held = result.severity == "critical" and result.archive in trial.held_back
        verdict = "HELD BACK" if is_held else "set aside" if result.severity == "critical" else result.severity
        rows = "the rule itself failed" if result.failing_rows is None else f"{result.failing_rows:,} row(s)"
        yield f"{verdict:<9} {result.archive} {result.rule}: {rows}, such as {(result.examples or '')[:_SHOWN]}"
    yield f"{len(trial.held_back)} of {len(trial.outcomes)} would be held back; nothing was kept"
