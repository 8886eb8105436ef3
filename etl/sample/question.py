"""A made-up question, independent of the form in which it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from etl.sample.facts import Organ


class Deputy(NamedTuple):
    """A deputy in one legislature: mandate, political family, place (town, department, region)."""

    actor: str
    mandate: str
    civility: str
    first: str
    last: str
    family: str
    place: tuple[str, str, str]

    @property
    def name(self) -> str:
        """Civility, first and last name."""
        return f"{self.civility} {self.first} {self.last}"


class Jo(NamedTuple):
    """A publication in the Journal officiel: type, day, page, issue number of the year."""

    type: str | None
    day: date
    page: int | None = None
    issue: int | None = None


class Attribution(NamedTuple):
    """A ministry that had the question, since when, by what publication."""

    ministry: Organ
    jo: Jo


@dataclass(slots=True)
class Published:
    """A text as it was published, with the correction printed later, if any."""

    jo: Jo
    text: str = ""
    erratum: str | None = None


class Closure(NamedTuple):
    """How a question ended."""

    code: str | None
    label: str
    day: date
    jo: Jo | None


class Signal(NamedTuple):
    """A signalement: the day it was asked for, and its publication."""

    asked: date
    jo: Jo


@dataclass(slots=True)
class Question:
    """All the facts of a source record, and what its texts are about."""

    legislature: int
    kind: str
    number: int
    day: date
    rubrique: str | None
    head: str | None
    analyses: list[str]
    author: Deputy
    group: Organ
    asked: Organ
    attributions: list[Attribution]
    theme: str
    subject: str
    answer_key: int
    joint: bool
    traits: tuple[str, ...] = ()
    questions: list[Published] = field(default_factory=list)
    answers: list[Published] = field(default_factory=list)
    closure: Closure | None = None
    signal: Signal | None = None
    renewals: list[Jo] = field(default_factory=list)

    @property
    def uid(self) -> str:
        """The Assembly's identifier (docs/source/formats.md 2.1)."""
        return f"QANR5L{self.legislature}{self.kind}{self.number}"
