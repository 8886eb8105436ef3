"""REDIF_ANQ….xml: the questions and answers of a weekly issue of the Journal officiel (docs/source/formats.md 6).

No issue has been seen, only what a program reads in them [U]. So the names are taken as given, but not their places:
a value may be an element or an attribute, in any namespace; an entry may be a Section, an element in a Section, or
what follows the answer before. Anything else is an anomaly.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple

import msgspec
from lxml import etree

from etl.parse.record import Anomaly, RecordError, unknown_key
from etl.parse.xml_tree import OF_XML, name_of, read_damaged

PARTS = ("QE", "REP")
_QUESTION, _ANSWER = "question", "reponse"
_KNOWN = {
    _QUESTION: {"idQuestion", "referencePublication", "ministreJO", "parlementaire", "Objet", "texteQuestion"},
    _ANSWER: {"referencePublication", "texteReponse"},
    "idQuestion": {"numeroQuestion", "type", "legislature", "source"},
    "referencePublication": {"datePublication", "pageJO", "noPublication"},
}
#: What is named here is not used: where a question comes from, and the issue's number, which its file's name tells.
_IGNORED = {"source", "noPublication"}
#: "13382. — 10 mars 2026. — ", which every text begins with.
_BLANK = r"(?>(?:\s|&nbsp;|<[^<>]*>)*)"
_DASH = r"[—–−\x96\x97-]"
_HEADER = re.compile(
    rf"{_BLANK}\d{{1,3}}(?:[\s.]?\d{{3}})*{_BLANK}(?:\*{_BLANK})?\.{_BLANK}{_DASH}{_BLANK}\d{{1,2}}{_BLANK}(?:er)?{_BLANK}"
    rf"[^\W\d]+{_BLANK}\d{{4}}{_BLANK}\.{_BLANK}{_DASH}{_BLANK}"
)
_TAG = re.compile(r"<[^<>]*>")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


class PrintedAnswer(msgspec.Struct, frozen=True):
    """An answer, printed once for all the questions that it serves."""

    date: str | None = None
    page: str | None = None
    text: str | None = None


class PrintedQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question, printed when it is asked or under its answer; texts are fragments of HTML."""

    part: str
    legislature: int
    question_type: str
    number: int
    date: str | None = None
    page: str | None = None
    ministry: str | None = None
    deputy: str | None = None
    subject: str | None = None
    text: str | None = None


class PrintedEntry(NamedTuple):
    """What is printed together: a question alone, or an answer and its questions."""

    questions: list[PrintedQuestion]
    answer: PrintedAnswer | None


class BadEntry(NamedTuple):
    """An entry that cannot be read, and its bytes."""

    error: RecordError
    raw: bytes


def read(raw: bytes) -> tuple[list[PrintedEntry], list[BadEntry], list[Anomaly]]:
    """Reads an issue.

    Returns:
        Its entries in order, those that cannot be read, and what was odd.

    Raises:
        RecordError: it is no such document.
    """
    root, odd = read_damaged(raw, doctype=True)
    odd += _unknown(root)
    entries: list[PrintedEntry] = []
    bad: list[BadEntry] = []
    for part, questions, answer in _entries(root):
        try:
            if part not in PARTS:
                raise RecordError("shape", f"part is {part!r}, not one of {', '.join(PARTS)}")
            if not questions or (part == "REP") != (answer is not None):
                raise RecordError("shape", f"{len(questions)} questions and {answer is not None:d} answer in {part}")
            printed = [_question(element, part, odd) for element in questions]
            entries.append(PrintedEntry(printed, None if answer is None else _answer(answer)))
        except RecordError as error:
            elements = [*questions, *([answer] if answer is not None else [])]
            bad.append(BadEntry(error, b"".join(etree.tostring(element, with_tail=False) for element in elements)))
    return entries, bad, odd


def _entries(root: Any) -> Iterator[tuple[str | None, list[Any], Any]]:  # noqa: ANN401
    """By entry: the part, the questions, the answer.

    An answer alone in its element goes with all the questions there. Where there are several answers, each goes with
    the questions since the answer before.
    """
    part, waiting, done = None, list[Any](), set[Any]()
    answers = Counter(element.getparent() for element in root.iter() if name_of(element) == _ANSWER)
    for element in root.iter():
        name = name_of(element)
        if name == "Section":
            yield from ((part, [question], None) for question in waiting)
            part, waiting = _value(element, "part"), []
        elif name == _QUESTION and element not in done:
            if part == "REP":
                waiting.append(element)
            else:
                yield part, [element], None
        elif name == _ANSWER:
            around = element.getparent()
            if answers[around] == 1:
                here = [inner for inner in around.iter() if name_of(inner) == _QUESTION and inner not in done]
                yield from ((part, [question], None) for question in waiting if here and question not in here)
                waiting = here or waiting
            yield part, waiting, element
            done.update(waiting)
            waiting = []
    yield from ((part, [question], None) for question in waiting)


def _question(element: Any, part: str, odd: list[Anomaly]) -> PrintedQuestion:  # noqa: ANN401
    identity = _child(element, "idQuestion")
    published = _child(element, "referencePublication")
    question_type = _value(identity, "type")
    if question_type in (None, "REP"):  # the part, not the type: only written questions are printed [U]
        question_type = "QE"
    elif question_type not in ("QE", "QG", "QOSD"):
        odd.append(Anomaly("unknown_code", "warning", "idQuestion.type", question_type))
    return PrintedQuestion(
        part=part,
        legislature=_number("legislature", _value(identity, "legislature"), 99),
        question_type=question_type,
        number=_number("numeroQuestion", _value(identity, "numeroQuestion"), 9_999_999),
        date=_value(published, "datePublication"),
        page=_value(published, "pageJO"),
        ministry=_value(element, "ministreJO"),
        deputy=_value(element, "parlementaire"),
        subject=_value(element, "Objet"),
        text=_text(_child(element, "texteQuestion")),
    )


def _answer(element: Any) -> PrintedAnswer:  # noqa: ANN401
    published = _child(element, "referencePublication")
    text = _text(_child(element, "texteReponse"))
    return PrintedAnswer(_value(published, "datePublication"), _value(published, "pageJO"), text)


def _child(element: Any, name: str) -> Any:  # noqa: ANN401
    """The child of that name, or None.

    Raises:
        RecordError: there are several.
    """
    children = [] if element is None else [child for child in element if name_of(child) == name]
    if len(children) > 1:
        raise RecordError("shape", f"{len(children)} {name} in a {name_of(element)}")
    return children[0] if children else None


def _value(element: Any, name: str) -> str | None:  # noqa: ANN401
    """The text of a child or an attribute of that name, in one line; None when there is none."""
    child = _child(element, name)
    if child is not None:
        return _line(child) or None
    attributes = {} if element is None else {etree.QName(key).localname: value for key, value in element.attrib.items()}
    return attributes.get(name, "").strip() or None


def _number(what: str, value: str | None, most: int) -> int:
    if value is None:
        raise RecordError("missing", f"no {what}")
    if not value.isascii() or not value.isdigit() or not 0 < int(value[:9]) <= most:
        raise RecordError("number", f"{what} is {value[:60]!r}, not a number from 1 to {most}")
    return int(value)


def _text(element: Any) -> str | None:  # noqa: ANN401
    """The fragment inside an element, whether its markup was escaped or not, without the header."""
    if element is None:
        return None
    inner = (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
    header = _HEADER.match(inner)
    if header:
        inner = "".join(_TAG.findall(header[0])) + inner[header.end() :]
    return inner.strip() or None


def _unknown(root: Any) -> Iterable[Anomaly]:  # noqa: ANN401
    """An anomaly for each element that holds no entry, and each attribute, whose name is not known."""
    holders = {holder for element in root.iter() if name_of(element) in _KNOWN for holder in element.iterancestors()}
    waiting = [root]
    for element in waiting:  # which grows meanwhile
        name = name_of(element)
        known = _KNOWN.get(name)
        used = (known or set()) | ({"part"} if name == "Section" else set())
        for key in element.attrib:
            if etree.QName(key).localname not in used and not key.startswith(OF_XML):
                yield unknown_key(f"{name}@{etree.QName(key).localname}", element.attrib[key])
        if known is not None:
            for child in element:
                inside = name_of(child)
                if inside and inside not in known:
                    yield unknown_key(f"{name}.{inside}", _line(child))
                elif inside in _KNOWN:
                    waiting.append(child)
        elif element in holders:
            waiting += [child for child in element if name_of(child)]
        elif name != "Section" and not (name == "part" and name_of(element.getparent()) == "Section"):
            yield unknown_key(name, _line(element))


def _line(element: Any) -> str:  # noqa: ANN401
    """All its text, but for comments, in one line; an entity that a DTD elsewhere declares is one of HTML."""
    markup = _COMMENT.sub("", etree.tostring(element, encoding="unicode", with_tail=False))
    return " ".join(unescape(_TAG.sub(" ", markup)).split())
