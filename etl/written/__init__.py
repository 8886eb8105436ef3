"""How the source's texts are written: what etl/parse and etl/normalise, of which neither knows the other, both read."""

from __future__ import annotations

import re

#: Of a tag: what stands in quotes may hold a ">", as data-action="click->menu#open"; a quote may also lack its half.
ATTRIBUTES = r"""(?>(?:=\s*+(?:"[^"<]*"|'[^'<]*')(?=[\s/>])|[^<>])*)(?=>)|[^<>]*"""
#: The Â and the soft hyphen of "CHÂ-TEAU", which are no misread letter.
LETTER_AND_HYPHEN = "(?<=[A-ZÀ-Þ])Â\xad"
_PRE = re.compile(r"<pre\b[^<>]*>[^<]*+(?:<(?!/?pre\b)[^<]*+)*", re.IGNORECASE)
LINE_END = re.compile(r"\r\n?|\n")


def with_breaks(html: str) -> str:
    """HTML with a <br> for each line end that is shown as it is written: within <pre>."""
    return _PRE.sub(lambda pre: LINE_END.sub("<br>", pre[0]), html)
