"""What became of a question, from its closure and its answer."""

from __future__ import annotations

from functools import lru_cache

# docs/source/formats.md 2.4: what labels begin with, then codes for a closure that has no label
LABELS = {
    "réponse publiée": "answered",
    "retrait": "withdrawn",
    "question retirée": "withdrawn",
    "fin de": "lapsed",
    "caducité": "lapsed",
    "caduque": "lapsed",
    "question caduque": "lapsed",
    "pour cause de caducité": "lapsed",
    "séance de qosd annulée": "closed",
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


@lru_cache(maxsize=1_000)
def of_closure(code: str | None, label: str | None) -> str | None:
    """What a closure says of the question's fate; None when neither its label nor its code is known."""
    if label:
        known = next((status for start, status in LABELS.items() if label.lower().startswith(start)), None)
        if known:
            return known
    return CODES.get(code) if code else None
