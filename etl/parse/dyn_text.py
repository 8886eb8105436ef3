"""The plain text of a dyn page: its lines are put back into the page's blocks, and read as the page is."""

from __future__ import annotations

import re
from html import escape

from etl.parse import dyn_page
from etl.parse.converted import FOOTER, LINK, cut, fragment, shown, tidied
from etl.parse.record import Anomaly, Record, RecordError

_TITLE = re.compile(
    r"^[ \t]*Question\s+(?:[eé]crite|orale|au\s+gouvernement)\b[^\n:]*?n\s*[°ºo]\s*\d+", re.IGNORECASE | re.MULTILINE
)
_ASKED = re.compile(r"^[ \t]*Question\s+de\s*:\s*(?P<who>.*)$", re.IGNORECASE | re.MULTILINE)
_ANSWERED = re.compile(
    r"^[ \t]*R[eé]ponse\s+(?:en\s+s[eé]ance,?\s+et\s+)?publi[eé]e\s+le\s.*$", re.IGNORECASE | re.MULTILINE
)
_KEYS = re.compile(r"^[ \t]*Donn[eé]es\s+cl[eé]s[ \t]*$", re.IGNORECASE | re.MULTILINE)
_AFTER = re.compile(rf"^[ \t]*partager\b|{FOOTER}", re.IGNORECASE | re.MULTILINE)
_WITHOUT_KEYS = re.compile(rf"^[ \t]*partager[ \t]*$|{FOOTER}", re.IGNORECASE | re.MULTILINE)
_HEAD_LINE = re.compile(
    r"\s+(?=Publication\s+de\s+la\s+(?:question|r[eé]ponse)\b|\d+\s*[eè]\w*\s+l[eé]gislature(?!.*?l[eé]gislature))",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\W\d_][^:]{2,45}:")
_KNOWN = (
    r"(?:Auteur|Type\s+de\s+question|Rubrique|T[eê]te\s+d.analyse|Titre|Minist[eè]re\s+\w+|Dates?(?:\s+\w+){0,4})\s*:"
)
_KNOWN_LABEL = re.compile(_KNOWN)
# Of a copy that lost its line ends: what begins a line, and what ends one.
_DAY = r"\d{1,2}(?:er)?\s+\w+\s+\d{4}"
_BEGINS = re.compile(
    r"(?<!\s)\s++(?=Question\s+(?:[eé]crite|orale|au\s+[Gg]ouvernement)\b[^\n:]{0,30}?n\s*[°º]\s*\d+\s*:|Question\s+(?:de|retir[eé]e\s+le)\s*:"
    rf"|Donn[eé]es\s+cl[eé]s\s+Auteur\s*:|{_KNOWN}\s|partager\b)"
)
_AUTHOR = re.compile(
    r"(Question\s+de\s*:[^()\n]{0,200}(?:\([^()\n]{0,40}\)\s*(?=\())?\((?:[^()\n]|\([^()\n]{0,100}\)){0,300}\)"
    rf"(?:,?\s*pos[eé]e\s+en\s+s[eé]ance,?\s+et\s+publi[eé]e\s+le\s+{_DAY})?)\s"
)
_HEADER = re.compile(rf"\s(R[eé]ponse\s+(?:en\s+s[eé]ance,?\s+et\s+)?publi[eé]e\s+le\s+{_DAY})\s")

# What a converter marks of the page's own words: rules, headings, bold labels.
_LABELS = r"Question|R[eé]ponse|Auteur|Type|Rubrique|Minist|Date|Donn|T[eê]te|Titre|\d+[eè]\w*\s+l[eé]gislature"
_MARKS = re.compile(
    rf"^[ \t]*(?:(?:[-*_][ \t]*){{3,}}$|#{{1,6}}[ \t]+|\*\*(?P<label>(?:{_LABELS})[^*\n]*)\*\*)",
    re.IGNORECASE | re.MULTILINE,
)


def _laid_out(text: str) -> str:
    """The text, with its line ends where they were lost, without a converter's marks of the page's own words."""
    text = _MARKS.sub(lambda mark: mark["label"] or "", text)
    if _ASKED.search(text):
        return text
    return _HEADER.sub(r"\n\1\n", _AUTHOR.sub(r"\1\n", _BEGINS.sub("\n", text), count=1))


def is_one(text: str) -> bool:
    """Whether a text has the title and the author's line of these pages."""
    text = _laid_out(text)
    title = _TITLE.search(text)
    return title is not None and _ASKED.search(text, title.end()) is not None


def read(text: str) -> tuple[Record, list[Anomaly]]:
    """Reads the text of a page.

    Raises:
        RecordError: the text does not show which question it is.
    """
    text = _laid_out(tidied(text))
    title = _TITLE.search(text)
    asked = _ASKED.search(text, title.end()) if title else None
    if title is None or asked is None:
        raise RecordError("form", 'a text without "Question … n°" and "Question de :"')
    keys = _KEYS.search(text, asked.end())
    after = _AFTER.search(text, keys.end()) if keys else _WITHOUT_KEYS.search(text, asked.end())
    if after:
        text = text[: after.start()]
    end = keys.start() if keys else len(text)
    answered = _ANSWERED.search(text, asked.end(), end)
    blocks = [_block(f"Question de : {shown(asked['who'])}", text[asked.end() : answered.start() if answered else end])]
    if answered:
        blocks.append(_block(answered[0], text[answered.end() : end]))
    facts = text[keys.end() :] if keys else ""
    head = _HEAD_LINE.split(" ".join(shown(text[title.start() : asked.start()]).split()))
    record, odd = dyn_page.read(
        '<div class="_style-question">'
        + "".join(f"<div>{escape(line)}</div>" for line in head)
        + f'<div class="ha-grid"><div class="size-3">{"".join(blocks)}</div><div class="size-1">'
        + f"<span>Données clés</span>{_paragraphs(facts)}</div></div></div></body>"
    )
    return record, odd if keys or after else odd + cut(text)


def _block(header: str, text: str) -> str:
    inner = fragment(text)
    body = f'<p class="_pa-small">{inner}</p>' if inner else ""
    return f'<div class="_pa-small"><p>{escape(header)}</p>{body}</div>'


def _paragraphs(facts: str) -> str:
    """A paragraph for each line with a label; the lines without a label that follow belong to it.

    Behind a label without a value, only one of the page's own labels is one.
    """
    out: list[str] = []
    label = _LABEL
    for line in filter(None, map(str.strip, facts.split("\n"))):
        out.append(f"{'<p>' if label.match(line) else '<br>'}{LINK.sub(_anchor, escape(line))}")
        label = _KNOWN_LABEL if line.endswith(":") else _LABEL
    return "".join(out)


def _anchor(link: re.Match[str]) -> str:
    return f'<a href="{link[2]}">{link[1]}</a>'
