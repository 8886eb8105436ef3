"""The "FICHE QUESTION" pages of legislatures 7 to 13: a table whose fields are pseudo-tags.

Shapes: docs/source/formats.md 5.1. The table is misnested: a field is the text between <TAG> and </TAG>.
"""

from __future__ import annotations

import re

from etl.parse import events
from etl.parse.author import given_first
from etl.parse.draft import Author, Draft, legislature_number, question_type, split_analyses, text_or_none
from etl.parse.events import Event, read_days
from etl.parse.markup import Tag, has_letters, lines, plain, tags, without_closers
from etl.parse.opendata_json import number
from etl.parse.record import Anomaly, Body, Record, unknown_key
from etl.written import ATTRIBUTES

_TEXTS = ("quest", "rep", "comprep")
_USED = frozenset((
    "leg", "nleg", "num", "aut", "groupe", "grp", "dept", "nat", "ret", "dret", "cret", "mini", "mina", "dpq", "pgq",
    "dpr", "pgrep", "derq", "pgerq", "derr", "pgerrep", "dsign", "draps", "dca", "rub", "tana", "ana", "codret",
))  # fmt: skip
# civ: "M." or "Mme"; dc: always empty; reg: the region; reponse: O or N, whether there is an answer.
_IGNORED = frozenset(("civ", "dc", "reg", "reponse"))
_CONTAINERS = frozenset(("rubriquage", "textes"))
_FIELDS = _USED | _IGNORED | frozenset(_TEXTS)
_HTML_NAMES = """a abbr acronym address article aside b base big blockquote body br button caption center cite code col
    colgroup dd del div dl dt em embed fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html
    i iframe img input ins kbd label legend li link main map meta nav nobr noscript object ol option p param pre q s
    script section select small source span strike strong style sub sup table tbody td textarea tfoot th thead time
    title tr tt u ul var video"""
_HTML = frozenset(_HTML_NAMES.split())
_LABELS = re.compile(
    r"FICHE QUESTION|Question\s+N\s?°|Minist[eè]re (?:interrog[eé]|attributaire)|Rubrique|T[eê]te d'analyse|Analyse"
    r"|Question (?:publi[eé]e|retir[eé]e)|R[eé]ponse publi[eé]e|au JO|page|Texte de la (?:QUESTION|R[EÉ]PONSE)|D[EÉ]BAT"
    r"|Erratum|Rectificatif|de la (?:question|r[eé]ponse)|Date de|signal(?:ement|[eé]e?)|renouvel(?:lement|ement|[eé]e)"
    r"|changement d'attribution|publi[eé]e?s?|\ble\b|\bde\b|\bdu\b|\bet\b",
    re.IGNORECASE,
)
# Or a comment, in which it is none.
_ANSWER_LABEL = re.compile(
    r"<!--(?:(?!<!--).)*?-->|(?P<label>(?:Texte\s+de\s+la\s+R[EÉ]PONSE|D[EÉ]BAT)\s*:)", re.IGNORECASE | re.DOTALL
)
_AFTER_ANSWER = re.compile(r"<(?:COMPREP|/TEXTES|GRP|NLEG|CODRET)\b|</BODY", re.IGNORECASE)
_BELOW_TEXTS = re.compile(r"<(?:REG|REPONSE)\b|</BODY", re.IGNORECASE)
_CELL_START = re.compile(rf"\A(?>(?:\s|</?(?:b|u|td|tr)\b(?:{ATTRIBUTES})>)*)", re.IGNORECASE)
_CELL = frozenset(("td", "tr", "table"))
_ERRATUM = re.compile(r"((?:Erratum|Rectificatif)[^<:]*)[:\s]*(?:<[^>]*>|&nbsp;|\s)*\Z", re.IGNORECASE)
_IN_PARENTHESES = re.compile(r"\A\(\s*(.*?)\s*\)\Z|\s+\)\Z")  # or behind a tag that was left open
_LEGISLATURE = re.compile(r"\d+|[VIX]+(?=\s*[eè])")


class _Fields:
    """The contents of the pseudo-tags by name, each with where it stands, and the rest of the page."""

    def __init__(self, source: str, odd: list[Anomaly]) -> None:
        self.source = source
        self.odd = odd
        self.contents: dict[str, list[tuple[int, str]]] = {}  # behind a tag: where, and what
        rest: list[str] = []
        all_tags = tags(source)
        at = done = 0
        while at < len(all_tags):
            tag = all_tags[at]
            at += 1
            if tag.closing or tag.name in _HTML or tag.name in _CONTAINERS:
                continue
            if tag.name in _FIELDS:
                at, end, resume = self._content(all_tags, at, tag)
                self.contents.setdefault(tag.name, []).append((tag.end, source[tag.end : end]))
            else:
                end, resume = _unknown_content(source, all_tags[at : at + 4], tag)
                odd.append(unknown_key(f"<{tag.name.upper()}>", plain(source[tag.end : end])))
            rest.append(source[done : tag.start])
            done = resume
        rest.append(source[done:])
        self.rest = "\n<br>".join(rest)

    def _content(self, all_tags: list[Tag], at: int, opened: Tag) -> tuple[int, int, int]:
        """Where a field ends: the index of the next tag to look at, the content's end, where the page goes on."""
        is_text = opened.name in _TEXTS
        last: tuple[int, int, int] | None = None
        for index in range(at, len(all_tags)):
            tag = all_tags[index]
            if tag.name == opened.name and tag.closing:
                last = index + 1, tag.start, tag.end
                if not is_text:
                    return last
            elif tag.name in (_CONTAINERS if tag.closing else _FIELDS) and tag.name != opened.name:
                return last or (index, tag.start, tag.start)
            elif tag.name == opened.name and not tag.closing and last:
                return last
        if last is None:
            self.odd.append(Anomaly("truncated", "error", opened.name.upper(), "the page ends before the field does"))
        return last or (len(all_tags), len(self.source), len(self.source))

    def all(self, name: str) -> list[str]:
        """The texts of a field's tags, blank ones left out."""
        return [text for _, content in self.contents.get(name, ()) if (text := plain(content))]

    def names(self) -> list[str]:
        """The authors, of which a field may hold several: a line each, or joined by "et"."""
        cells = [line for _, content in self.contents.get("aut", ()) for line in lines(content)]
        return [name for cell in cells for part in re.split(r"\s+et\s+|\s*;\s*", cell) if (name := part.strip())]

    def text(self, name: str) -> str | None:
        """The text of a field, None when blank; a second, different text is an anomaly."""
        texts = self.all(name)
        for other in texts[1:]:
            if other != texts[0]:
                self.odd.append(Anomaly("repeated", "warning", f"<{name.upper()}>", other[:200]))
        return texts[0] if texts else None

    def fragment(self, name: str) -> str | None:
        """The HTML of a text, None when blank."""
        parts = [part for _, content in self.contents.get(name, ()) if (part := text_or_none(content))]
        return "<br><br>".join(parts) or None

    def days(self, name: str) -> list[str]:
        """The dates of a field; its whole text when it holds no date, so that the anomaly shows the value."""
        texts = self.all(name)
        return [day for text in texts for day in read_days(text) or [text]]

    def label_before(self, name: str, default: str) -> str:
        """What the page writes before a field."""
        for start, _ in self.contents.get(name, ()):
            match = _ERRATUM.search(self.source[max(0, start - 300) : start])
            if match:
                return events.named(plain(match[1]))
        return default


def _unknown_content(source: str, following: list[Tag], opened: Tag) -> tuple[int, int]:
    """Where the content of a tag that is not known ends, and where the page goes on."""
    for tag in following:
        if tag.closing and tag.name == opened.name:
            return tag.start, tag.end
        if tag.name in _FIELDS:
            break
    end = following[0].start if following else len(source)
    return end, end


def read(source: str) -> tuple[Record, list[Anomaly]]:
    """Reads a page.

    Raises:
        RecordError: number, type or legislature are not there.
    """
    odd: list[Anomaly] = []
    page = _Fields(source, odd)
    if not odd and not _BELOW_TEXTS.search(source):
        odd.append(Anomaly("truncated", "error", "page", "the page ends before what stands below its texts"))
    legislature = _legislature(page)
    draft = Draft(
        legislature=legislature,
        question_type=question_type(page.text("nat") or ""),
        number=number(page.text("num"), "<NUM>"),
        asked=page.text("mini"),
        attributed=page.text("mina"),
        rubrique=page.text("rub"),
        tete_analyse=page.text("tana"),
        analyses=tuple(analysis for text in page.all("ana") for analysis in split_analyses(text, legislature)),
        question=page.fragment("quest"),
        answer=_answer(page),
        closure_code=page.text("codret"),
        odd=odd,
    )
    draft.authors = _authors(page, draft)
    draft.published = _published(page)
    _audit(page)
    return draft.record(), odd


def _legislature(page: _Fields) -> int:
    written = [match[0] for text in (*page.all("leg"), *page.all("nleg")) if (match := _LEGISLATURE.match(text))]
    for other in written[1:]:
        if legislature_number(other) != legislature_number(written[0]):
            page.odd.append(Anomaly("repeated", "error", "<NLEG>", other))
    return legislature_number(written[0] if written else None)


def _authors(page: _Fields, draft: Draft) -> list[Author]:
    texts = plain(f"{draft.question or ''} {draft.answer or ''}")
    groups, places = page.all("groupe"), page.all("dept")
    authors: list[Author] = []
    for at, written in enumerate(page.names()):
        name = given_first(written, texts)
        if not name.certain:
            page.odd.append(Anomaly("name_order", "info", "<AUT>", f"{written}: read as {name.text}"))
        group = groups[at] if at < len(groups) else None
        short = page.text("grp") if at == 0 else None
        authors.append(Author(name.text, None, Body(None, short, group), places[at] if at < len(places) else None))
    if not authors and (groups or places or page.text("grp")):
        group = groups[0] if groups else None
        authors.append(Author(None, None, Body(None, page.text("grp"), group), places[0] if places else None))
    return authors


def _answer(page: _Fields) -> str | None:
    answer, complement = page.fragment("rep"), page.fragment("comprep")
    if answer is None and "rep" not in page.contents:
        asked_until = max((start + len(text) for start, text in page.contents.get("quest", ())), default=0)
        label = _answer_label(page.source, asked_until)
        end = _AFTER_ANSWER.search(page.source, label.end()) if label else None
        if label:
            cell = page.source[label.end() : end.start() if end else len(page.source)]
            answer = text_or_none(without_closers(_CELL_START.sub("", cell), _CELL))
        if answer:
            page.odd.append(Anomaly("answer_without_tag", "info", "<REP>", plain(answer)[:60]))
    if complement:
        page.odd.append(Anomaly("answer_complement", "info", "<COMPREP>", plain(complement)[:60]))
    return "<br><br>".join(part for part in (answer, complement) if part) or None


def _answer_label(source: str, start: int = 0) -> re.Match[str] | None:
    return next((found for found in _ANSWER_LABEL.finditer(source, start) if found["label"]), None)


def _published(page: _Fields) -> list[Event]:
    published: list[Event] = []
    for kind, day_field, page_field, label in (
        (events.QUESTION, "dpq", "pgq", "Question publiée au JO"),
        (events.ANSWER, "dpr", "pgrep", "Réponse publiée au JO"),
        (events.QUESTION_ERRATUM, "derq", "pgerq", page.label_before("derq", "Erratum de la question")),
        (events.ANSWER_ERRATUM, "derr", "pgerrep", page.label_before("derr", "Erratum de la réponse")),
    ):
        days, pages = page.days(day_field), page.all(page_field)
        pages = [re.sub(r"(?i)^page\s*:?\s*", "", page_number) for page_number in pages]
        for at in range(max(len(days), len(pages))):
            on, where = (those[at] if at < len(those) else None for those in (days, pages))
            published.append(Event(kind, label, on, where))
    for kind, field in ((events.SIGNAL, "dsign"), (events.RENEWAL, "draps"), (events.CHANGE, "dca")):
        published.extend(Event(kind, field, day) for day in page.days(field))
    withdrawn, why, days = page.text("ret"), page.text("cret"), page.days("dret")
    if withdrawn or why or days:
        why = _IN_PARENTHESES.sub(r"\1", why or "") or None
        closed_on = days[-1] if days else None
        published.append(Event(events.CLOSING, withdrawn or "Question retirée", closed_on, None, why))
    return published


def _audit(page: _Fields) -> None:
    """Makes an anomaly of each line outside the fields that is not made of the page's own labels."""
    rest = page.rest
    if "rep" not in page.contents and (label := _answer_label(rest)):
        rest = rest[: label.end()]  # read as the answer
    for line in lines(rest):
        left = _LABELS.sub(" ", line.replace("’", "'"))
        if has_letters(left):
            page.odd.append(unknown_key("page", line))
