"""What a reader of a text sees, in its Markdown and in its source, by libraries that are not ours."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import product

from markdown_it import MarkdownIt
from markdown_it.token import Token

RENDERER = MarkdownIt("commonmark").enable("table")


def blocks(markdown: str) -> list[str]:
    """The text of each paragraph, item and cell; a line end within one is a space, as a browser shows it."""
    return ["".join(map(_text, token.children or [])) for token in RENDERER.parse(markdown) if token.type == "inline"]


def emphasised(markdown: str) -> str:
    """The text that is emphasised, all in one."""
    out, depth = "", 0
    for token in RENDERER.parse(markdown):
        for child in token.children or []:
            depth += child.nesting if child.type in ("em_open", "em_close", "strong_open", "strong_close") else 0
            out += _text(child) if depth else ""
    return out


def _text(token: Token) -> str:
    return {"text": token.content, "code_inline": token.content, "softbreak": " ", "hardbreak": "\n"}.get(
        token.type, ""
    )


class _Source(HTMLParser):
    """A fragment's lines, by the standard library: each block, break and cell ends a line; forms are left out."""

    BLOCKS = frozenset(
        [
            "p",
            "div",
            "center",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "br",
            "hr",
            "ul",
            "ol",
            "li",
            "table",
            "tr",
            "td",
            "th",
            "section",
            "blockquote",
        ]
    )

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self.forms = 0
        self.row = self.column = -1
        self.span = (0, 0)  # columns and rows of the cell that is open, (0, 0) outside
        self.cells: dict[tuple[int, int], str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.forms += tag == "form"
        if tag in ("td", "th", "tr"):
            self._end_cell()
        if tag == "table":
            self.row, self.cells = -1, {}
        elif tag == "tr":
            self.row, self.column = self.row + 1, -1
        elif tag in ("td", "th") and self.row >= 0:
            spans = {
                name: int("".join(filter(str.isdigit, value or ""))) for name, value in attrs if name.endswith("span")
            }
            self.span = (spans.get("colspan", 1), spans.get("rowspan", 1))
        if tag in self.BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self.forms -= tag == "form"
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()
        if tag == "table":
            self.lines += [self.cells[place] for place in sorted(self.cells) if place[0] <= self.row]
        if tag in self.BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self.forms:
            return
        if self.span[0]:
            self.cells[-1, -1] = self.cells.get((-1, -1), "") + data
        else:
            self.lines[-1] += data

    def _end_cell(self) -> None:
        columns, rows = self.span
        self.span = (0, 0)
        text = self.cells.pop((-1, -1), "")
        if not columns:
            return
        self.column += 1
        while (self.row, self.column) in self.cells:
            self.column += 1
        for place in product(range(self.row, self.row + rows), range(self.column, self.column + columns)):
            self.cells[place] = text


def source_lines(fragment: str) -> list[str]:
    """The lines that a browser shows of a fragment of HTML, spaces single, no soft hyphens; a merged cell everywhere."""
    reader = _Source()
    reader.feed(fragment.replace("\xad", ""))
    reader.close()
    return [line for written in reader.lines if (line := " ".join(written.split()))]
