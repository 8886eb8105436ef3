"""One line of a text as CommonMark: emphasis that hugs its words, links, and as few escapes as will do."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from html.entities import html5
from itertools import groupby
from operator import itemgetter
from typing import Final

PLAIN: Final = 0
ITALIC: Final = 1
BOLD: Final = 2

#: A stretch of a line: its style (PLAIN or ITALIC | BOLD), the address it links to ("" for none), its text.
Run = tuple[int, str, str]

#: The characters that CommonMark may read as its own within a line.
SPECIAL = "*_`\\["

_COMMON = r"(?<!\w)_+(?=[^\s_])|`|\\(?=[!-/:-@\[-`{-~]|$)|(?<=\])\("
# In plain text only a "*" that could open emphasis matters; within emphasis any could end it.
_IN_PLAIN = re.compile(rf"\*(?=\S|$)(?<![^\W_]\*)|\*(?=[^\W_])|{_COMMON}")
_IN_EMPHASIS = re.compile(rf"\*|{_COMMON}")
_BRACKET = re.compile(r"[\[\]]")
# What would begin a rule or, also as an item of a list, a heading, quote, "+" list, fence, underline or link
# definition. The "- " and "1. " of a list are left alone: a list is what its author meant.
_BLOCK_START = re.compile(
    r"[-_*](?:\s?[-_*])+$"
    r"|((?>(?:(?:[-*]|[0-9]{1,9}[.)])\s)*))(?:#{1,6}(?=\s|$)|>|\+(?=\s|$)|~~~|=+$|-+$|__+$|\[[^\]]*\]:)"
)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
_REFERENCE = re.compile(r"&(?=(#[0-9]+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*+;))")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s()<>\\]")
_MARKERS = {PLAIN: "", ITALIC: "*", BOLD: "**", ITALIC | BOLD: "***"}


def squeeze(text: str) -> str:
    """Make every run of spaces, of whatever kind, one plain space, and none at the ends."""
    return " ".join(text.split()) if "  " in text or not text.isprintable() else text.strip(" ")


def escape_start(line: str) -> str:
    """Escape what would make a block of a line of prose ("# ", "> ", "---"…)."""
    start = _BLOCK_START.match(line)
    if start is None:
        return line
    items = start[1] or ""
    return f"{items}\\{line[len(items) :]}"


def defuse(line: str) -> str:
    """Part `<` and `&` from what follows where a tag or an entity would otherwise be read."""
    if "<" in line:
        line = _TAG_START.sub("< ", line)
    if "&" in line:
        line = _REFERENCE.sub(lambda match: "& " if match[1][0] == "#" or match[1] in html5 else "&", line)
    return line


def escape(text: str, style: int = PLAIN) -> str:
    """Escape the characters that CommonMark would take for its own, and no others."""
    if not any(map(text.__contains__, SPECIAL)):
        return text
    pattern = _IN_EMPHASIS if style else _IN_PLAIN
    return pattern.sub(lambda match: "".join("\\" + char for char in match[0]), text)


def render(runs: Sequence[Run]) -> str:
    """Join the runs of one line as Markdown, without spaces at its ends.

    CommonMark opens emphasis only before a word and closes it only after one, unless a space or a punctuation
    mark is on the other side: where two runs touch, a space goes between them when they need it.
    """
    if len(runs) == 1 and runs[0][:2] == (PLAIN, ""):
        return escape(squeeze(runs[0][2]))
    out: list[str] = []
    gap = False
    last_style, last = PLAIN, ""
    for (asked, address), pieces in groupby(runs, key=itemgetter(0, 1)):
        text = "".join(piece for _, _, piece in pieces)
        body = squeeze(text)
        if not body:
            gap = gap or bool(text)
            continue
        # A dot alone is not emphasised.
        style = asked if asked and any(map(str.isalnum, body)) else PLAIN
        core = _link(body, address) if address else escape(body, style)
        if out:
            gap = gap or text[0].isspace()
            if last_style and style and not gap and last.isalnum() and core[0].isalnum():
                style = PLAIN  # two styles within a word: the first wins
            if gap or _must_part(last_style, last, style, core[0]):
                out.append(" ")
            elif last_style and core[0] == "*":
                core = "\\" + core
        out += (_MARKERS[style], core, _MARKERS[style])
        gap = text[-1].isspace()
        last_style, last = style, core[-1]
    return "".join(out)


def _must_part(last_style: int, last: str, style: int, first: str) -> bool:
    """Whether two runs that touch need a space for their markers to work."""
    if last_style and style:
        return True
    if last_style:
        return not last.isalnum() and not _is_punctuation(first)
    if style:
        return last == "*" or (not first.isalnum() and not _is_punctuation(last))
    return False


def _is_punctuation(char: str) -> bool:
    return char in string.punctuation or unicodedata.category(char).startswith("P")


def _link(label: str, address: str) -> str:
    if label == address:
        return escape(label)
    address = _UNSAFE_IN_ADDRESS.sub(lambda match: f"%{ord(match[0]):02X}", address)
    return f"[{_BRACKET.sub(lambda match: chr(92) + match[0], escape(label, BOLD))}]({address})"
