"""Several documents of one question: the better reading of each field, and what the others have beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import reduce
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVar

import msgspec

from etl.normalise.dates import parse_date
from etl.normalise.mend import clean_label
from etl.normalise.text import to_markdown
from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, Text

_Part = TypeVar("_Part", bound=msgspec.Struct)
#: Of a field's name, its value in the more trusted record and in the other: the value to take.
_Choice = Callable[[str, Any, Any], Any]
_LOST = "\ufffd"


def merged(records: Sequence[Record]) -> Record:
    """One record of several of the same question, the most trusted first: the others only fill its gaps."""
    return reduce(lambda record, other: _joined(record, other, _trusted), records)


class Reading(NamedTuple):
    """A document of a question; `cut` when it ends before it should."""

    record: Record
    cut: bool = False


def best(readings: Sequence[Reading]) -> tuple[Record, list[Anomaly]]:
    """One record of several documents of the same question, the most trusted first.

    Field by field an unbroken value wins over one that lost letters, and of a text the longer over the shorter; else
    the most trusted. No text of a document that is cut wins over one of a whole document.

    Returns:
        The record, and an anomaly for each value that lost.
    """
    whole = [reading.record for reading in readings if not reading.cut]
    cut = [reading.record for reading in readings if reading.cut]
    parts = [
        reduce(lambda record, other: _joined(record, other, _better), records) for records in (whole, cut) if records
    ]
    winner = merged(parts)
    known = {_same(what, value) for what, value in _values(winner)}
    lost = {
        _same(what, value): Anomaly("other_reading", "info", what, value)
        for reading in readings
        for what, value in _values(reading.record)
    }
    return winner, [anomaly for same, anomaly in lost.items() if same not in known]


def _trusted(name: str, mine: Any, other: Any) -> Any:  # noqa: ANN401
    return other if mine in (None, ()) else mine


def _better(name: str, mine: Any, other: Any) -> Any:  # noqa: ANN401
    if mine in (None, ()) or other in (None, ()):
        return _trusted(name, mine, other)
    broken = [any(_LOST in value for _, value in _values(each)) for each in (mine, other)]
    if broken[0] != broken[1]:
        return other if broken[0] else mine
    if name == "text" and len(_letters(other)) > len(_letters(mine)):
        return other
    return mine


def _values(part: Any, what: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Every value in a record, with the field that it is of."""
    if isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from _values(getattr(part, name), f"{what}.{name}".lstrip("."))
    elif isinstance(part, tuple):
        for each in part:
            yield from _values(each, what)
    elif part is not None:
        yield what, str(part)


def _same(what: str, value: str) -> tuple[str, object]:
    """What is equal for values that say the same."""
    if what.endswith(".text"):
        return what, _letters(value)
    return what, _day(value) or clean_label(value).casefold()


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, to_markdown(text))).casefold()


def _joined(record: Record, other: Record, choice: _Choice) -> Record:
    """The record, with what is to be taken of the other, field by field."""
    return msgspec.structs.replace(
        _chosen(
            record, other, choice, but=("group", "ministry_asked", "attributions", "questions", "answers", "closure")
        ),
        group=_body(record.group, other.group, choice),
        ministry_asked=_body(record.ministry_asked, other.ministry_asked, choice),
        attributions=_attributions(record.attributions, other.attributions, choice),
        questions=_texts(record.questions, other.questions, choice),
        answers=_texts(record.answers, other.answers, choice),
        closure=_closure(record.closure, other.closure, choice),
    )


def _chosen(mine: _Part, other: _Part, choice: _Choice, but: Sequence[str] = ()) -> _Part:
    names = [name for name in mine.__struct_fields__ if name not in but]
    return msgspec.structs.replace(
        mine, **{name: choice(name, getattr(mine, name), getattr(other, name)) for name in names}
    )


def _body(mine: Body, other: Body, choice: _Choice) -> Body:
    """Filled only from a body of the same name: a group at another day, or another ministry, would be a mixture."""
    if mine == Body() or other == Body():
        return other if mine == Body() else mine
    same = any(
        name and its_name and clean_label(name).casefold() == clean_label(its_name).casefold()
        for name, its_name in ((mine.id, other.id), (mine.short, other.short), (mine.name, other.name))
    )
    if same:
        return _chosen(mine, other, choice)
    body: Body = choice("", mine, other)
    return body


def _attributions(
    mine: Sequence[Attribution], others: Sequence[Attribution], choice: _Choice
) -> tuple[Attribution, ...]:
    if not mine or not others:
        return tuple(mine or others)
    if len(mine) != len(others):
        return tuple(choice("", tuple(mine), tuple(others)))
    return tuple(
        Attribution(
            _body(own.ministry, other.ministry, choice), own.jo_type or other.jo_type, own.jo_date or other.jo_date
        )
        for own, other in zip(mine, others, strict=True)
    )


def _texts(mine: Sequence[Text], others: Sequence[Text], choice: _Choice) -> tuple[Text, ...]:
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
        texts.append(_chosen(own, match, choice) if match else own)
    days = {_day(text.jo_date) for text in texts}
    return (*texts, *(text for text in left if text.erratum and _day(text.jo_date) not in days))


def _closure(mine: Closure | None, other: Closure | None, choice: _Choice) -> Closure | None:
    if mine is None or other is None:
        return mine or other
    if (mine.code or mine.label) in (other.code, other.label):
        return _chosen(mine, other, choice)
    closure: Closure = choice("", mine, other)
    return closure


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text.strip()) if text else None
    except ValueError:
        return None
