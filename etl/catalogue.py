"""Which archives exist: legislature × type × form, where each lies, and whether it still changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from etl.errors import UsageError


@dataclass(frozen=True)
class _Legislature:
    """How the site names a legislature's archives, and whether they are closed (FORMATS.md 1 and 10)."""

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

LAST_LEGISLATURE = max(_LEGISLATURES)


@dataclass(frozen=True)
class Archive:
    """One zip of the site: every question of a type in a legislature, in one form.

    Attributes:
        legislature: 14 for the XIVth.
        question_type: QE, QG or QOSD.
        form: how the members are written; `json`.
        path: below the site's root; the site is case-sensitive.
        frozen: the legislature is over, so no new content is expected.
    """

    legislature: int
    question_type: str
    form: str
    path: str
    frozen: bool

    @property
    def name(self) -> str:
        """What every message calls it: `17/QE`."""
        return f"{self.legislature}/{self.question_type}"

    @property
    def key(self) -> tuple[int, str]:
        """Legislature and type."""
        return self.legislature, self.question_type


def archive(legislature: int, question_type: str) -> Archive:
    """One archive; a legislature that opened since is named as those without a suffix are."""
    known = _LEGISLATURES.get(legislature, _OPENED_SINCE)
    folder = _TYPES[question_type]
    path = f"static/openData/repository/{legislature}/questions/{folder}/{folder.capitalize()}{known.suffix}.json.zip"
    return Archive(legislature, question_type, "json", path, known.frozen)


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
