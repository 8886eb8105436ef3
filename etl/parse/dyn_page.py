"""The dyn pages: www.assemblee-nationale.fr/dyn/{legislature}/questions/{uid} (docs/source/formats.md 5.3)."""

from __future__ import annotations

import re
from typing import NamedTuple

from etl.parse import events
from etl.parse.author import read_authors
from etl.parse.draft import Draft, legislature_number, question_type, text_or_none, with_ids
from etl.parse.events import kind_of, read_events
from etl.parse.markup import WHOLE, Tag, digits, fold, has_letters, lines, plain, tags, without_closers, without_forms
from etl.parse.opendata_json import number
from etl.parse.record import Anomaly, Record, RecordError, unknown_key

_UID = re.compile(r"QANR5L(\d+)(QE|QG|QOSD)(\d+)")
_LEGISLATURE = re.compile(r"\b(\d+|[VIX]{1,5})\s*[eè]\w*\s+l[eé]gislature", re.IGNORECASE)
_TITLE = re.compile(rf"(Question\s+[^:]*?)\s*n\s*[°ºo]\s*({WHOLE})\s*:?\s*(.*)", re.IGNORECASE)
_LABELLED = re.compile(r"((?>(?:<!--.*?-->|<[^<>]*>|[^:])*)):(.*)", re.DOTALL)  # no colon within a tag counts
_CLOSERS = frozenset(("div", "p"))
_IN_SESSION = re.compile(r"publi[eé]e?\s+le\s+(.+)", re.IGNORECASE)
# Keys of "Données clés" that say again what stands above, or that no column holds.
_IGNORED = frozenset(("auteur", "type de question", "date de la seance", "dates", "date"))


def read(source: str) -> tuple[Record, list[Anomaly]]:
    """Reads a page.

    Raises:
        RecordError: the page does not show which question it is.
    """
    odd: list[Anomaly] = []
    all_tags = tags(source)
    first = next((at for at, tag in enumerate(all_tags) if _begins(tag)), None)
    if first is None:
        raise RecordError("form", "a dyn page without its block of the question")
    keys_at = first + _Page(source, all_tags[first:], len(source)).keys()
    stop = next((at for at in range(min(keys_at, len(all_tags)), len(all_tags)) if _ends(all_tags[at])), len(all_tags))
    if stop == len(all_tags):
        odd.append(Anomaly("truncated", "error", "page", "the page ends before its block of the question does"))
    page = _Page(source, all_tags[first:stop], all_tags[stop].start if stop < len(all_tags) else len(source))
    draft = _identity(page, all_tags[first], odd)
    keys_start = page.keys()
    keys = _read_keys(page, keys_start, odd)
    blocks = [at for at in range(page.body(), keys_start) if _is_block(page.tags[at])]
    head_end = page.tags[blocks[0]].start if blocks else page.start(keys_start)
    _read_links(source[page.tags[0].end : head_end], draft, odd)
    for place, at in enumerate(blocks):
        until = blocks[place + 1] if place + 1 < len(blocks) else keys_start
        _read_block(page, at, until, draft, odd)
    _use_keys(keys, draft, odd)
    return draft.record(), odd


class _Page:
    """The block of the question: its tags, and where it ends."""

    def __init__(self, source: str, block: list[Tag], end: int) -> None:
        self.source = source
        self.tags = block
        self.end = end

    def start(self, index: int) -> int:
        """Where a tag stands, or the block's end."""
        return self.tags[index].start if index < len(self.tags) else self.end

    def body(self) -> int:
        """The index at which the column of texts begins."""
        return next((at for at, tag in enumerate(self.tags) if tag.has("ha-grid") or tag.has("size-3")), 0)

    def keys(self) -> int:
        """The index at which the column "Données clés" begins."""
        for at, tag in enumerate(self.tags):
            if not tag.closing and fold(self.source[tag.end : min(tag.end + 40, self.start(at + 1))]) == "donnees cles":
                return at
        return next((at for at, tag in enumerate(self.tags) if tag.has("size-1")), len(self.tags))


def _begins(tag: Tag) -> bool:
    return not tag.closing and (tag.has("_style-question") or _UID.match(tag.get("data-id")) is not None)


def _ends(tag: Tag) -> bool:
    return tag.name == "footer" or tag.has("bloc-actions") or (tag.closing and tag.name in ("main", "body"))


def _is_block(tag: Tag) -> bool:
    return tag.name == "div" and not tag.closing and tag.has("_pa-small")


def _identity(page: _Page, block: Tag, odd: list[Anomaly]) -> Draft:
    title = page.source[block.end : page.start(page.body()) if page.body() else page.end]
    titled = next((match for line in lines(title) if (match := _TITLE.match(line))), None)
    legislature = _LEGISLATURE.search(" ".join(line for line in lines(title) if not _TITLE.match(line)))
    uid = _UID.match(block.get("data-id"))
    if uid:
        draft = Draft(number(uid[1], "data-id"), uid[2], number(uid[3], "data-id"), odd=odd)
        if titled and (int(digits(titled[2])), question_type(titled[1])) != (draft.number, draft.question_type):
            raise RecordError("identity", f"data-id is {uid[0]}, but the title is {titled[0][:60]!r}")
        if legislature and legislature_number(legislature[1]) != draft.legislature:
            raise RecordError("identity", f"data-id is {uid[0]}, but the page says {legislature[0]!r}")
    else:
        if titled is None or legislature is None:
            raise RecordError("missing", "the page has neither data-id nor a title with number and legislature")
        kind = question_type(titled[1])
        draft = Draft(legislature_number(legislature[1]), kind, number(digits(titled[2]), "title"), odd=odd)
    if titled and titled[3].strip():
        draft.analyses = (titled[3].strip(),)
    return draft


def _read_links(head: str, draft: Draft, odd: list[Anomaly]) -> None:
    """Under the title: the legislature, and what was published where."""
    for line in lines(head):
        if _TITLE.match(line) or _LEGISLATURE.fullmatch(line):
            continue
        if kind_of(line):
            draft.published.extend(read_events(re.sub(r"\s+du\s+(?=\d)", " : ", line), odd))
        else:
            odd.append(unknown_key("page", line))


def _read_block(page: _Page, at: int, until: int, draft: Draft, odd: list[Anomaly]) -> None:
    """A block of the column of texts: a line that says what it is, then the text."""
    paragraphs = [index for index in range(at + 1, until) if _is_paragraph(page.tags[index])]
    marked = (index for index in paragraphs if page.tags[index].has("_pa-small"))
    opened = next(marked, paragraphs[1] if len(paragraphs) > 1 else until)
    header = plain(page.source[page.tags[at].end : page.start(opened)])
    text = None
    if opened < until:
        inner = without_forms(page.source[page.tags[opened].end : page.start(until)])
        text = text_or_none(without_closers(inner, _CLOSERS))
    folded = fold(header)
    if folded.startswith("question de"):
        asked_by = header.partition(":")[2] if ":" in header else header[len("question de") :]
        in_session = _IN_SESSION.search(asked_by)
        if in_session:
            draft.published.extend(read_events(f"Réponse publiée le : {in_session[1]}", odd))
        asked_by = re.sub(r",?\s*pos[eé]e en s[eé]ance.*$", "", asked_by, flags=re.IGNORECASE)
        draft.authors = read_authors(asked_by, place_first=True)
        if draft.question_type == "QG":
            draft.answer = text
        else:
            draft.question = text
    elif folded.startswith(("reponse", "debat")):
        draft.published.extend(read_events(header, odd) if has_letters(folded.removeprefix("reponse")) else ())
        if draft.answer and text:
            odd.append(Anomaly("repeated", "warning", "answer", header[:200]))
        draft.answer = "<br><br>".join(part for part in (draft.answer, text) if part) or None
    else:
        if kind_of(header):
            draft.published.extend(read_events(header, odd))
        elif has_letters(header):
            odd.append(unknown_key("page", header))
        if text:
            odd.append(unknown_key("page", plain(text)))


def _is_paragraph(tag: Tag) -> bool:
    return tag.name == "p" and not tag.closing


class _Key(NamedTuple):
    """A paragraph of "Données clés": its label and the HTML of its value."""

    label: str
    value: str


def _read_keys(page: _Page, start: int, odd: list[Anomaly]) -> dict[str, _Key]:
    """The column "Données clés", by folded label."""
    keys: dict[str, _Key] = {}
    starts = [at for at in range(start, len(page.tags)) if _is_paragraph(page.tags[at])]
    for place, at in enumerate(starts):
        until = page.start(starts[place + 1]) if place + 1 < len(starts) else page.end
        inner = page.source[page.tags[at].end : until]
        labelled = _LABELLED.fullmatch(inner)
        label, value = labelled.groups() if labelled else (inner, "")
        name = fold(plain(label))
        if not name:
            continue
        if name in keys:
            odd.append(Anomaly("repeated", "warning", name, plain(value)[:200]))
        keys.setdefault(name, _Key(plain(label), value))
    return keys


def _use_keys(keys: dict[str, _Key], draft: Draft, odd: list[Anomaly]) -> None:
    asked_by = keys["auteur"].value if "auteur" in keys else ""
    if not draft.authors:
        draft.authors = read_authors(plain(asked_by), place_first=True)
    links = [f"{tag.get('data-document-id')} {tag.get('href')}" for tag in tags(asked_by)]
    draft.authors = with_ids(draft.authors, [match[0] for link in links if (match := re.search(r"PA\d+", link))])
    for name in ("date", "dates", "date de la seance"):
        if name in keys:
            _read_dates(keys[name].value, draft, odd, in_session=name == "date de la seance")
    values = {name: plain(key.value) for name, key in keys.items() if name not in _IGNORED}
    draft.rubrique = values.pop("rubrique", "") or None
    draft.asked = values.pop("ministere interroge", "") or None
    draft.attributed = values.pop("ministere attributaire", "") or values.pop("ministere repondant", "") or None
    draft.tete_analyse = values.pop("tete d'analyse", "") or None
    values.pop("titre", None)
    for name, value in values.items():
        if kind_of(name):
            draft.published.extend(read_events(f"{keys[name].label} : {value}", odd))
        else:
            odd.append(unknown_key(name, value))


def _read_dates(value: str, draft: Draft, odd: list[Anomaly], *, in_session: bool) -> None:
    for line in re.sub(r"\n(?=\d)", " ", "\n".join(lines(value))).split("\n"):
        day = re.search(r"\ble\s+(\d.*)$", line)
        if not in_session:
            draft.published.extend(read_events(re.sub(r"\s+le\s+(?=\d)", " : ", line), odd))
        elif day and not any(event.kind in (events.ANSWER, events.QUESTION) for event in draft.published):
            # Of a QG the day of its answer, of a QOSD that of its question.
            label = "Réponse publiée" if draft.question_type == "QG" else "Question publiée"
            draft.published.extend(read_events(f"{label} : {day[1]}", odd))
