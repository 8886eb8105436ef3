"""What the plan of a partition hands to the worker that builds a chunk, and what it gets back."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from etl.parse.record import Anomaly, Entry

DOCUMENTS = "documents/"  # where, in raw/, single documents lie


class Place(NamedTuple):
    """Where a record is, with its size and checksum: an equal place means an unchanged record."""

    member: str
    number: int | None
    size: int
    crc32: int

    @property
    def is_document(self) -> bool:
        """Whether it is a document by itself, not in the archive."""
        return self.member.startswith(DOCUMENTS)


def place_of(entry: Entry) -> Place:
    """The place of a record."""
    member = f"{DOCUMENTS}{entry.document}" if entry.document else entry.member
    return Place(member, entry.number, entry.size, entry.crc32)


class Refusal(msgspec.Struct, frozen=True):
    """Why the check refuses a question, as `ops.quarantine` has it.

    Attributes:
        rule: the first rule that it breaks.
        error: the reason for each.
        observed: JSON; the values that break them.
    """

    rule: str
    error: str
    observed: str


class Job(msgspec.Struct, gc=False, kw_only=True):
    """A chunk to build.

    Attributes:
        chunk: its number; it holds the questions from `chunk` times `CHUNK` on.
        legislature: of the partition.
        question_type: of the partition.
        form: how the archive's records are written, as `etl.catalogue.FORMS` has it.
        path: the archive, or the document in it, inflated; "" when there is none.
        item: whether the records are items of one document.
        entries: the records to read.
        present: every record of the chunk that the archive holds, and every single document of it.
        sha256: of the archive; "" when there is none.
        documents: the folder where single documents lie.
        fetched_at: when the archive, or the documents, came.
        lake: the lake.
        before: by dataset, the chunk's files as they are now.
        odd: what is odd about the archive itself.
        refused: by number, why the check refuses a question.
        mended: `before` was won back from a release: rows are written anew, though their record is the same.
    """

    chunk: int
    legislature: int
    question_type: str
    form: str
    path: str
    item: bool
    entries: list[Entry]
    present: list[Place]
    sha256: str
    documents: str | None
    fetched_at: datetime
    lake: str
    before: dict[str, str]
    odd: list[Anomaly]
    refused: dict[int, Refusal]
    mended: bool


class Built(msgspec.Struct, gc=False):
    """What a worker made of a chunk.

    Attributes:
        files: by dataset, the chunk's file.
        versions: the file of what it adds to `question_versions`, if it adds any.
        changed: questions that are new or changed.
    """

    files: dict[str, str]
    versions: str | None
    changed: int
