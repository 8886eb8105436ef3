"""The plain text of a page (docs/source/formats.md 5): what the page says, in lines and tabs."""

from __future__ import annotations

import re
from dataclasses import replace

from etl.parse.converted import BELOW, cut, fragment, shown, tidied
from etl.parse.draft import with_ids
from etl.parse.labelled import read_head
from etl.parse.record import Anomaly, Body, Record, RecordError

_HEADING = re.compile(
    r"^[ \t>#*_|]*(?:Texte\s+de\s+la\s+(?P<what>question|r[eé]ponse)|(?P<debate>D[eé]bat(?=[ \t*_]*:?[ \t*_|]*$)"
    r"|(?-i:D[EÉ]BAT)(?=[ \t*_]*:)))[ \t*_]*:?[ \t*_]*(?P<row>\|?)[ \t]*(?P<rest>.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING_IN_A_LINE = re.compile(
    r"\b(?:Texte\s+de\s+la\s+(?P<what>question|r[eé]ponse)\b\s*+:?|(?-i:D[EÉ]BAT)\s*+:)(?P<rest>)", re.IGNORECASE
)
# Where a dated line begins in one that lost its line ends.
_DATED = re.compile(
    r"(?<=\S)\s+(?=(?:Question\s+(?:publi[eé]e\s+au|retir[eé]e\s+le)|R[eé]ponse\s+publi[eé]e\s+au"
    r"|Date\s+de\s+(?:changement|signalement|renouvellement)|Erratum\s+de\s+la)\b)",
    re.IGNORECASE,
)
# Of a page that was copied whole, the menus above and the buttons and footer below.
_BEGINS = re.compile(
    r"^[ \t#*]*\d{1,2}\s?[eè]\w*\s+l[eé]gislature[ \t*]*$"
    r"|\b\d{1,2}\s?[eè]\w*\s+l[eé]gislature(?=\s+Question\s+N\s?[°º])",
    re.IGNORECASE | re.MULTILINE,
)
_ENDS = re.compile(BELOW, re.IGNORECASE | re.MULTILINE)
# A line of a narrow page goes on in the next; labels begin with a capital.
_WRAPPED = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=[^\W\d_A-ZÀ-ÖØ-Þ])")
_PARTED = re.compile(r"(?<=\w-)[ \t]*\n[ \t]*(?=\w)")  # a word, behind its hyphen
_DEPUTY = re.compile(r"OMC_(PA\d+)")
# The page's last lines, which it hides: the group, the legislature, the closure's code, the region, O or N.
_HIDDEN = re.compile(
    r"\s(?P<group>\S{1,12})\s+(?P<legislature>\d{1,2})\s+(?:(?P<code>[A-Z_\\]{2,13})\s+)?(?:[^\n\d.]{0,40}\s+)?[ON]\s*\Z"
)


def read(text: str) -> tuple[Record, list[Anomaly]]:
    """Reads the text of a page.

    Raises:
        RecordError: number, type, legislature or the texts' places are not there.
    """
    odd: list[Anomaly] = []
    text = tidied(text)
    headings = list(_HEADING.finditer(text)) or list(_HEADING_IN_A_LINE.finditer(text))
    if not headings:
        raise RecordError("form", 'a text without "Texte de la question"')
    first = headings[0]
    begin = max((start.start() for start in _BEGINS.finditer(text, 0, first.start())), default=0)
    head = text[begin : first.start()]
    ends = _ENDS.search(text, first.start("rest"))
    if ends:
        text = text[: ends.start()]
    hidden = _hidden(head, text, first.start("rest") - 1)
    if hidden:
        text = text[: hidden.start()]

    # A question may quote these words: a text has one heading each, in this order.
    second = next((heading for heading in headings if heading is not first and not _is_question(heading)), None)
    cut_at = [heading for heading in (first, second) if heading is not None]
    if any(_is_beside(heading, text) for heading in cut_at):
        raise RecordError("form", "a table whose label stands beside the middle of its text: save the page as HTML")
    texts: dict[str, str | None] = {"question": None, "answer": None}
    for at, heading in enumerate(cut_at):
        end = cut_at[at + 1].start() if at + 1 < len(cut_at) else len(text)
        name = "question" if _is_question(heading) else "answer"
        in_row = bool(heading.groupdict().get("row"))
        texts[name] = fragment(text[heading.start("rest") : end], in_row=in_row)
    if not ends and not hidden:
        whole = second is not None or not _is_question(first)  # an answer that is awaited has its heading too
        odd += cut(text[cut_at[-1].start("rest") :], whole=whole)
    draft = read_head(_head_lines(head), " ".join(filter(None, texts.values())), odd)
    draft.question, draft.answer = texts["question"], texts["answer"]
    draft.authors = with_ids(draft.authors, list(dict.fromkeys(_DEPUTY.findall(head))))
    if hidden:
        draft.closure_code = hidden["code"] and shown(hidden["code"])
        draft.authors[:1] = [
            replace(author, group=Body(None, hidden["group"], author.group.name)) for author in draft.authors[:1]
        ]
    return draft.record(), odd


def _head_lines(head: str) -> list[str]:
    head = _WRAPPED.sub(" ", _PARTED.sub("", shown(head)))
    cells = [" ".join(cell.split()) for cell in re.split(r"[\n\t]", head) if cell.strip()]
    return [line for cell in cells for line in _DATED.split(cell)]


def _hidden(head: str, text: str, texts_at: int) -> re.Match[str] | None:
    """The page's hidden last lines, when they name the legislature of its head."""
    legislature = re.search(r"\d+", head)
    hidden = _HIDDEN.search(text, max(texts_at, len(text) - 200))
    return hidden if hidden and legislature and hidden["legislature"] == legislature[0] else None


def _is_beside(heading: re.Match[str], text: str) -> bool:
    """Whether the line above a heading goes with the text beside it: both begin in the same column."""
    column = heading.start("rest") - heading.start()
    above = text[: max(0, heading.start() - 1)].rpartition("\n")[2]
    return bool(heading["rest"].strip()) and above[:column].isspace() and not above[column : column + 1].isspace()


def _is_question(heading: re.Match[str]) -> bool:
    return (heading["what"] or "").lower().startswith("q")
