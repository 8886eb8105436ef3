"""What became of a question, from its closure and its answer."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# docs/source/formats.md 2.4: expressions that folded labels begin with, then codes for a closure that has no label
LABELS = {
    "reponse publiee": "answered",
    r"fin d|.*\b(?:caducite|caduque|fin de (?:mandat|legislature))": "lapsed",
    "retrait|retire|question retiree": "withdrawn",
    "seance de qosd annulee": "closed",
}
CODES = {
    "REP_PUB": "answered",
    "AU": "withdrawn",
    "FL": "lapsed",
    "FIN_MANDAT": "lapsed",
    "RETIRE": "withdrawn",
    "RETRAIT": "withdrawn",
    "CADUQUE": "lapsed",
    "CLOTURE_AUTRE": "closed",
}


def _folded(label: str) -> str:
    """The label without case and accents: the pages of legislatures 8 to 10 have none."""
    return "".join(char for char in unicodedata.normalize("NFD", label.lower()) if not unicodedata.combining(char))


@lru_cache(maxsize=1_000)
def of_closure(code: str | None, label: str | None) -> str | None:
    """What a closure says of the question's fate; None when neither its label nor its code is known."""
    if label:
        folded = _folded(label)
        known = next((status for start, status in LABELS.items() if re.match(start, folded)), None)
        if known:
            return known
    return CODES.get(code.upper()) if code else None
