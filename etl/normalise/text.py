"""The texts of questions and answers as Markdown, from the HTML that the source sends (docs/source/formats.md 2.5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

from etl.normalise.inline import BOLD, ITALIC, PLAIN, SPECIAL, Run, defuse, escape_start, render
from etl.normalise.mend import SUSPECT, clean_label, mend, resolve_entities
from etl.normalise.table import Grid
from etl.written import ATTRIBUTES, with_breaks

__all__ = ["clean_label", "mend", "to_markdown"]

# What a text of one plain paragraph does not contain.
_NOT_PLAIN = (*">&", *SPECIAL, *SUSPECT)

_BLOCKS = (
    "p div center h1 h2 h3 h4 h5 h6 blockquote pre hr dl dt dd address section article header footer nav main"
    " aside form fieldset legend details summary option figure figcaption caption html head body title"
)
_KIND = (
    dict.fromkeys(_BLOCKS.split(), "block")
    | dict.fromkeys(("b", "strong"), "bold")
    | dict.fromkeys(("i", "em"), "italic")
    | dict.fromkeys(("ul", "ol", "menu", "dir"), "list")
    | dict.fromkeys(("td", "th"), "cell")
    | dict.fromkeys(("script", "style"), "hidden")
    | {"br": "br", "li": "item", "table": "table", "tr": "row", "a": "link", "sup": "raised", "img": "image"}
)

# The tags as they nearly always come, by what stands between "<" and ">": closing or not, and name.
_COMMON_TAGS = {
    f"{slash}{form}{end}": (slash == "/", name)
    for name in _KIND
    for form in {name, name.upper()}
    for slash, end in (("", ""), ("/", ""), ("", "/"), ("", " /"))
}
# A tag has a name, then nothing, a slash or attributes: "a <b et c> d" is a text, as is "<jean@exemple.fr>".
_TAG = re.compile(
    r"""(/?)([A-Za-z][A-Za-z0-9:]*+)"""
    r"""[\s/"']*+(?:$|[A-Za-z][\w:-]*+\s*+=|(?:border|nowrap|noshade|compact|hidden|async|defer)\b)""",
    re.IGNORECASE,
)
# To the end of a tag.
_TO_END = re.compile(ATTRIBUTES)
# HTML that comes escaped, once or more often: a tag by a known name, or a comment. A script's text would be lost.
_LESS, _MORE = r"&(?>(?:amp;)*)(?:lt|#0*60|#x0*3c);", r"(?:>|&(?>(?:amp;)*)(?:gt|#0*62|#x0*3e);)"
_INLINE = "span font sub u s small big tbody thead tfoot col colgroup nobr o:p"
_ESCAPABLE = "|".join((*(name for name, kind in _KIND.items() if kind != "hidden"), *_INLINE.split()))
_ESCAPED_TAG = re.compile(
    rf"{_LESS}(/?(?:{_ESCAPABLE})(?:\s+[A-Za-z][\w:-]*\s*=[^<>]{{0,300}}?)?\s*/?|!--[^<>]{{0,40}}?--){_MORE}",
    re.IGNORECASE,
)
# The beginning of a CDATA section that comes escaped, and its end.
_ESCAPED_CDATA = re.compile(rf"{_LESS}!\[CDATA\[|\]\]{_MORE}", re.IGNORECASE)
# A closing tag that lost its "<", and the end of a CDATA section.
_REMNANT = re.compile(
    r"/(strong|em|span|font|div|center|table|t[rdh]|[uo]l|li|su[bp]|br|[abipu](?<!\w/.))>|\]\]>",
    re.IGNORECASE,
)
_SPANS = frozenset(("bold", "italic", "link", "raised", "hidden"))
_EMPTY = re.compile(r"""(?:^\w+|[\s"'])/$""")  # XML's way to write an element that is empty
_MARK = re.compile(r"\s*(DEBTAB|FINTAB)\s*-*>?")
_SPAN = re.compile(r"""\b(colspan|rowspan)\s*=\s*["']?\s*([0-9]{1,4})""", re.IGNORECASE)
_ADDRESS = re.compile(
    r"""(?<![\w:-])href\s*=\s*(?:"\s*(https?://[^"]+)"|'\s*(https?://[^']+)'|["']?\s*(https?://[^\s"'<>]+))""",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"""(?<![^\s"'])alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""", re.IGNORECASE)
_LAYOUT = re.compile(r"<(?:br|p|div|t[rdh]|table|[uo]l|li|center|h[1-6r])\b", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?|[\u2028\u2029]")
# The end of a line that was wrapped: behind 60 characters, in mid-sentence.
_WRAP = re.compile(r"(?<=[^\n]{60})(?<![.!?:;…\s])[ \t]*\n[ \t]*(?=[a-zà-öø-ÿœ])")
_ORDERED = re.compile(r"([0-9]{1,9})([.)])(?=\s|$)")
_FIRST_NUMBER = re.compile(r"""\b(?:start|value)\s*=\s*["']?\s*([1-9][0-9]{0,8})(?![0-9])""", re.IGNORECASE)
_RAISED = re.compile(r"\s*(?:[-+−–]?\s*[0-9]+|[0-9]+[-+−–])\s*|[-+−–]")
_RAISE = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻", " ")
_DEEPEST_INDENT: Final = 8


def to_markdown(fragment: str) -> str:
    r"""Return a text of the source as Markdown: paragraphs, emphasis, lists, tables; no HTML, nothing lost.

    Paragraphs are parted by a blank line. A line break begins a paragraph, for a lone line end is a space to a
    reader of Markdown. In a text without any tag that lays it out, the text's own line ends do the same, but for
    those that only wrap a long line. Every letter and digit of the text stays, in order; spaces are plain and
    single; the characters are mended (see `mend`).

    Args:
        fragment: What the source sends: plain text, unbalanced HTML, entities escaped once or twice.
    """
    if "<" not in fragment:
        text = unicodedata.normalize("NFC", fragment.strip().replace("\xa0", " "))
        if text.isprintable() and not any(map(text.__contains__, _NOT_PLAIN)):
            return escape_start(" ".join(text.split()) if "  " in text else text)
    # mend comes first, for it needs the no-break spaces: "Ã" and a no-break space are an "à".
    text = mend(fragment).replace("\xa0", " ")
    if "&" in text:
        if "![CDATA[" in text:
            text = _ESCAPED_CDATA.sub("", text)
        text = _ESCAPED_TAG.sub(lambda tag: f"<{resolve_entities(tag[1])}>", text)
    if not text.isprintable():
        text = _LINE_END.sub("\n", text)
    if "\n" in text:
        text = with_breaks(text)
    keep_lines = "\n" in text and not _LAYOUT.search(text)
    if keep_lines:
        text = _WRAP.sub(" ", text)
    return unicodedata.normalize("NFC", _Layout(keep_lines=keep_lines).read(text))


class _Layout:
    """The page as it is written: finished blocks, the lines of the paragraph, the runs of the line."""

    def __init__(self, *, keep_lines: bool) -> None:
        self.keep_lines = keep_lines
        self.blocks: list[str] = []
        self.lines: list[str] = []
        self.runs: list[Run] = []
        self.style = PLAIN
        self.address = ""
        self.raised = False
        self.lists: list[int] = []  # the next number of each open list, 0 when it has none
        self.marker = ""
        self.indent = ""
        self.ordered: tuple[int, str] | None = None  # number and sign of the line before, as "1." begins it
        self.grid: Grid | None = None
        self.cell: tuple[int, int] | None = None  # the open cell's colspan and rowspan
        self.nested = 0  # tables open inside the open cell: their text is the cell's

    def read(self, text: str) -> str:
        """Read the whole text, tag by tag, and return the page."""
        first, *chunks = text.split("<")
        self._text(first)
        after_break = False
        endless: set[str] = set()
        at = 0
        while at < len(chunks):
            chunk = chunks[at]
            at += 1
            inside, bracket, rest = chunk.partition(">")
            tag = _COMMON_TAGS.get(inside) if bracket else None
            attributes = ""
            if tag is None:
                if chunk[:1] in ("!", "?"):
                    at, rest = self._declaration(chunks, at)
                    self._text(rest)
                    continue
                end = _TO_END.match(chunk)
                assert end is not None
                inside, rest = end[0], chunk[end.end() + 1 :]
                match = _TAG.match(inside)
                is_quoted = rest[:1] == ">" and at > 1 and not chunks[at - 2]  # <<mot>>
                if match is None or is_quoted or not (bracket or _is_cut_tag(match, inside, last=at == len(chunks))):
                    self._text("<" + chunk)
                    after_break = False
                    continue
                tag = (bool(match[1]), match[2].lower())
                attributes = inside[match.end(2) :]
            closing, name = tag
            kind = _KIND.get(name)
            if kind == "br":
                # "</br>" breaks the line too, unless it closes a "<br>".
                if not (closing and after_break):
                    self._br(False, name, "")
                after_break = not closing and not rest
            else:
                after_break = False
                if kind in _SPANS and inside[-1:] == "/" and _EMPTY.search(inside):
                    pass
                elif kind == "hidden":
                    if not closing and name not in endless:
                        at, rest = _skip_hidden(chunks, at, name, rest, endless)
                elif kind is not None:
                    _HANDLERS[kind](self, closing, name, attributes)
            if rest:
                self._text(rest)
        self._end_table()
        self.lists.clear()
        self._end_paragraph()
        return "\n\n".join(self.blocks)

    def _declaration(self, chunks: list[str], at: int) -> tuple[int, str]:
        """Pass a comment, a doctype or the like; return the next chunk's index and the text that follows."""
        chunk = chunks[at - 1]
        if chunk.startswith("!--"):
            mark = _MARK.match(chunk, 3)
            if mark:
                if mark[1] == "FINTAB":
                    self._end_table()
                return at, chunk[mark.end() :]
            for ahead in range(at - 1, len(chunks)):
                if ahead >= at and chunks[ahead].startswith("!--"):
                    break
                _, close, rest = chunks[ahead].partition("-->")
                if close:
                    return ahead + 1, rest
            return at, chunk[3:]  # never closed: its text is kept
        if chunk.startswith("![CDATA["):
            return at, chunk[8:]
        if chunk[:9].lower().startswith(("!doctype", "?xml", "![if", "![endif")) and ">" in chunk:
            return at, chunk.partition(">")[2]
        return at, "<" + chunk

    def _text(self, piece: str) -> None:
        if not piece:
            return
        if ">" in piece and _REMNANT.search(piece):
            self._text_with_remnants(piece)
            return
        if "&" in piece:
            piece = mend(resolve_entities(piece))
        if self.raised and _RAISED.fullmatch(piece):
            piece = piece.translate(_RAISE)
        if self.grid is not None and self.cell is None and not piece.isspace():
            if self.grid.row_is_open:
                self.cell = (1, 1)
            elif self.grid.rows:
                self._end_table()
        if self.keep_lines and "\n" in piece and self.cell is None:
            first, *others = piece.split("\n")
            self.runs.append((self.style, self.address, first))
            for line in others:
                self._br(False, "", "")
                self.runs.append((self.style, self.address, line))
        else:
            self.runs.append((self.style, self.address, piece))

    def _text_with_remnants(self, piece: str) -> None:
        done = 0
        for remnant in _REMNANT.finditer(piece):
            self._text(piece[done : remnant.start()])
            done = remnant.end()
            name = (remnant[1] or "").lower()
            kind = _KIND.get(name)
            if kind is not None:
                _HANDLERS[kind](self, True, name, "")
        self._text(piece[done:])

    def _take_line(self) -> str:
        runs, self.runs = self.runs, []
        return defuse(render(runs))

    def _end_line(self) -> bool:
        """End the line; False when there was nothing on it."""
        line = self._take_line() if self.runs else ""
        if not line:
            return False
        line = escape_start(line)
        if self.ordered or line[0].isdigit():
            line = self._number_kept(line)
        prefix = self.indent
        if self.marker:
            prefix += self.marker
            self.indent += " " * len(self.marker)
            self.marker = ""
            if self.lists and self.lists[-1]:
                self.lists[-1] += 1
        elif self.lines:
            self.lines.append("")
        self.lines.append(prefix + line)
        return True

    def _number_kept(self, line: str) -> str:
        """Escape a number that Markdown would count on from the line before: "7." after "5." would be a 6."""
        before, self.ordered = self.ordered, None
        number = _ORDERED.match(line)
        if number is None:
            return line
        if before and before[1] == number[2] and before[0] + 1 != int(number[1]):
            return f"{number[1]}\\{line[number.start(2) :]}"
        self.ordered = (int(number[1]), number[2])
        return line

    def _end_paragraph(self) -> None:
        self._end_line()
        if self.lists:
            return
        self.marker = self.indent = ""
        if self.lines:
            self.blocks.append("\n".join(self.lines))
            self.lines = []
            # Emphasis that the source left open ends with its paragraph.
            self.style, self.address, self.raised = PLAIN, "", False

    def _space(self) -> None:
        self.runs.append((self.style, self.address, " "))

    def _br(self, closing: bool, name: str, attributes: str) -> None:
        if self.cell is not None:
            self._space()
        elif not self._end_line():
            self._end_paragraph()

    def _block(self, closing: bool, name: str, attributes: str) -> None:
        if self.cell is not None:
            self._space()
        else:
            self._end_paragraph()

    def _bold(self, closing: bool, name: str, attributes: str) -> None:
        self.style = self.style & ~BOLD if closing else self.style | BOLD

    def _italic(self, closing: bool, name: str, attributes: str) -> None:
        self.style = self.style & ~ITALIC if closing else self.style | ITALIC

    def _link(self, closing: bool, name: str, attributes: str) -> None:
        address = None if closing else _ADDRESS.search(attributes)
        self.address = resolve_entities(next(filter(None, address.groups())).strip()) if address else ""

    def _raise(self, closing: bool, name: str, attributes: str) -> None:
        self.raised = not closing

    def _image(self, closing: bool, name: str, attributes: str) -> None:
        alternative = _ALTERNATIVE.search(attributes)
        if alternative:
            self._text(next(filter(None, alternative.groups()), ""))

    def _list(self, closing: bool, name: str, attributes: str) -> None:
        if self.cell is not None:
            self._space()
            return
        self._end_paragraph()
        if not closing:
            first = _FIRST_NUMBER.search(attributes)
            self.lists.append(0 if name != "ol" else int(first[1]) if first else 1)
        elif self.lists:
            self.lists.pop()
            if not self.lists:
                self._end_paragraph()
        self.marker = ""
        self.indent = _indent(self.lists[:-1] if not closing else self.lists)

    def _item(self, closing: bool, name: str, attributes: str) -> None:
        if self.cell is not None:
            self._space()
            return
        self._end_line()
        self.marker = ""
        self.indent = _indent(self.lists[:-1])
        if closing:
            return
        own = _FIRST_NUMBER.search(attributes)
        if own and self.lists and self.lists[-1]:
            self.lists[-1] = int(own[1])
        number = self.lists[-1] if self.lists else 0
        self.marker = f"{number}. " if number else "- "

    def _table(self, closing: bool, name: str, attributes: str) -> None:
        if self.cell is not None:
            self._space()
            if not closing:
                self.nested += 1
            elif self.nested:
                self.nested -= 1
            else:
                self._end_table()
        elif closing:
            self._end_table()
        else:
            self._end_table()
            self._start_table()

    def _start_table(self) -> None:
        self.lists.clear()
        self._end_paragraph()
        self.grid = Grid()

    def _row(self, closing: bool, name: str, attributes: str) -> None:
        if self.nested:
            self._space()
            return
        self._end_cell()
        if self.grid is not None and closing:
            self.grid.end_row()
        elif not closing:
            if self.grid is None:
                self._start_table()
            else:
                self._end_paragraph()
            assert self.grid is not None
            self.grid.start_row()

    def _cell(self, closing: bool, name: str, attributes: str) -> None:
        if self.nested:
            self._space()
            return
        self._end_cell()
        if closing:
            return
        if self.grid is None:
            self._start_table()
        else:
            self._end_paragraph()
        spans = {name.lower(): max(1, int(value)) for name, value in _SPAN.findall(attributes)}
        self.cell = (spans.get("colspan", 1), spans.get("rowspan", 1))
        self.style, self.address = PLAIN, ""

    def _end_cell(self) -> None:
        if self.cell is None or self.grid is None:
            return
        colspan, rowspan = self.cell
        self.grid.add(self._take_line().replace("|", r"\|"), colspan, rowspan)
        self.cell = None
        self.style, self.address = PLAIN, ""

    def _end_table(self) -> None:
        if self.grid is None:
            return
        self._end_cell()
        self._end_paragraph()
        table = self.grid.to_markdown()
        if table:
            self.blocks.append(table)
        self.grid, self.nested = None, 0


_HANDLERS: dict[str, Callable[[_Layout, bool, str, str], None]] = {
    "br": _Layout._br,
    "bold": _Layout._bold,
    "italic": _Layout._italic,
    "block": _Layout._block,
    "list": _Layout._list,
    "item": _Layout._item,
    "table": _Layout._table,
    "row": _Layout._row,
    "cell": _Layout._cell,
    "link": _Layout._link,
    "raised": _Layout._raise,
    "image": _Layout._image,
}


def _indent(lists: list[int]) -> str:
    """The spaces under which the text of the innermost open item stands."""
    return "".join(" " * len(f"{number - 1}. " if number else "- ") for number in lists[:_DEEPEST_INDENT])


def _is_cut_tag(match: re.Match[str], inside: str, *, last: bool) -> bool:
    """Whether a tag without its ">" counts: it has a known name, and is bare and closes or breaks, or ends the text."""
    bare = not inside[match.end(2) :].strip()
    known = match[2].lower() in _KIND
    return known and ((bare and (match[1] == "/" or match[2].lower() == "br")) or last)


def _skip_hidden(chunks: list[str], at: int, name: str, rest: str, endless: set[str]) -> tuple[int, str]:
    """Pass a script's or style's content; when nothing ends it, only its tag, and its text is kept."""
    for ahead in range(at, len(chunks)):
        if chunks[ahead][: len(name) + 1].lower() == f"/{name}":
            return ahead + 1, chunks[ahead].partition(">")[2]
    endless.add(name)
    return at, rest
