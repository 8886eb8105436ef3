"""The pages of legislatures 14 to 16, and the second layout of the 13th (docs/source/formats.md 5.1, 5.2).

Ids are used twice and the answers' HTML is unbalanced: the page is cut at its headings and classes.
"""

from __future__ import annotations

import re

from etl.parse.draft import text_or_none, with_ids
from etl.parse.labelled import read_head
from etl.parse.markup import Tag, block_end, fold, has_letters, lines, plain, tags, without_closers, without_forms
from etl.parse.record import Anomaly, Record, RecordError, unknown_key

_HEADINGS = {"texte de la question": "question", "texte de la reponse": "answer", "texte du debat": "answer",
             "debat": "answer"}  # fmt: skip
_LEGISLATURE = ("question_legislature", "tdstyleh1")
_TEXT = ("reponse_contenu", "contenutexte")
_DEPUTY = re.compile(r"OMC_(PA\d+)|/deputes/(?:fiche/)?(PA\d+)|/deputes/(?:fiche/)?(\d+)(?!\d)")
_CLOSERS = frozenset(("div", "section"))
_FIRST_WORDS = re.compile(
    r"\d{1,2}\s*+(?:<sup>)?\s*+[eè][^\s<]{0,3}\s*+(?:</sup>)?\s*+l(?:é|&(?:eacute|#233|#xe9);)gislature", re.IGNORECASE
)


def is_one(source: str) -> bool:
    """Whether a page has a heading of these layouts."""
    all_tags = tags(source)
    return any(_heading(source, all_tags, at) for at in range(len(all_tags)))


def read(source: str) -> tuple[Record, list[Anomaly]]:
    """Reads a page.

    Raises:
        RecordError: number, type, legislature or the texts' places are not there.
    """
    odd: list[Anomaly] = []
    all_tags = tags(source)
    headings = [(at, name) for at, tag in enumerate(all_tags) if (name := _heading(source, all_tags, at))]
    if not headings:
        raise RecordError("form", 'a question page without "Texte de la question": the page is cut, or of a new layout')
    texts: dict[str, str | None] = {}
    end = _page_end(source, all_tags, headings[-1][0], odd)
    for place, (at, name) in enumerate(headings):
        until = headings[place + 1][0] if place + 1 < len(headings) else end
        text = _text(source, all_tags, at, until, odd)
        if texts.get(name) and text:
            odd.append(Anomaly("repeated", "warning", name, plain(text)[:200]))
            text = f"{texts[name]}<br><br>{text}"
        texts[name] = text or texts.get(name)
    start = next((tag.start for tag in all_tags if not tag.closing and any(map(tag.has, _LEGISLATURE))), None)
    if start is None:
        words = _FIRST_WORDS.search(source)
        start = words.start() if words else 0
    top = source[start : all_tags[headings[0][0]].start]
    both = plain(f"{texts.get('question') or ''} {texts.get('answer') or ''}")
    draft = read_head(lines(top), both, odd)
    draft.question, draft.answer = texts.get("question"), texts.get("answer")
    draft.authors = with_ids(draft.authors, _deputies(top))
    return draft.record(), odd


def _heading(source: str, all_tags: list[Tag], at: int) -> str | None:
    """Which text a heading's tag announces; a heading is an h1 to h6, or bold in a cell of its own."""
    tag = all_tags[at]
    if tag.closing or not re.fullmatch(r"h[1-6]", tag.name):
        return None
    end = next((other.start for other in all_tags[at + 1 : at + 8] if other.closing and other.name == tag.name), None)
    return _HEADINGS.get(fold(plain(source[tag.end : end])).strip(" :>")) if end else None


def _page_end(source: str, all_tags: list[Tag], last: int, odd: list[Anomaly]) -> int:
    """The index of the tag at which the last text has ended."""
    behind = range(last, len(all_tags))
    ends = (index for index in behind if all_tags[index].name in ("section", "footer", "main"))
    bodies = (index for index in reversed(behind) if all_tags[index].closing and all_tags[index].name == "body")
    for found in (next(ends, None), next(bodies, None)):  # a debate may hold </body>
        if found is not None:
            return found
    odd.append(Anomaly("truncated", "error", "page", "the page ends before the answer does"))
    return len(all_tags)


def _text(source: str, all_tags: list[Tag], heading: int, until: int, odd: list[Anomaly]) -> str | None:
    """The HTML between a heading and the tag that comes after the text."""
    name = all_tags[heading].name
    headed = next(at for at in range(heading + 1, len(all_tags)) if all_tags[at].closing and all_tags[at].name == name)
    behind, start = headed + 1, all_tags[headed].end
    end = all_tags[until].start if until < len(all_tags) else len(source)
    for index in range(behind, min(until, len(all_tags))):
        tag = all_tags[index]
        if tag.closing:
            continue
        if tag.has("answer"):
            end = min(end, tag.start)
            break
        if any(map(tag.has, _TEXT)):
            before = plain(source[start : tag.start])
            if has_letters(before):
                odd.append(unknown_key("page", before))
            start = tag.end
            if tag.has("contenutexte"):
                closed = block_end(all_tags[index:until])
                after = plain(source[closed:end]) if closed is not None and closed < end else ""
                end = min(end, closed if closed is not None else end)
                if has_letters(after):
                    odd.append(unknown_key("page", after))
                break
    return text_or_none(without_closers(without_forms(source[start:end]), _CLOSERS))


def _deputies(top: str) -> list[str]:
    ids: list[str] = []
    for tag in tags(top):
        match = _DEPUTY.search(tag.get("href")) if tag.name == "a" and not tag.closing else None
        if match:
            deputy = match[1] or match[2] or f"PA{match[3]}"
            if deputy not in ids:
                ids.append(deputy)
    return ids
