"""Which rare form or defect a question carries (docs/source/formats.md 2, 7): by chance, and by rule on low numbers."""

from __future__ import annotations

from typing import NamedTuple

from etl.sample.dice import Dice


class Trait(NamedTuple):
    """A rare form: the types and legislatures that show it, and how often they do."""

    name: str
    kinds: str
    legislatures: tuple[int, ...]
    rate: float


ALL, ISO, OLD, NEW = (14, 15, 16, 17), (14, 16, 17), (14,), (16, 17)

TRAITS = [
    # how it went
    Trait("withdrawn", "QE", ALL, 0.005),
    Trait("identical", "QE", (17,), 0.0001),
    Trait("late", "QE", ALL, 0.01),
    Trait("renewed", "QE", ALL, 0.005),
    Trait("signalled", "QE", NEW, 0.005),
    Trait("reattributed", "QE", ALL, 0.01),
    Trait("cancelled", "QOSD", (17,), 0.001),
    Trait("unheard", "QOSD", (17,), 0.08),
    Trait("second_question", "QE QOSD", ALL, 0.001),
    Trait("second_answer", "QE", ALL, 0.001),
    Trait("erratum_question", "QE", ALL, 0.002),
    Trait("erratum_answer", "QE", ALL, 0.002),
    # nulls of all kinds
    Trait("nil_head", "QE QOSD", OLD, 0.01),
    Trait("blank_head", "QE QOSD", OLD, 0.005),
    Trait("null_head", "QE", OLD, 0.02),
    Trait("blank_signal", "QE", OLD, 0.005),
    Trait("nil_signal", "QE", OLD, 0.005),
    Trait("empty_renewals", "QE QOSD", ALL, 0.005),
    Trait("nil_closure", "QE", ALL, 0.002),
    Trait("absent_answers", "QE", ALL, 0.002),
    # labels
    Trait("no_rubrique", "QE QG QOSD", ALL, 0.004),
    Trait("no_analysis", "QE", ALL, 0.003),
    Trait("no_analysis", "QG", (15, 14, 16, 17), 0.003),
    Trait("no_page", "QE QG QOSD", ALL, 0.006),
    Trait("capitals", "QG QE", (15, 14, 17), 0.011),
    Trait("capitals", "QG", (16,), 0.44),
    Trait("minsitere", "QE", ALL, 0.001),
    Trait("other_apostrophe", "QE QG QOSD", ALL, 0.02),
    Trait("po_null", "QG", (15,), 0.001),
    Trait("zone", "QE", NEW, 0.0005),
    # texts
    Trait("table", "QE", ALL, 0.004),
    Trait("broken_tag", "QE", ALL, 0.001),
    Trait("mojibake", "QE QG", ALL, 0.001),
    Trait("entities", "QE", ALL, 0.3),
    # oral questions
    Trait("closed_later", "QG", (15, 16, 17), 0.005),
    Trait("other_ministry", "QG", (15,), 0.0005),
    Trait("no_answer_text", "QG", (15,), 0.00025),
]

ANSWERED = {
    "second_answer",
    "erratum_answer",
    "table",
    "broken_tag",
    "mojibake",
    "entities",
    "zone",
    "renewed",
}
"""Traits that only an answered question can show."""

PENDING = {"nil_closure", "absent_answers"}
"""Traits that only an unanswered question can show."""

FIRST_FORCED = 3

_by_place: dict[tuple[str, int], list[Trait]] = {}
_forced: dict[tuple[str, int], dict[int, str]] = {}
for _trait in TRAITS:
    for _kind in _trait.kinds.split():
        for _legislature in _trait.legislatures:
            _place = (_kind, _legislature)
            _by_place.setdefault(_place, []).append(_trait)
            _numbers = _forced.setdefault(_place, {})
            if _kind == "QE" or _legislature == _trait.legislatures[0]:
                _numbers[FIRST_FORCED + len(_numbers)] = _trait.name

LAST_FORCED = max(max(numbers, default=0) for numbers in _forced.values())
"""The last number that carries a trait by rule."""


def traits_of(dice: Dice, kind: str, legislature: int, number: int) -> tuple[str, ...]:
    """The trait of a question, if any: the one that its number must show, else one by chance."""
    share = dice.roll()
    forced = _forced[kind, legislature].get(number)
    if forced:
        return (forced,)
    for trait in _by_place[kind, legislature]:
        if share < trait.rate:
            return (trait.name,)
        share -= trait.rate
    return ()
