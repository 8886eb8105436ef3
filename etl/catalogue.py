"""Which archives and weekly issues exist, what each is called, where it lies, and whether it still changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias

from etl.errors import UsageError


@dataclass(frozen=True)
class _Legislature:
    """How the site names a legislature's archives, and whether they are closed (docs/source/formats.md 1 and 10)."""

    suffix: str
    frozen: bool


_LEGISLATURES = {
    14: _Legislature("_XIV", frozen=True),
    15: _Legislature("_XV", frozen=True),
    16: _Legislature("", frozen=True),
    17: _Legislature("", frozen=False),
}
_OPENED_SINCE = _Legislature("", frozen=False)

_TYPES = {
    "QE": "questions_ecrites",
    "QG": "questions_gouvernement",
    "QOSD": "questions_orales_sans_debat",
}

TYPES = tuple(_TYPES)
PEOPLE = "people"
_PEOPLE = "tous_acteurs_mandats_organes_xi_legislature/AMO30_tous_acteurs_tous_mandats_tous_organes_historique"
FORMS = ("json", "xml")
"""How archives are written, in the order in which they are asked for; each is read by etl/parse/bulk_<form>.py."""

FIRST_LEGISLATURE, LAST_LEGISLATURE = min(_LEGISLATURES), max(_LEGISLATURES)


def stem_of(legislature: int, question_type: str) -> str:
    """A legislature and a type as in the names of files: `17-QE`."""
    return f"{legislature}-{question_type}"


def name_of(legislature: int, question_type: str) -> str:
    """A legislature and a type as in messages: `17/QE`."""
    return f"{legislature}/{question_type}"


@dataclass(frozen=True)
class Archive:
    """One zip of the site: every question of a type in a legislature, in one form; or all people and bodies.

    Attributes:
        legislature: 14 for the XIVth.
        question_type: QE, QG or QOSD; `people` for people and bodies.
        form: how the members are written, and their suffix; one of FORMS.
        frozen: the legislature is over: no new content is expected.
    """

    suffix: ClassVar = ".zip"
    legislature: int
    question_type: str
    form: str
    frozen: bool

    @property
    def path(self) -> str:
        """Below the site's root; the site is case-sensitive."""
        if self.question_type == PEOPLE:
            return f"static/openData/repository/{self.legislature}/amo/{_PEOPLE}.{self.form}.zip"
        folder, suffix = _TYPES[self.question_type], _known(self.legislature).suffix
        file = f"{folder.capitalize()}{suffix}.{self.form}.zip"
        return f"static/openData/repository/{self.legislature}/questions/{folder}/{file}"

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms to ask for, in turn."""
        return FORMS[:1] if self.question_type == PEOPLE else FORMS

    @property
    def name(self) -> str:
        """What every message calls it: `17/QE`."""
        return name_of(*self.key)

    @property
    def key(self) -> tuple[int, str]:
        """Legislature and type."""
        return self.legislature, self.question_type

    @property
    def stem(self) -> str:
        """`17-QE`, as in the names of files."""
        return stem_of(*self.key)


ISSUES = "OPENDATA/Questions-Reponses/AN"
"""The folder of all issues, below the root of DILA's site (docs/source/formats.md 6 and 11)."""
_THIS_YEAR = "Annee_en_cours"
JOURNAL = f"{ISSUES}/{_THIS_YEAR}"
"""The folder of this year's issues; those of an earlier year lie beside it, in a folder named after the year."""
FIRST_ISSUES = 2012
"""The first year of the issues that are asked for: the 14th legislature opened, the first that has archives."""
_ISSUE = re.compile(r"ANQ(?P<year>[12]\d{3})(?P<number>\d{4})")


@dataclass(frozen=True, order=True)
class Issue:
    """A weekly issue of the Journal officiel's questions; it never changes (docs/source/formats.md 6).

    Attributes:
        year: of publication.
        number: in that year, 1 first; not the week of the calendar.
        folder: where it lies, below ISSUES.
    """

    suffix: ClassVar = ".taz"
    form: ClassVar = "taz"
    forms: ClassVar = ("taz",)
    year: int
    number: int
    folder: str = field(default=_THIS_YEAR, compare=False)

    @property
    def name(self) -> str:
        """What every message calls it: `ANQ20260010`."""
        return f"ANQ{self.year}{self.number:04}"

    @property
    def stem(self) -> str:
        """Its name, as in the names of files."""
        return self.name

    @property
    def path(self) -> str:
        """Below the site's root."""
        return f"{ISSUES}/{self.folder}/{self.name}{self.suffix}"

    @property
    def places(self) -> tuple[Issue, Issue]:
        """The same issue in each folder where it may lie: that of this year, and that of its own year."""
        return replace(self, folder=_THIS_YEAR), replace(self, folder=str(self.year))


AnyArchive: TypeAlias = Archive | Issue


def issues_named(names: Iterable[str]) -> list[Issue]:
    """The issues among these names, `ANQ20260010` or `ANQ20260010.taz`, oldest first; other names are left out."""
    matches = (_ISSUE.fullmatch(name.removesuffix(Issue.suffix)) for name in names)
    return sorted({Issue(int(match["year"]), int(match["number"])) for match in matches if match})


def archive(legislature: int, question_type: str) -> Archive:
    """An archive in the first of FORMS; also of a legislature that this catalogue does not know yet."""
    return Archive(legislature, question_type, FORMS[0], _known(legislature).frozen)


def page_path(legislature: int, question_type: str, number: int) -> str:
    """Where a question's document lies below the questions' own site: a page, or from the 14th on its XML."""
    page = f"q{legislature}/{legislature}-{number}{question_type}.htm"
    return page if legislature < 14 else f"{page}/vue/xml"


def people(opened: Collection[int] = ()) -> Archive:
    """The archive of everyone since the 12th legislature, and of all bodies.

    Only the copy of the legislature that sits is kept up to date (docs/source/formats.md 9).

    Args:
        opened: legislatures that opened since this catalogue was written.
    """
    return Archive(max((LAST_LEGISLATURE, *opened)), PEOPLE, FORMS[0], frozen=False)


def archives(
    legislatures: Collection[int] = (), types: Collection[str] = (), opened: Collection[int] = ()
) -> list[Archive]:
    """The archives asked for, by legislature then type.

    Args:
        legislatures: those wanted; empty for all.
        types: those wanted among QE, QG and QOSD; empty for all.
        opened: legislatures that opened since this catalogue was written (`etl.fetch.next_legislatures`).

    Raises:
        UsageError: a legislature or a type that does not exist.
    """
    every_legislature = [*_LEGISLATURES, *opened]
    _refuse_unknown("legislature", legislatures, every_legislature)
    _refuse_unknown("type", types, list(_TYPES))
    return [
        archive(legislature, question_type)
        for legislature in every_legislature
        if not legislatures or legislature in legislatures
        for question_type in _TYPES
        if not types or question_type in types
    ]


def _refuse_unknown(what: str, asked: Collection[int] | Collection[str], known: Collection[int | str]) -> None:
    for value in asked:
        if value not in known:
            raise UsageError(f"no {what} {value} in the catalogue; choose among {', '.join(map(str, known))}")


def _known(legislature: int) -> _Legislature:
    return _LEGISLATURES.get(legislature, _OPENED_SINCE)
