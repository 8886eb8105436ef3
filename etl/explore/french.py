"""Dates, numbers, codes and column names in French."""

from __future__ import annotations

import re
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
COLUMNS = {
    "legislature": "Législature",
    "question_type": "Type",
    "ministry": "Ministère",
    "rubrique": "Rubrique",
    "month": "Mois",
    "day": "Au soir du",
    "questions": "Questions (n)",
    "answered": "Répondues",
    "pending": "En attente",
    "overdue": "dont en retard",
    "half_days": "Jours pour la moitié",
    "nine_in_ten_days": "Jours pour neuf sur dix",
    "with_due_day": "Soumises aux deux mois",
    "due": "Échues (n)",
    "in_time": "dont à temps",
    "lapsed_late": "Caduques en retard (n)",
    "in_time_rate_with_lapsed": "À temps, caduques en retard comprises",
    "asked": "Posées",
    "withdrawn": "Retirées",
    "lapsed": "Caduques",
    "closed": "Closes",
    "month_questions": "Questions du mois (n)",
    "share": "Part du mois",
}
NONE = "—"  # a cell without a value


def typeset(text: str) -> str:
    """A text with the spaces before its high punctuation unbreakable."""
    return re.sub(" (?=[:;?!»])", "\u00a0", text)


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


def cell(column: str, value: object) -> str:
    """A value as a table shows it: `12 345`, `25 août 2026`, `août 2026`, `18,4 %`."""
    if value is None:
        return NONE
    if isinstance(value, date):
        return f"{MONTHS[value.month - 1]} {value.year}" if column == "month" else day(value)
    if column == "legislature":
        return ordinal(int(str(value)))
    if isinstance(value, float):
        return f"{value:.1%}".replace(".", ",").replace("%", "\u00a0%")
    return number(value) if isinstance(value, int) else str(value)
