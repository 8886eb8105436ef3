"""The raw zone of single documents: `raw/documents/<sha256>`, and a manifest for each legislature and type."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from etl.catalogue import stem_of
from etl.errors import DamageError
from etl.fetch.manifest import append_line, whole_lines
from etl.fetch.raw import fault_of
from etl.files.aside import write_aside
from etl.files.sealed import seal, unseal
from etl.settings import Settings


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a question, as it was sent.

    Attributes:
        number: of the question.
        name: of the file, or its URL.
        sha256: of its bytes, hexadecimal; also its name in raw/documents/.
        size: in bytes.
        crc32: of its bytes.
        fetched_at: when it came.
        etag: as the server gave it.
        last_modified: the HTTP header as the server gave it.
    """

    number: int
    name: str
    sha256: str
    size: int
    crc32: int
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None


def keep(raw: bytes, document: Document, key: tuple[int, str], settings: Settings) -> None:
    """Puts a document in the raw zone, then its row in the manifest; both are safe on disk when this returns.

    Args:
        raw: its bytes.
        document: its row.
        key: legislature and type.
        settings: the home.
    """
    path = folder(settings) / document.sha256
    if fault_of(path):  # mostly: it is missing
        write_aside(path, raw, durable=True)
    append_line(manifest(key, settings), seal(msgspec.json.encode(document)))


def folder(settings: Settings) -> Path:
    """Where the documents lie, each named by its SHA-256."""
    return settings.raw / "documents"


def keys(settings: Settings) -> list[tuple[int, str]]:
    """The legislatures and types that there are documents of."""
    names = (path.stem.split("-") for path in sorted(folder(settings).glob("*.jsonl")))
    return [(int(legislature), question_type) for legislature, question_type in names]


def documents(key: tuple[int, str], settings: Settings) -> list[Document]:
    """The documents of a legislature and type, by number, the newest of a number first.

    A later document of the same name is one more: what it has not stays known from the one before.

    Raises:
        DamageError: a line of the manifest is not a row.
    """
    path = manifest(key, settings)
    last: dict[tuple[int, str], Document] = {}
    for number, line in enumerate(whole_lines(path), 1):
        try:
            document = msgspec.json.decode(unseal(line), type=Document)
        except msgspec.DecodeError as error:
            raise DamageError(f"{path}, line {number}: not a document's row ({error}); remove that line") from error
        last.pop((document.number, document.sha256), None)
        last[document.number, document.sha256] = document
    newest_first = list(last.values())[::-1]
    return sorted(newest_first, key=lambda document: document.number)


def manifest(key: tuple[int, str], settings: Settings) -> Path:
    """Where the rows of the documents of a legislature and type lie."""
    return folder(settings) / f"{stem_of(*key)}.jsonl"
