"""Several documents of one question: the most trusted is kept, the others fill its gaps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from itertools import zip_longest
from typing import TypeVar

import msgspec

from etl.normalise.dates import parse_date
from etl.normalise.mend import clean_label
from etl.parse.record import Attribution, Body, Closure, Record, Text

_Part = TypeVar("_Part", bound=msgspec.Struct)


def merged(records: Sequence[Record]) -> Record:
    """One record of several that are of the same question, the most trusted first."""
    return reduce(_filled, records)


def _filled(record: Record, other: Record) -> Record:
    """The record, with what the other has and it has not, field by field."""
    return msgspec.structs.replace(
        _with_gaps_filled(record, other, but=("group", "ministry_asked", "closure")),
        group=_body(record.group, other.group),
        ministry_asked=_body(record.ministry_asked, other.ministry_asked),
        attributions=_attributions(record.attributions, other.attributions),
        questions=_texts(record.questions, other.questions),
        answers=_texts(record.answers, other.answers),
        closure=_closure(record.closure, other.closure),
    )


def _with_gaps_filled(mine: _Part, other: _Part, but: Sequence[str] = ()) -> _Part:
    missing = {
        name: getattr(other, name)
        for name in mine.__struct_fields__
        if name not in but and getattr(mine, name) in (None, ())
    }
    return msgspec.structs.replace(mine, **missing)


def _body(mine: Body, other: Body) -> Body:
    """Filled only from a body of the same name: a group at another day, or another ministry, would be a mixture."""
    if mine == Body():
        return other
    same = any(
        name and its_name and clean_label(name).casefold() == clean_label(its_name).casefold()
        for name, its_name in ((mine.id, other.id), (mine.short, other.short), (mine.name, other.name))
    )
    return _with_gaps_filled(mine, other) if same else mine


def _attributions(mine: Sequence[Attribution], others: Sequence[Attribution]) -> tuple[Attribution, ...]:
    if not mine:
        return tuple(others)
    if len(mine) != len(others):
        return tuple(mine)
    return tuple(
        Attribution(_body(own.ministry, other.ministry), own.jo_type or other.jo_type, own.jo_date or other.jo_date)
        for own, other in zip(mine, others, strict=True)
    )


def _texts(mine: Sequence[Text], others: Sequence[Text]) -> tuple[Text, ...]:
    """Texts of one day are the same publication; an erratum of another day is one more."""
    if not mine:
        return tuple(others)
    left = list(others)
    texts: list[Text] = []
    for own, at_its_place in zip_longest(mine, others[: len(mine)]):
        day = _day(own.jo_date)
        match = next((other for other in left if day and _day(other.jo_date) == day), None)
        if match is None and at_its_place in left and (day is None or _day(at_its_place.jo_date) is None):
            match = at_its_place
        if match is not None:
            left.remove(match)
        texts.append(_with_gaps_filled(own, match) if match else own)
    days = {_day(text.jo_date) for text in texts}
    return (*texts, *(text for text in left if text.erratum and _day(text.jo_date) not in days))


def _closure(mine: Closure | None, other: Closure | None) -> Closure | None:
    if mine is None or other is None:
        return mine or other
    return _with_gaps_filled(mine, other) if (mine.code or mine.label) in (other.code, other.label) else mine


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text.strip()) if text else None
    except ValueError:
        return None
