"""What a check's failure means for one archive: it is held back, unless a person has accepted it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import msgspec

from etl.catalogue import TYPES
from etl.check import CheckResult, gate
from etl.errors import GateError, UsageError
from etl.lake import decisions, markers
from etl.lake.decisions import Acceptance, BrokenRule, HeldBack
from etl.run.context import Run
from etl.run.work import Work
from etl.settings import Settings


def accepted(archive: str, source_sha256: str, run: Run) -> dict[str, Acceptance]:
    """By rule, the acceptances of an archive that hold for these bytes, today."""
    return {
        acceptance.rule: acceptance
        for acceptance in decisions.acceptances(run.settings.lake, archive)
        if acceptance.holds(source_sha256, run.now.date())
    }


def broken(results: Sequence[CheckResult]) -> list[CheckResult]:
    """The critical rules that do not hold."""
    return [result for result in results if result.severity == "critical" and not result.success]


@contextmanager
def admission(
    work: Work, source_sha256: str, fetched_at: datetime, run: Run, *, records: int | None = None
) -> Iterator[None]:
    """Around what puts an archive into the lake: only what passed its check, or was accepted, comes so far.

    Args:
        work: with the check's results; the ledger is told of them.
        source_sha256: the bytes.
        fetched_at: when they came.
        run: the run.
        records: in the archive, when questions that break a rule may be set aside.

    Raises:
        GateError: it did not pass; it is noted as held back.
    """
    lake, archive = run.settings.lake, work.outcome.archive
    work.note_check(run)
    decided = accepted(archive, source_sha256, run)
    failed = broken(work.results)
    left = [result for result in failed if result.rule not in decided]
    try:
        gate(left, records, mended=bool(work.aside))
    except GateError:
        rules = [
            BrokenRule(rule=result.rule, failing_rows=result.failing_rows, examples=result.examples) for result in left
        ]
        held = HeldBack(
            archive=archive,
            held_since=run.now,
            run_id=run.id,
            source_sha256=source_sha256,
            fetched_at=fetched_at,
            rules=rules,
        )
        decisions.hold_back(lake, held)
        raise
    yield
    decisions.let_go(lake, archive)
    for result in (*failed, *work.aside):
        if acceptance := decided.get(result.rule):
            decisions.accept(lake, msgspec.structs.replace(acceptance, failing_rows=result.failing_rows))
            run.say(f"{archive}: {result.rule} was accepted by {acceptance.accepted_by}: {acceptance.why}")


def accept(
    settings: Settings, archive: str, rule: str, *, why: str, who: str, at: datetime, until: date | None, aside: bool
) -> Acceptance:
    """Notes a person's decision to let in what is held back; the next run takes it in.

    Args:
        settings: the home.
        archive: 17/QE, 17/people, or an issue's name.
        rule: `questions.answer_after_question`, or without its suite where that is clear.
        why: the reason.
        who: decides.
        at: when.
        until: the last day on which it holds; None means for the bytes that are held back.
        aside: the failing rows are set aside, whatever their number; else they go in.

    Returns:
        What was noted.

    Raises:
        UsageError: nothing is held back so, the reason is empty, or the day has passed.
    """
    held = decisions.held_back(settings.lake, archive)
    if held is None:
        names = ", ".join(one.archive for one in decisions.all_held_back(settings.lake)) or "nothing"
        raise UsageError(f"{archive} is not held back; what is: {names} (`anq status` shows by which rule)")
    matches = [one for one in held.rules if rule in (one.rule, one.rule.rpartition(".")[2])]
    if len(matches) != 1:
        raise UsageError(f"{archive} is not held back by {rule}, but by {', '.join(one.rule for one in held.rules)}")
    if not why.strip():
        raise UsageError('a decision needs a reason: --why "…"')
    if until is not None and until < at.date():
        raise UsageError(f"{until} has passed; give a day to come, or leave --until out for the bytes as they are")
    if aside and archive.rpartition("/")[2] not in TYPES:
        raise UsageError(f"only questions can be set aside, and {archive} holds none; leave --aside out")
    acceptance = Acceptance(
        archive=archive,
        rule=matches[0].rule,
        accepted_at=at,
        accepted_by=who,
        why=why.strip(),
        source_sha256=None if until else held.source_sha256,
        until_day=until,
        set_aside=aside,
        failing_rows=matches[0].failing_rows,
    )
    decisions.accept(settings.lake, acceptance)
    return acceptance


def forget_what_is_over(settings: Settings, today: date) -> None:
    """Removes the decisions whose day has passed, or whose bytes are neither in the lake nor held back."""
    lake = settings.lake
    known: set[str | None] = {partition.source_sha256 or partition.documents for partition in markers.partitions(lake)}
    known |= {reference.source_sha256 for reference in markers.references(lake)}
    known |= {held.source_sha256 for held in decisions.all_held_back(lake)}
    for acceptance in decisions.all_acceptances(lake):
        bytes_gone = acceptance.until_day is None and acceptance.source_sha256 not in known
        if bytes_gone or (acceptance.until_day is not None and acceptance.until_day < today):
            decisions.forget(lake, acceptance)
