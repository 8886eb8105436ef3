"""A record as rows of `questions` and its child tables, with its anomalies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache, lru_cache
from itertools import compress
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec

from etl.normalise import laws, mentions
from etl.normalise.dates import legislatures, parse_date
from etl.normalise.passages import passages
from etl.normalise.status import of_closure
from etl.normalise.text import clean_label, to_markdown
from etl.parse.record import Anomaly, Body, Closure, Record, RecordError, Text
from etl.schema import tables

_EDITIONS = {"JO_QUESTION", "JO_DEBAT", "JO_LOI_DECRET"}  # docs/source/formats.md 2.4
_LOST = "\ufffd"  # what a decoder puts for a letter that it cannot read
_GROUP_END = re.compile(r"(?<=\d)[ .\xa0\u202f](?=\d{3}(?!\d))")  # in 7 249
_ID = re.compile(r"P[AMO][0-9]+")
_SINCE = 15  # the legislature from which on the headings are those of schemas/rubriques.yaml
_NO_HEADING = "aucune tête d'analyse"  # what the source writes for none, docs/source/formats.md 4
_label = lru_cache(maxsize=50_000)(clean_label)
_encode = msgspec.msgpack.Encoder().encode
_TEXTS = ("question_texts", "answer_texts")
_MINISTRY = ("ministry_id", "ministry", "ministry_name")
Row = dict[str, Any]


@lru_cache(maxsize=50_000)
def _is_id(prefix: str, value: str) -> bool:
    return value.startswith(prefix) and _ID.fullmatch(value) is not None


class Rows(NamedTuple):
    """What one record becomes."""

    question: Row
    children: dict[str, list[Row]]
    anomalies: list[Anomaly]


class _Closure(NamedTuple):
    """A closure; `jo_date` and `jo_page` are where the Journal officiel printed it."""

    code: str | None
    label: str | None
    closed_on: date | None
    jo_date: date | None
    jo_page: int | None


class Reader:
    """Reads values into their types; a value that is not as it should be becomes an anomaly in `odd`."""

    def __init__(self) -> None:
        self.odd: list[Anomaly] = []
        self.lost = False  # whether any text or label has lost letters (U+FFFD)

    def date(self, what: str, value: str | None) -> date | None:
        """A day in one of the shapes that the source has."""
        if value is None:
            return None
        try:
            return parse_date(value.strip())
        except ValueError:
            self.odd.append(Anomaly("bad_date", "error", what, value))
            return None

    def number(self, what: str, value: str | None) -> int | None:
        """A whole number below 10,000."""
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) < 5:
            return int(value)
        self.odd.append(Anomaly("bad_number", "warning", what, value))
        return None

    def flag(self, what: str, value: str | None) -> bool | None:
        """1 or 0."""
        if value not in (None, "0", "1"):
            self.odd.append(Anomaly("unknown_code", "warning", what, value))
            return None
        return None if value is None else value == "1"

    def page(self, what: str, value: str | None) -> int | None:
        """A page of the Journal officiel, also in groups of three digits."""
        if value is None:
            return None
        number = value if value.isdigit() else _GROUP_END.sub("", value)
        if number.isascii() and number.isdigit() and len(number) < 7 and int(number) > 0:
            return int(number)
        self.odd.append(Anomaly("bad_page", "warning", what, value))
        return None

    def id(self, what: str, prefix: str, value: str | None) -> str | None:
        """An identifier with its prefix: PA, PM or PO."""
        if value is None or _is_id(prefix, value):
            return value
        self.odd.append(Anomaly("bad_id", "warning", what, value))
        return None

    def label(self, value: str | None) -> str | None:
        """A short text in a line."""
        return self.noted(_label(value)) if value else None

    def text(self, fragment: str | None) -> str | None:
        """A fragment of HTML as Markdown; None when it has no text."""
        return self.noted(to_markdown(fragment)) if fragment else None

    def noted(self, text: str) -> str | None:
        """The text, None when it is empty; notes whether it has lost letters."""
        if _LOST in text:
            self.lost = True
        return text or None

    def body(self, what: str, value: Body) -> tuple[str | None, str | None, str | None]:
        """Identifier, short form and full name of a body."""
        return self.id(what, "PO", value.id), self.label(value.short), self.label(value.name)

    def jo_type(self, what: str, value: str | None) -> str | None:
        """An edition of the Journal officiel; an unknown edition is kept."""
        if value is not None and value not in _EDITIONS:
            self.odd.append(Anomaly("unknown_code", "warning", what, value))
        return value

    def texts(self, table: str, values: Iterable[Text]) -> list[Row]:
        """Rows of a table of texts, in order."""
        rows = [
            {
                "jo_type": self.jo_type(f"{table}.jo_type", value.jo_type),
                "jo_date": self.date(f"{table}.jo_date", value.jo_date),
                "jo_page": self.page(f"{table}.jo_page", value.jo_page),
                "text": self.text(value.text),
                "erratum": self.text(value.erratum),
            }
            for value in values
        ]
        return _ranked(rows, "jo_date")


def rows(record: Record) -> Rows:
    """Normalises one record.

    Args:
        record: as a parser gave it.

    Returns:
        Rows that have every column but the key of children, and `source_sha256`, `source_member`.

    Raises:
        RecordError: the record's identity contradicts itself.
    """
    alone = draft(record)
    finish([alone])
    return alone


def finish(drafts: Sequence[Rows]) -> None:
    """Adds what is sooner worked out for many records together: what their texts name, their passages; `record_sha256`.

    Args:
        drafts: as `draft` made them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    printed = [row for record in drafts for name in _TEXTS for row in record.children[name]]
    texts = [row["text"] or "" for row in printed]
    column = pa.array(texts, pa.string())
    for row, numbers in zip(printed, passages(column), strict=True):
        row["passages"] = numbers if row["text"] else None
    naming_acts, naming_questions = (
        set(compress(texts, pc.match_substring_regex(column, pattern).to_pylist()))
        for pattern in (laws.MAY_NAME, mentions.MAY_NAME)
    )
    for question, children, _ in drafts:
        asked, answered = question["question_text"], question["answer_text"]
        children["mentions"] = mentions.mentions(
            asked if asked in naming_questions else None, question["question_type"], question["question_number"]
        )
        children["law_references"] = laws.law_references(
            *(text if text in naming_acts else None for text in (asked, answered))
        )
        question["record_sha256"] = hashlib.sha256(_encode((question, children))).hexdigest()


def draft(record: Record) -> Rows:
    """A record's rows, as `rows` gives them, but for what `finish` adds.

    Raises:
        RecordError: the record's identity contradicts itself.
    """
    read = Reader()
    uid = f"QANR5L{record.legislature}{record.question_type}{record.number}"
    if record.uid != uid:
        raise RecordError("identity", f"uid is {record.uid[:60]!r}, but legislature, type and number make {uid}")
    attributions = _attributions(read, record)
    question_texts = read.texts("question_texts", record.questions)
    answer_texts = read.texts("answer_texts", record.answers)
    renewals = [{"renewed_on": read.date("renewals.renewed_on", value)} for value in record.renewed]
    renewals = _ranked(renewals, "renewed_on")
    author = _author(read, record)
    ministries = _ministries(read, record, attributions)
    index = _index(read, record)
    signalled = [day for written in record.signalled if (day := read.date("signalled_on", written))]
    closure = _closure(read, record)
    question: Row = {
        "legislature": record.legislature,
        "question_type": record.question_type,
        "question_number": record.number,
        "uid": record.uid,
        **author,
        **ministries,
        **index,
        "question_date": _first(question_texts, "jo_date"),
        "question_page": question_texts[0]["jo_page"] if question_texts else None,
        "question_text": _last(question_texts, "text"),
        **_answer(answer_texts, closure),
        "signalled_on": max(signalled, default=None),
        "renewed_on": _last(renewals, "renewed_on"),
        "reattributed_on": attributions[-1]["jo_date"] if len(attributions) > 1 else None,
        "closure_code": closure.code,
        "closure_label": closure.label,
        "closed_on": closure.closed_on,
    }
    question["status"] = _status(read, question, record.closure)
    children = {
        "attributions": attributions,
        "question_texts": question_texts,
        "answer_texts": answer_texts,
        "renewals": renewals,
    }
    if read.lost:
        read.odd += _lost_letters(question, children)
    return Rows(question, children, read.odd)


def _lost_letters(question: Row, children: dict[str, list[Row]]) -> Iterator[Anomaly]:
    """An anomaly for each value that has lost letters; of a question's texts their own tables tell."""
    values = [(what, value) for what, value in question.items() if what not in ("question_text", "answer_text")]
    values += [(f"{name}.{what}", value) for name in _TEXTS for row in children[name] for what, value in row.items()]
    for what, value in values:
        if isinstance(value, str) and _LOST in value:
            at = max(0, value.index(_LOST) - 100)
            yield Anomaly("bad_encoding", "warning", what, value[at : at + 200])


def _author(read: Reader, record: Record) -> Row:
    group_id, group_abbr, group_name = read.body("group_id", record.group)
    return {
        "deputy_id": read.id("deputy_id", "PA", record.deputy_id),
        "mandate_id": read.id("mandate_id", "PM", record.mandate_id),
        "author_name": read.label(record.author_name),
        "group_id": group_id,
        "group_abbr": group_abbr,
        "group_name": group_name,
        "department": read.label(record.department),
    }


def _ministries(read: Reader, record: Record, attributions: list[Row]) -> Row:
    """The ministry asked, and the ministry in charge: that of the last attribution, else the ministry asked."""
    asked_id, asked, asked_name = read.body("ministry_asked_id", record.ministry_asked)
    current = next((row for row in reversed(attributions) if any(row[name] for name in _MINISTRY)), None)
    if current is None:
        current = {"ministry_id": asked_id, "ministry": asked, "ministry_name": asked_name}
    return {
        "ministry_asked_id": asked_id,
        "ministry_asked": asked,
        "ministry_asked_name": asked_name,
        "ministry_id": current["ministry_id"],
        "ministry": current["ministry"],
        "ministry_name": current["ministry_name"],
    }


def _index(read: Reader, record: Record) -> Row:
    """The Assembly's headings, and the title: the best of them."""
    tete_analyse = read.label(record.tete_analyse)
    if tete_analyse and tete_analyse.lower().replace("’", "'") == _NO_HEADING:
        tete_analyse = None
    analyses = [analysis for analysis in map(clean_label, record.analyses) if read.noted(analysis)] or None
    rubrique = read.label(record.rubrique)
    if rubrique and record.legislature >= _SINCE and rubrique.casefold() not in _rubriques():
        read.odd.append(Anomaly("unknown_rubrique", "info", "rubrique", rubrique))
    return {
        "rubrique": rubrique,
        "tete_analyse": tete_analyse,
        "analyses": analyses,
        "title": tete_analyse or (analyses[0] if analyses else rubrique),
    }


def _answer(answer_texts: list[Row], closure: _Closure) -> Row:
    """Day, page and text of the answer; a closure "answered" gives the day and the page that no text has."""
    day = _first(answer_texts, "jo_date")
    page = answer_texts[0]["jo_page"] if answer_texts else None
    if of_closure(closure.code, closure.label) == "answered":
        day = day or closure.jo_date
        if page is None and (closure.jo_date == day or _first(answer_texts, "jo_page") is None):
            page = closure.jo_page
    return {"answer_date": day, "answer_page": page, "answer_text": _last(answer_texts, "text")}


@cache
def _rubriques() -> frozenset[str]:
    return frozenset(rubrique.casefold() for (rubrique,) in tables()["rubriques"].rows)


def _attributions(read: Reader, record: Record) -> list[Row]:
    attributions: list[Row] = []
    for attribution in record.attributions:
        ministry_id, ministry, ministry_name = read.body("attributions.ministry_id", attribution.ministry)
        attributions.append(
            {
                "ministry_id": ministry_id,
                "ministry": ministry,
                "ministry_name": ministry_name,
                "jo_type": read.jo_type("attributions.jo_type", attribution.jo_type),
                "jo_date": read.date("attributions.jo_date", attribution.jo_date),
            }
        )
    return _ranked(attributions, "jo_date")


def _closure(read: Reader, record: Record) -> _Closure:
    closure = record.closure
    if closure is None:
        return _Closure(None, None, None, None, None)
    return _Closure(
        read.label(closure.code),
        read.label(closure.label),
        read.date("closed_on", closure.date),
        read.date("cloture.infoJO.dateJO", closure.jo_date),
        read.page("cloture.infoJO.pageJO", closure.jo_page),
    )


def _status(read: Reader, question: Row, closure: Closure | None) -> str:
    code, label = question["closure_code"], question["closure_label"]
    if question["answer_text"]:
        return "answered"
    if code is None and label is None:
        if question["answer_date"]:
            read.odd.append(Anomaly("answer_missing", "error", "answer_text", "an answer is dated, and has no text"))
            return "answered"
        legislature = legislatures().get(question["legislature"])
        if legislature and legislature.closed_on:
            return "lapsed"
        if closure is None:
            return "pending"
    status = of_closure(code, label)
    if status is None:
        read.odd.append(Anomaly("unknown_closure", "warning", "closure_code", _named(code, label) or None))
        return "closed"
    if status == "answered":
        read.odd.append(Anomaly("answer_missing", "error", "answer_text", _named(code, label)))
    return status


def _named(code: str | None, label: str | None) -> str:
    return ": ".join(filter(None, (code, label)))


def _ranked(rows: list[Row], day: str) -> list[Row]:
    """The rows with their rank, in the order of their days; in that of the source where one has no day.

    A row that is there again, of the same day, is one; the XIV's attributions have no day, and differ though equal.
    """
    if len(rows) > 1 and all(row[day] for row in rows):
        rows.sort(key=itemgetter(day))
    rows = [row for row, before in zip(rows, [None, *rows], strict=False) if row != before or row[day] is None]
    return [{"rank": rank, **row} for rank, row in enumerate(rows, 1)]


def _first(rows: list[Row], column: str) -> Any:  # noqa: ANN401
    return next((row[column] for row in rows if row[column] is not None), None)


def _last(rows: list[Row], column: str) -> Any:  # noqa: ANN401
    return _first(rows[::-1], column)
