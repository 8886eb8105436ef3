"""One line of a text as CommonMark: emphasis that hugs its words, links, and as few escapes as will do."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from html.entities import html5
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import Final, NamedTuple

PLAIN: Final = 0
ITALIC: Final = 1
BOLD: Final = 2

#: A stretch of a line: its style (PLAIN or ITALIC | BOLD), the address it links to ("" for none), its text.
Run = tuple[int, str, str]

#: The characters that CommonMark may read as its own within a line.
SPECIAL = "*_`\\]"

_COMMON = r"`|\\(?=[!-/:-@\[-`{-~]|$)|(?<=\])\("
# In plain text only a "*" or a "_" that could open emphasis matters; on a line with emphasis any could end it.
_IN_PLAIN = re.compile(rf"\*(?=\S|$)(?<![^\W_]\*)|\*(?=[^\W_])|(?<!\w)_+(?=[^\s_])|{_COMMON}")
_BESIDE_EMPHASIS = re.compile(rf"(?<!\s)\*|\*(?!\s)|(?<!\w)_+|_+(?!\w)|{_COMMON}")
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
_STYLE_AND_ADDRESS, _TEXT = itemgetter(0, 1), itemgetter(2)
_SPACE: Final = " "  # also for the ends of a line
_MARKER: Final = ""  # what stands before a piece that touches emphasis
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


def escape(text: str, pattern: re.Pattern[str] = _IN_PLAIN) -> str:
    """Escape the characters that CommonMark would take for its own, and no others."""
    if not ("*" in text or "_" in text or "]" in text or "`" in text or "\\" in text):  # SPECIAL, quickly
        return text
    return pattern.sub(lambda match: "".join("\\" + char for char in match[0]), text)


class _Piece(NamedTuple):
    """Runs of one style and address, joined.

    Attributes:
        style: as a run has it.
        text: without spaces at its ends.
        link: the text as a link in Markdown; "" when it is none.
        spaced: whether a space stands before it.
    """

    style: int
    text: str
    link: str
    spaced: bool


def render(runs: Sequence[Run]) -> str:
    """Join the runs of one line as Markdown, without spaces at its ends.

    No sign and no space is added. CommonMark opens emphasis on a sign, and closes it behind a sign, only beside a
    space or another sign: elsewhere the emphasis begins behind the sign, or ends before it. It is left out where
    nothing but signs remains, and where it would touch other emphasis.
    """
    if len(runs) == 1 and runs[0][:2] == (PLAIN, ""):
        return escape(squeeze(runs[0][2]))
    pieces = _pieces(runs)
    pattern = _BESIDE_EMPHASIS if len(pieces) > 1 or (pieces and pieces[0].style) else _IN_PLAIN
    out: list[str] = []
    before = _SPACE
    for (style, text, link, spaced), following in zip_longest(pieces, pieces[1:]):
        if spaced:
            out.append(_SPACE)
            before = _SPACE
        start = end = 0
        if style:
            after = _SPACE if following is None or following.spaced else (following.link or following.text)[0]
            start, end = _emphasised(text, link, before, after)
        marker = _MARKERS[style]
        if end - start == len(text):
            out += (marker, link or escape(text, pattern), marker)
            before = _MARKER
        elif end:
            signs = escape(text[:start], pattern), escape(text[end:], pattern)
            out += (signs[0], marker, escape(text[start:end], pattern), marker, signs[1])
            before = text[-1] if end < len(text) else _MARKER
        else:
            core = link or escape(text, pattern)
            out.append(f"\\{core}" if before == "]" and core[0] == "(" else core)  # "](" would be a link
            before = core[-1]
    return "".join(out)


def _pieces(runs: Sequence[Run]) -> list[_Piece]:
    pieces: list[_Piece] = []
    spaced = False
    for (style, address), alike in groupby(runs, key=_STYLE_AND_ADDRESS):
        written = "".join(map(_TEXT, alike))
        text = squeeze(written)
        if not text:
            spaced = spaced or bool(written)
            continue
        link = _link(text, address) if address and address != text else ""
        pieces.append(_Piece(style, text, link, bool(pieces) and (spaced or written[0].isspace())))
        spaced = written[-1].isspace()
    return pieces


def _emphasised(text: str, link: str, before: str, after: str) -> tuple[int, int]:
    """Start and end of the part that can be emphasised between the characters `before` and `after`; (0, 0): none."""
    if not link and before and text[0].isalnum() and (after == _SPACE or text[-1].isalnum()):
        return 0, len(text)  # nearly always
    if not any(map(str.isalnum, text)):
        return 0, 0
    if link:
        return (0, len(text)) if _opens(before, link[0]) and _closes(link[-1], after) else (0, 0)
    start, end = 0, len(text)
    while not _opens(before, text[start]):
        if text[start].isalnum():
            return 0, 0
        before = text[start]
        start += 1
    while not _closes(text[end - 1], after):
        end -= 1
        after = text[end]
    return start, end


def _opens(before: str, first: str) -> bool:
    """Whether a marker between the two opens emphasis."""
    if before == _MARKER or first == _SPACE:
        return False
    return not _is_sign(first) or before == _SPACE or _is_punctuation(before)


def _closes(last: str, after: str) -> bool:
    """Whether a marker between the two closes emphasis."""
    return last != _SPACE and (not _is_sign(last) or after == _SPACE or _is_punctuation(after))


def _is_sign(char: str) -> bool:
    """Whether it is punctuation to some version of CommonMark: since 0.31 symbols are."""
    return not char.isalnum() and (char in string.punctuation or unicodedata.category(char)[0] in "PS")


def _is_punctuation(char: str) -> bool:
    """Whether it is punctuation to every version of CommonMark."""
    return char in string.punctuation or unicodedata.category(char)[0] == "P"


def _link(label: str, address: str) -> str:
    address = _UNSAFE_IN_ADDRESS.sub(lambda match: f"%{ord(match[0]):02X}", address)
    label = _BRACKET.sub(lambda match: chr(92) + match[0], escape(label, _BESIDE_EMPHASIS))
    return f"[{label}]({address})"
