"""Dates, numbers and codes in French."""

from __future__ import annotations

from datetime import date

TYPES = {
    "QE": "Question écrite",
    "QG": "Question au Gouvernement",
    "QOSD": "Question orale sans débat",
}
STATUSES = {
    "answered": "Répondue",
    "pending": "En attente",
    "withdrawn": "Retirée",
    "lapsed": "Caduque",
    "closed": "Close",
}
MONTHS = [
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
]


def number(value: int) -> str:
    """`12 345`."""
    return f"{value:,}".replace(",", "\u202f")


def many(value: int, singular: str, plural: str) -> str:
    """`0 question`, `1 question`, `12 345 questions`."""
    return f"{number(value)}\u00a0{plural if value > 1 else singular}"


def counted(label: str, count: int) -> str:
    """`Santé (12 345)`."""
    return f"{label} ({number(count)})"


def ordinal(value: int) -> str:
    """`17e`."""
    return f"{value}e"


def day(value: date) -> str:
    """`1er septembre 2026`."""
    return f"{'1er' if value.day == 1 else value.day} {MONTHS[value.month - 1]} {value.year}"


def choice(param: str, value: object) -> str:
    """A facet's value as a list shows it: `17e législature`, `Question écrite`, `En attente`."""
    if param == "legislature":
        return f"{ordinal(int(str(value)))} législature"
    return {"type": TYPES, "statut": STATUSES}.get(param, {}).get(str(value), str(value))
