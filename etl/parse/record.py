"""What every source form is read into: the question as the source gives it, strings as they are between spaces."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class RecordError(Exception):
    """One record cannot be read; it is set aside and the others go on.

    Attributes:
        rule: short name of what was broken, as `ops.quarantine.rule` has it.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Anomaly(NamedTuple):
    """Something odd that was read all the same.

    Attributes:
        kind: such as "unknown_key".
        level: "error", "warning" or "info".
        what: the field, as a path in the source or a column.
        value: what the source sent.
    """

    kind: str
    level: str
    what: str
    value: str | None


def unknown_key(what: str, value: str | None) -> Anomaly:
    """The anomaly of a field that nobody expected: where it stands, and what it holds."""
    return Anomaly("unknown_key", "warning", what, value and value[:200])


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One record's place in an archive's `Contents.path`.

    Attributes:
        member: name of the zip's member.
        number: the question's number, from the name, else from a look at the bytes; None when neither has it.
        offset: of the local header in a zip, of the record in a document.
        stored: length as stored.
        size: length of the record, in bytes.
        crc32: of the record's bytes.
        method: how it is stored; None in a document.
        document: SHA-256 of the document that it is by itself; None in an archive.
    """

    member: str
    number: int | None
    offset: int
    stored: int
    size: int
    crc32: int
    method: int | None
    document: str | None = None


class Body(msgspec.Struct, frozen=True, gc=False):
    """A ministry or a group: id, short form and full name."""

    id: str | None = None
    short: str | None = None
    name: str | None = None


class Attribution(msgspec.Struct, frozen=True, gc=False):
    """A ministry put in charge of the question."""

    ministry: Body
    jo_type: str | None = None
    jo_date: str | None = None


class Text(msgspec.Struct, frozen=True, gc=False):
    """One published text, as an HTML fragment."""

    jo_type: str | None = None
    jo_date: str | None = None
    jo_page: str | None = None
    text: str | None = None
    erratum: str | None = None


class Closure(msgspec.Struct, frozen=True, gc=False):
    """Why and when the question was closed."""

    code: str | None = None
    label: str | None = None
    date: str | None = None
    jo_date: str | None = None
    jo_page: str | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One question. Lists are in the source's order; a missing value is None, however the source leaves it out."""

    uid: str
    legislature: int
    question_type: str
    number: int
    deputy_id: str | None = None
    mandate_id: str | None = None
    author_name: str | None = None
    department: str | None = None
    group: Body = Body()
    ministry_asked: Body = Body()
    attributions: tuple[Attribution, ...] = ()
    rubrique: str | None = None
    tete_analyse: str | None = None
    analyses: tuple[str, ...] = ()
    questions: tuple[Text, ...] = ()
    answers: tuple[Text, ...] = ()
    signalled: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    closure: Closure | None = None
