"""What the Journal officiel published of a question and when: the dated lines of a page (docs/source/formats.md 5)."""

from __future__ import annotations

import re
from typing import NamedTuple

from etl.parse.markup import WHOLE, fold, has_letters
from etl.parse.record import Anomaly, unknown_key

QUESTION, ANSWER = "question", "answer"
QUESTION_ERRATUM, ANSWER_ERRATUM = "question erratum", "answer erratum"
CHANGE, SIGNAL, RENEWAL, CLOSING = "change of attribution", "signalement", "renewal", "closing"

# The first pattern that matches the folded label wins.
_KINDS = (
    (r"(?:errat|rectif).*repon|repon.*(?:errat|rectif)", ANSWER_ERRATUM),
    (r"errat|rectif", QUESTION_ERRATUM),
    (r"retir|retrait\b|caduc|caduque|clotur|fin de mandat", CLOSING),
    (r"attribution", CHANGE),
    (r"signal", SIGNAL),
    (r"renouvel|\brappel", RENEWAL),
    (r"reponse (?:publi|en seance|parue)|publication de la reponse", ANSWER),
    (r"question publi|publication de la question|question parue", QUESTION),
)
_MONTHS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre",
           "decembre")  # fmt: skip
_INSIDE = r"(?:[^()]|\([^()]*\))*"
_DATE = re.compile(
    r"(?<!\d)(?P<date>\d{1,2}\s?[/.]\s?\d{1,2}\s?[/.]\s?\d{4}|\d{4}-\d\d-\d\d"
    r"|\d{1,2}(?:\s?er)?\s[^\W\d_]{3,9}\.?\s\d{4})(?!\d)"
    rf"(?:[\s,]*\b(?:pages?\b|p\.)\s?:?\s?(?P<page>{WHOLE})?)?"
    rf"(?:[\s,:]*\((?P<reason>{_INSIDE})\))?",
    re.IGNORECASE,
)
_REASON = re.compile(rf"\(({_INSIDE})\)")
_PUBLISHED = re.compile(r"\s+publi\w+(?:\s+au\s+(?:JO|Journal\s+Officiel))?(?:\s+le)?$", re.IGNORECASE)
_AWAITS = re.compile(r"(?::|\b(?:le|du|page))[\s,;.-]*$", re.IGNORECASE)  # a label whose date is not there
_JOINS = frozenset(("et", "puis", "le", "du"))


class Event(NamedTuple):
    """Something published of the question.

    Attributes:
        kind: QUESTION, ANSWER … as above.
        label: what the page calls it.
        date: DD/MM/YYYY as on the page, or ISO when the page has it in words.
        page: of the Journal officiel.
        reason: what the page has in parentheses.
    """

    kind: str
    label: str
    date: str | None = None
    page: str | None = None
    reason: str | None = None


def kind_of(label: str) -> str | None:
    """The kind of event that a label announces; None when the label is not known."""
    folded = fold(label[:300])
    return next((kind for pattern, kind in _KINDS if re.search(pattern, folded)), None)


def day(text: str) -> str:
    """A date without inner spaces, 03/05/2016 also for 03.05.2016; "3 mai 2016" and "3 déc. 2016" become ISO."""
    words = fold(text).replace(" er ", "er ").split()
    if not any(map(str.isalpha, text)):
        return "".join(text.split()).replace(".", "/")
    months = [at for at, month in enumerate(_MONTHS, 1) if month.startswith(words[1].removesuffix("."))]
    return f"{words[2]}-{months[0]:02}-{int(words[0].removesuffix('er')):02}" if len(months) == 1 else text


def read_days(text: str) -> list[str]:
    """The dates in a text, as `day` has them."""
    return [day(match["date"]) for match in _DATE.finditer(text)]


def named(label: str) -> str:
    """The label without the "le" or "publié au JO le" that leads to its date."""
    return re.sub(r"\s+(?:le|du)$", "", _PUBLISHED.sub("", label)).strip()


def read_events(line: str, odd: list[Anomaly]) -> list[Event]:
    """Reads a line of labels and dates; what it holds besides becomes an anomaly.

    Args:
        line: such as "Question publiée au JO le : 11/12/2012 page : 3 Réponse publiée …".
        odd: anomalies are added here.
    """
    events: list[Event] = []
    at, label = 0, ""
    for match in _DATE.finditer(line):
        before = line[at : match.start()].strip(" :,;-\xa0")
        at = match.end()
        label = label if _JOINS.issuperset(fold(before).split()) else before
        kind = kind_of(label)
        if kind is None:
            odd.append(unknown_key("page", f"{before or label}: {match[0]}"))
            continue
        reason = " ".join((match["reason"] or "").split())
        events.append(Event(kind, named(label), day(match["date"]), match["page"], reason or None))
        if reason and kind != CLOSING:
            odd.append(unknown_key("page", f"{label}: ({reason})"))
    rest = line[at:].strip(" :,;-(.\xa0")
    rest = rest if "(" in rest else rest.rstrip(" :,;-).\xa0")
    if has_letters(rest):
        undated = _REASON.search(line, at)
        label = line[at : undated.start() if undated else len(line)].strip(" :,;-\xa0")
        kind = kind_of(label)
        if kind == CLOSING and events and events[-1].kind == CLOSING and events[-1].reason is None:
            events[-1] = events[-1]._replace(reason=rest)  # "Question retirée le 05/08/2022 pour cause de caducité"
        elif kind == CLOSING:
            reason = " ".join(undated[1].split()) if undated else ""
            events.append(Event(kind, named(label), reason=reason or None))
        elif kind is None or undated or not _AWAITS.search(line):
            odd.append(unknown_key("page", rest))
    return events
