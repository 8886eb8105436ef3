"""A page as a test reads it: well nested or refused, with its links, ids and tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "br", "hr", "img", "input", "link", "source"}


@dataclass
class Page:
    """What a page holds.

    Attributes:
        tags: every element's name.
        links: every href and src.
        ids: every id.
        tables: each table's caption, and its rows, cells as text; the first row is the header.
        text: all text but the style sheet's.
        css: the style sheet.
    """

    tags: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    tables: list[tuple[str, list[list[str]]]] = field(default_factory=list)
    text: str = ""
    css: str = ""

    def table(self, caption: str) -> list[dict[str, str]]:
        """The rows of the first table whose caption begins so, by column."""
        rows = next(rows for name, rows in self.tables if name.startswith(caption))
        return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page, self.open = Page(), list[str]()
        self.rows, self.caption = list[list[str]](), ""

    def handle_starttag(self, tag, attrs):
        self.page.tags.append(tag)
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{self.getpos()}: an attribute twice"
        assert not [name for name in names if name.startswith("on")], self.getpos()
        self.page.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.page.ids += [value or "" for name, value in attrs if name == "id"]
        if tag == "table":
            self.rows, self.caption = [], ""
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{self.getpos()}: </{tag}>"
        if tag == "table":
            self.page.tables.append((self.caption, self.rows))

    def handle_data(self, data):
        if "style" in self.open:
            self.page.css += data
            return
        self.page.text += data
        if "caption" in self.open:
            self.caption += data
        elif self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def read(path: Path) -> Page:
    """The page; what is not well nested, or has a thing twice that may be once, fails."""
    reader = _Reader()
    text = path.read_bytes().decode()
    assert text.startswith("<!doctype html>")
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert len(reader.page.ids) == len(set(reader.page.ids)), "an id twice"
    return reader.page
