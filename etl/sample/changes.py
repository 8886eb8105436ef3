"""The next morning: what changes in the live written questions between two nightly archives."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from etl.sample.deputies import government_on, ministries
from etl.sample.dice import Dice
from etl.sample.draw import CHANGES, WITHDRAWN, Draw, answer_on, jo_of, unpaged
from etl.sample.facts import TODAY
from etl.sample.french import bare, capital
from etl.sample.question import Attribution, Closure, Published, Question, Signal

WHEEL = (
    *("answer", "answer", "answer", "renewal", "answer", "answer", "signal", "answer", "answer", "analysis"),
    *("answer", "answer", "reattribution", "answer", "answer", "correction", "answer", "analysis", "erratum"),
    *("answer", "withdrawal", "answer", "renewal"),
)
"""The mix of changes, in the order they are dealt."""


class Changes(NamedTuple):
    """The change of each existing number that changes, and how many new questions come after the last number."""

    by_number: dict[int, str]
    new: int


def draw_changes(draw: Draw, count: int) -> Changes:
    """Choose what changes: exactly `count` records, a tenth of them new.

    When no record is left for a kind of change, the next kind is dealt; when none is left for any, the rest are new.
    """
    if not count:
        return Changes({}, 0)
    open_to = _candidates(draw)
    by_number: dict[int, str] = {}
    wanted, turn, misses = count - count // 10, 0, 0
    while len(by_number) < wanted and misses < len(WHEEL):
        change = WHEEL[turn % len(WHEEL)]
        turn += 1
        numbers = open_to[change]
        while numbers and numbers[-1] in by_number:
            numbers.pop()
        if numbers:
            by_number[numbers.pop()] = change
            misses = 0
        else:
            misses += 1
    return Changes(by_number, count - len(by_number))


def _candidates(draw: Draw) -> dict[str, list[int]]:
    """The numbers open to each change, shuffled."""
    dice = Dice(0)
    open_to: dict[str, list[tuple[float, int]]] = {change: [] for change in WHEEL}
    for number in range(1, draw.total + 1):
        question = draw.question(number)
        dice.reset(draw.key(number, CHANGES))
        for change in _open_changes(question):
            open_to[change].append((dice.roll(), number))
    return {change: [number for _, number in sorted(numbers)] for change, numbers in open_to.items()}


def _open_changes(question: Question) -> list[str]:
    waited = (TODAY - question.day).days
    changes = []
    if not question.analyses and "no_analysis" not in question.traits:
        changes.append("analysis")
    if question.closure is None:
        if waited > 20 and not question.joint:
            changes += ["answer", "withdrawal", "reattribution"]
        if waited > 90:
            changes.append("renewal")
        if waited > 62 and question.signal is None:
            changes.append("signal")
    elif len(question.answers) == 1 and not question.traits:
        changes += ["correction", "erratum"]
    return changes


def amend(question: Question, change: str) -> None:
    """Change a question into what it is on the next morning."""
    issue = unpaged(TODAY)
    if change == "answer":
        answer_on(question, TODAY)
    elif change == "withdrawal":
        question.closure = Closure("AU", WITHDRAWN, TODAY, issue)
    elif change == "renewal":
        question.renewals.append(issue)
    elif change == "signal":
        question.signal = Signal(TODAY - timedelta(days=4), jo_of(TODAY, question.number))
    elif change == "analysis":
        question.analyses = [capital(bare(question.subject))]
    elif change == "reattribution":
        held = question.attributions[-1].ministry
        other = "travail" if held == ministries("santé")[government_on(TODAY)] else "santé"
        question.attributions.append(Attribution(ministries(other)[government_on(TODAY)], issue))
    elif change == "correction":
        question.answers.append(Published(jo_of(TODAY, question.number)))
    elif change == "erratum":
        question.traits = ("erratum_answer",)
