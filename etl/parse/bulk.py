"""The form of an archive: how its members are read, and how a member that holds many questions is cut.

A form is a name in `etl.catalogue.FORMS`, which is also the suffix of its members, and a module `bulk_<name>.py` beside
this one with a `FORM`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from etl.parse.record import Anomaly, Entry, Record

MAX_RECORD = 1 << 20  # bytes; the longest question known is 22 KB (docs/source/formats.md 8)
MAX_BROKEN = 250  # records; each costs another look at up to MAX_RECORD bytes
HEAD = 4 << 20  # bytes within which the first question must begin


class Reader(Protocol):
    """Reads the bytes of a record; raises RecordError for what is no question."""

    def __call__(self, raw: bytes, *, item: bool) -> tuple[Record, list[Anomaly]]:
        """Args: its bytes, and whether they are an item of a document rather than a file of their own."""


class Cutter(Protocol):
    """Finds where each record of a document begins and ends, as its bytes come by, in bounded memory.

    Raises SourceError where the document is not one of questions, is not whole, or cannot be cut.
    """

    odd: list[Anomaly]

    def cut(self, piece: bytes) -> list[Entry]:
        """The records that `piece` completes."""

    def end(self) -> list[Entry]:
        """The last records, once the document is at its end; `odd` is then what else it holds."""


@dataclass(frozen=True)
class Form:
    """One form.

    Attributes:
        read: the bytes of one record to the record.
        cutter: makes the cutter of a document, from the member's and the archive's names.
        is_unit: whether a member that begins so is a file of one question rather than a document of many.
        is_document: whether a member that begins so is such a document.
        number: the question's number by a look at its bytes, for a member whose name does not tell it.
    """

    read: Reader
    cutter: Callable[[str, str], Cutter]
    is_unit: Callable[[bytes], object]
    is_document: Callable[[bytes], object]
    number: Callable[[bytes], int | None]


@cache
def form_of(name: str) -> Form:
    """The form of that name; its module is imported where it is wanted."""
    form = import_module(f"etl.parse.bulk_{name}").FORM
    assert isinstance(form, Form)
    return form


def entry_of(member: str, number: int | None, offset: int, raw: bytes) -> Entry:
    """The place of a record that was cut out of a document."""
    return Entry(member, number, offset, len(raw), len(raw), zlib.crc32(raw), None)
