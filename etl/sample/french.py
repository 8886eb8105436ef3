"""French as a machine needs it: dates in words, articles after "de", how to name and call a minister."""

from __future__ import annotations

from datetime import date
from functools import cache

from etl.sample.deputies import minister_name
from etl.sample.facts import Organ

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def french_date(day: date) -> str:
    """A day in words: 1er mars 2024."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def of(noun: str) -> str:
    """A noun with its article, after "de": "les délais" gives "des délais"."""
    for article, contracted in (("les ", "des "), ("le ", "du ")):
        if noun.startswith(article):
            return contracted + noun[len(article) :]
    return "de " + noun


def bare(noun: str) -> str:
    """A noun without its article."""
    for article in ("les ", "le ", "la ", "l'"):
        if noun.startswith(article):
            return noun[len(article) :]
    return noun


def capital(text: str) -> str:
    """The same with a capital first letter."""
    return text[0].upper() + text[1:]


def is_woman(ministry: Organ) -> bool:
    """Whether the ministry's (made-up) head is a woman."""
    return minister_name(ministry)[0] == "Mme"


@cache
def office(ministry: Organ) -> str:
    """The minister's title: ministre de la culture."""
    name = ministry.name.split(" ", 1)[1]
    if not name.startswith("chargé"):
        return f"ministre {name}"
    return (
        f"ministre déléguée {name.replace('chargé', 'chargée', 1)}"
        if is_woman(ministry)
        else f"ministre délégué {name}"
    )


@cache
def addressee(ministry: Organ) -> str:
    """How a question names the minister: Mme la ministre de la culture."""
    return f"{'Mme la' if is_woman(ministry) else 'M. le'} {office(ministry)}"
