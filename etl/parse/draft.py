"""A question as a page shows it, and the rules by which every form of page becomes a `Record`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from etl.parse import events
from etl.parse.events import Event
from etl.parse.markup import fold, plain
from etl.parse.opendata_json import number
from etl.parse.record import Anomaly, Attribution, Body, Closure, Record, RecordError, Text

#: Where the Journal officiel prints question and answer, docs/source/formats.md 2.4.
JO_TYPES = {
    "QE": ("JO_QUESTION", "JO_QUESTION"),
    "QOSD": ("JO_QUESTION", "JO_DEBAT"),
    "QG": ("JO_DEBAT", "JO_DEBAT"),
}
_TYPE_NAMES = (
    (r"QE|question\s+[eé]crite", "QE"),
    (r"QG|question\s+au\s+gouvernement", "QG"),
    (r"QOSD|question\s+orale(?:\s+sans\s+d[eé]bat)?", "QOSD"),
)


_ALERT = "etre alerte(e) de la reponse"  # a button, which a copy of a page shows without its form
_ROMAN = dict(
    zip(("VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI", "XVII", "XVIII"), range(7, 19), strict=True)
)
_LAST_WITH_SEMICOLONS = 8  # legislature

NOBODY = Body()


@dataclass(frozen=True)
class Author:
    """A deputy as a page names them: "Prénom Nom"."""

    name: str | None
    deputy_id: str | None = None
    group: Body = NOBODY
    department: str | None = None


@dataclass
class Draft:
    """What a page shows of a question; `record` makes the record once every field is set."""

    legislature: int
    question_type: str
    number: int
    authors: list[Author] = field(default_factory=list)
    mandate_id: str | None = None
    asked: str | None = None
    attributed: str | None = None
    rubrique: str | None = None
    tete_analyse: str | None = None
    analyses: tuple[str, ...] = ()
    question: str | None = None
    answer: str | None = None
    published: list[Event] = field(default_factory=list)
    closure_code: str | None = None
    odd: list[Anomaly] = field(default_factory=list)

    def record(self) -> Record:
        """The record that the page makes."""
        author = self.authors[0] if self.authors else Author(None)
        for other in self.authors[1:]:
            known = [other.name, other.deputy_id, other.group.name, other.department]
            self.odd.append(Anomaly("second_author", "info", "author", ", ".join(value for value in known if value)))
        questions, answers = self._texts()
        return Record(
            uid=f"QANR5L{self.legislature}{self.question_type}{self.number}",
            legislature=self.legislature,
            question_type=self.question_type,
            number=self.number,
            deputy_id=author.deputy_id,
            mandate_id=self.mandate_id,
            author_name=" et ".join(author.name for author in self.authors if author.name) or None,
            department=author.department,
            group=author.group,
            ministry_asked=Body(short=self.asked),
            attributions=self._attributions(),
            rubrique=self.rubrique,
            tete_analyse=self.tete_analyse,
            analyses=self.analyses,
            questions=questions,
            answers=answers,
            signalled=self._days(events.SIGNAL),
            renewed=self._days(events.RENEWAL),
            closure=self._closure(),
        )

    def _of(self, kind: str) -> list[Event]:
        """The events of a kind, one a day: a page may show the same event twice, once without its page number."""
        once: dict[str | None, Event] = {}
        for event in self.published:
            if event.kind == kind:
                known = once.get(event.date)
                once[event.date] = event if known is None or (known.page is None and event.page) else known
        return list(once.values())

    def _days(self, kind: str) -> tuple[str, ...]:
        return tuple(event.date for event in self._of(kind) if event.date)

    def _texts(self) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
        asked_in, answered_in = JO_TYPES[self.question_type]
        asked = _rows(asked_in, self._of(events.QUESTION), self.question)
        answered = _rows(answered_in, self._of(events.ANSWER), self.answer)
        asked_errata = _errata(asked_in, self._of(events.QUESTION_ERRATUM))
        answered_errata = _errata(answered_in, self._of(events.ANSWER_ERRATUM))
        if self.question_type == "QG" and self.question is None:
            # A QG is published with its answer: the page's question date is the answer's.
            if asked and (not answered or answered[0].jo_date is None):
                answered = _rows(answered_in, self._of(events.QUESTION), self.answer)
            elif asked and asked[0].jo_date not in (None, answered[0].jo_date):
                self.odd.append(Anomaly("qg_question_date", "warning", "question_date", asked[0].jo_date))
            return (), (*answered, *asked_errata, *answered_errata)
        return (*asked, *asked_errata), (*answered, *answered_errata)

    def _attributions(self) -> tuple[Attribution, ...]:
        asked_on = next((event.date for event in self._of(events.QUESTION)), None)
        if asked_on is None and self.question_type == "QG":
            asked_on = next((event.date for event in self._of(events.ANSWER)), None)
        changes = self._days(events.CHANGE)
        attributed = Body(short=self.attributed or self.asked)
        if changes:
            first = Attribution(Body(short=self.asked), jo_date=asked_on)
            between = (Attribution(Body(), jo_date=changed_on) for changed_on in changes[:-1])
            return first, *between, Attribution(attributed, jo_date=changes[-1])
        return (Attribution(attributed, jo_date=asked_on),) if attributed != Body() else ()

    def _closure(self) -> Closure | None:
        closings = self._of(events.CLOSING)
        if closings:
            *others, last = closings
            for other in others:
                told = " ".join(filter(None, (other.label, other.date, other.reason)))
                self.odd.append(Anomaly("repeated", "warning", "closure", told))
            return Closure(code=self.closure_code, label=last.reason or last.label, date=last.date)
        return Closure(code=self.closure_code) if self.closure_code else None


def _rows(jo_type: str, published: list[Event], text: str | None) -> tuple[Text, ...]:
    """A text for each publication; the page has one text, which goes to the first."""
    if not published:
        return (Text(jo_type=jo_type, text=text),) if text else ()
    first, *others = published
    return (
        Text(jo_type, first.date, first.page, text),
        *(Text(jo_type, event.date, event.page) for event in others),
    )


def _errata(jo_type: str, published: list[Event]) -> tuple[Text, ...]:
    return tuple(Text(jo_type, event.date, event.page, erratum=event.label) for event in published)


def legislature_number(written: str | None) -> int:
    """A legislature's number, in figures or in Roman letters.

    Raises:
        RecordError: it is missing, or no such number.
    """
    roman = _ROMAN.get((written or "").upper())
    return roman or number(written, "the legislature")


def question_type(label: str) -> str:
    """QE, QG or QOSD, from a page's name for it.

    Raises:
        RecordError: it is none of them.
    """
    label = " ".join(label.split())
    for pattern, name in _TYPE_NAMES:
        if re.fullmatch(pattern, label, re.IGNORECASE):
            return name
    raise RecordError("type", f"{label[:60]!r} is no type of question: QE, QG or QOSD was expected")


def text_or_none(fragment: str) -> str | None:
    """The fragment, or None when it shows nothing, as one space does, or the offer of an alert of the answer only."""
    return fragment.strip() if fold(plain(fragment)) not in ("", _ALERT) else None


def split_analyses(text: str, legislature: int) -> tuple[str, ...]:
    """The analyses that a page joins with ". " (docs/source/formats.md 5.2), in the 7th and the 8th also with "; "."""
    parts = re.split(r";\s*|\.\s+" if legislature <= _LAST_WITH_SEMICOLONS else r"\.\s+", text.strip())
    return tuple(analysis for part in parts if (analysis := part.strip().removesuffix(".").strip()))


def with_ids(authors: list[Author], ids: list[str]) -> list[Author]:
    """The authors, each with the identifier at its place, or without."""
    return [replace(author, deputy_id=ids[at] if at < len(ids) else None) for at, author in enumerate(authors)]
