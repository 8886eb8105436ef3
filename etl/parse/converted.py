"""What converters make of a page: images, links, emphasis, escapes, rows of tables, wrapped lines."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise

from etl.parse.record import Anomaly

#: A link, as converters write it: its words, its address.
LINK = re.compile(r"!?\[([^\[\]]*)\]\(([^()\s]*)[^()]*\)(?:\{[^{}]*\})?")
#: How the footer of the site's pages begins, wherever a copy of it does; in capitals what a text may say too.
FOOTER = (
    r"(?:\b(?:LCP\s+Acc[eé]dez\s+[àa]\s+toute|OPEN\s+DATA\s+Acc[eé]dez)\b"
    r"|(?-i:\b(?:BOUTIQUE\s+DE|UNE\s+SEMAINE\s+[ÀA])\s+L['’]ASSEMBL[EÉ]E\b"
    r"|\bS['’]ABONNER\s+[ÀA]\s+UN\s+SERVICE\b|\bOUTIL\s+D['’][ÉE]VALUATION\s+LEXIMPACT\b)"
    r"|\bInscrivez-vous\s+[àa]\s+notre\s+lettre\s+Une\s+semaine\b"
    r"|(?:©|\(C\))\s*Tous\s+droits\s+r[eé]serv[eé]s\s+Assembl[eé]e\b)"
)
#: The buttons below a question, with what is written for their images, and the footer; a copy may have some of them.
BELOW = (
    r"(?:\[?printer-i\S*\s+)?\bImprimer\s+(?:\(BUTTON\)\s+)?(?:\[?pdf\S*\s+)?Format\s+PDF\b"
    rf"|(?:\b(?:Imprimer|Format\s+PDF)\s+)?{FOOTER}|^[ \t]*(?:Imprimer|Format\s+PDF)[ \t]*$"
)
_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LINES_OF_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()]*)\)")
_LINK_IN_TEXT = re.compile(r"\[([^\[\]]*)\]\(((?:https?://|/)[^()\s]*)[^()]*\)")
_SAME_LINK = re.compile(r"<(https?://[^\s<>]+)>")
_LINE_END = re.compile("\r\n?|\x0b\n?|[\x0c\x85\u2028\u2029]")
_URL, _WHEN = r"https?://\S+", r"\d{1,2}/\d{1,2}/\d{2,4},?[ \t]+\d{1,2}:\d\d\b"
_PAGES = r"\d{1,3}[ \t]*(?:/|sur|of)[ \t]*\d{1,3}"
# What a browser prints above and below each page: when, the title, the address, which page.
_PRINTED = re.compile(
    rf"^[ \t]*(?:{_WHEN}.*|{_URL}[ \t]+{_PAGES}|{_PAGES}[ \t]+(?:{_URL}|{_WHEN}.*)|Page[ \t]+{_PAGES}"
    rf"|.{{0,80}}\bAssembl[eé]e nationale[ \t]+{_URL})[ \t]*(?:\n|\Z)",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_UNDERLINE = re.compile(r"^[ \t]*(?:-{3,}|={3,})[ \t]*$", re.MULTILINE)  # of a heading
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_EMPHASIS = re.compile(
    r"(?<![^\W_])(?<![*\\])(\*{1,3})([^\s*](?:[^*\n]{0,200}[^\s*])?)\1(?![^\W_]|\*)"
    r"|(?<![\w\\])_([^\s_](?:[^_\n]{0,200}[^\s_])?)_(?!\w)"
)
_TAGS = {1: "<i>{}</i>", 2: "<b>{}</b>", 3: "<b><i>{}</i></b>"}
_MID_SENTENCE = re.compile(r"[\w,'’(«-]\s*\Z")
_ALERT = re.compile(r"^\s*Être alerté\(e\) de la réponse\s*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t|:-]*---[ \t|:-]*$", re.MULTILINE)
_TABLE = re.compile(
    r"^(?P<head>[^\n|]*\|[^\n]*)\n[ \t]*\|?(?:[ \t]*:?-{3,}:?[ \t]*\|)+(?:[ \t]*:?-{3,}:?)?[ \t]*(?:\n|\Z)"
    r"(?P<body>(?:[^\n|]*\|[^\n]*(?:\n|\Z))*)",
    re.MULTILINE,
)
_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")  # Pandoc's, of an element with attributes
_FENCE = re.compile(r"^[ \t]*:{3,}.*$", re.MULTILINE)
_ADDRESS = re.compile(r"<(?:https?://|/)[^\s<>]*>|\[\d{1,4}\](?=\w)")  # Firefox's of a link, Lynx's number of it
_MARKS = re.compile(r"(?<!\\)\*+|(?<![\w\\])_+|_+(?!\w)")
_WIDEST = 100  # characters in a line of a text that a converter wrapped
_FEWEST, _MOST = 3, 0.8  # lines by which wrapping is known, and the part of them that must be full
_FIRST_WORD = re.compile(r"\A\s*([^\s-]*-?)")
_ITEM = re.compile(r"\s*(?:[*+-]|\d+[.)])\s|\s*\|")


def tidied(text: str) -> str:
    """The text with plain line ends and spaces, without its images and what a print adds, each link on one line."""
    text = _PRINTED.sub("", _LINE_END.sub("\n", text).replace("\xa0", " "))
    text = _IMAGE.sub("", text)
    text = _LINES_OF_LINK.sub(lambda link: f"[{link[1].replace(chr(10), ' ')}]({link[2].replace(chr(10), '')})", text)
    return _BLANK_LINES.sub("\n\n", _FENCE.sub("", _UNDERLINE.sub("", text)))


def shown(head: str) -> str:
    """Labels and values as a reader sees them: no links, no emphasis, and a tab for what parts the cells of a row."""
    head = _SPAN.sub(r"\1", LINK.sub(r"\1", _ADDRESS.sub("", _RULE.sub("", head))))
    head = _MARKS.sub("", head)
    return _ESCAPED.sub(r"\1", head.replace("|", "\t"))


def fragment(text: str, *, in_row: bool = False) -> str | None:
    """A text as HTML, None when blank.

    Args:
        text: with the emphasis that a converter wrote.
        in_row: whether it stands in a row of a table.
    """
    text = _ALERT.sub("", text).strip()
    if in_row:
        text = text.rstrip("| \t\n")
    text = _SAME_LINK.sub(r"\1", text)
    marked = _EMPHASIS.sub(_tagged, escape(_unwrapped(text), quote=False))
    linked = _LINK_IN_TEXT.sub(r'<a href="\2">\1</a>', marked)
    return _ESCAPED.sub(r"\1", _with_tables(linked)) or None


def cut(text: str, *, whole: bool = True) -> list[Anomaly]:
    """The anomaly of a copy that is cut: its last text ends in mid-sentence, with nothing of the page behind it.

    Args:
        text: the last one.
        whole: whether the copy has all the headings of a page.
    """
    if _MID_SENTENCE.search(_ALERT.sub("", text)):
        return [Anomaly("truncated", "error", "page", "the text ends in mid-sentence")]
    return [] if whole else [Anomaly("truncated", "error", "page", "the copy ends before the answer's heading")]


def _tagged(mark: re.Match[str]) -> str:
    return _TAGS[len(mark[1]) if mark[1] else 1].format(mark[2] or mark[3])


def _with_tables(text: str) -> str:
    """The text with its tables in HTML, and then its line ends too; they are known by the rule below their head."""
    parts: list[str] = []
    done = 0
    for table in _TABLE.finditer(text):
        lines = [table["head"], *table["body"].strip().splitlines()]
        parts += (text[done : table.start()], f"<table>{''.join(map(_row, lines))}</table>")
        done = table.end()
    if not parts:
        return text
    return "".join(part.replace("\n", "<br>") for part in (*parts, text[done:]))


def _row(line: str) -> str:
    cells = re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    return f"<tr>{''.join(f'<td>{cell.strip()}</td>' for cell in cells)}</tr>"


def _unwrapped(text: str) -> str:
    """The text with the lines joined that a converter wrapped: nearly each is as long as the next word lets it be."""
    lines = text.split("\n")
    width = max(len(line.rstrip()) for line in lines)
    joints = [at for at, (line, following) in enumerate(pairwise(lines)) if _goes_on(line, following)]
    full = [at for at in joints if len(_joined(lines[at], _FIRST_WORD.findall(lines[at + 1])[0])) > width]
    if width > _WIDEST or len(joints) < _FEWEST or len(full) < _MOST * len(joints):
        return text
    for at in reversed(joints):
        lines[at : at + 2] = [_joined(lines[at], lines[at + 1])]
    return "\n".join(lines)


def _goes_on(line: str, following: str) -> bool:
    """Whether the next line may be the rest of this one: two spaces end a line in Markdown."""
    return bool(line.strip() and following.strip()) and not line.endswith("  ") and not _ITEM.match(following)


def _joined(line: str, following: str) -> str:
    """Two lines as one; a word may be parted behind its hyphen."""
    between = "" if re.search(r"\w-$", line) else " "
    return f"{line.rstrip()}{between}{following.lstrip()}"
