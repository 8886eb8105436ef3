"""Single documents of a question (pages, XML, JSON, text), as `anq page` reads, prints and loads them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from etl.errors import UsageError
from etl.fetch import documents
from etl.fetch.documents import Document
from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import RecordError
from etl.run.context import Run
from etl.run.questions import load_documents
from etl.run.work import Outcome


def read(path: Path) -> dict[str, Any]:
    """The question of a document: the columns of `questions`, the child tables, and what was odd.

    Raises:
        UsageError: there is no such file, or it is no document of a question.
    """
    raw = _bytes(path)
    try:
        record, odd = read_document(raw)
        found = rows(record)
    except RecordError as error:
        raise UsageError(f"{path}: {error}") from error
    return {
        **found.question,
        "source_sha256": hashlib.sha256(raw).hexdigest(),
        "source_member": path.name,
        **found.children,
        "anomalies": [one._asdict() for one in dict.fromkeys((*odd, *found.anomalies))],
    }


def load(paths: Iterable[Path], run: Run) -> list[Outcome]:
    """Keeps documents, each of which can be read, in raw/ and takes them into the lake.

    Returns:
        What came of each legislature and type.
    """
    return load_documents({keep(_bytes(path), read(path), path.name, run) for path in paths}, run)


def refuse_cut(path: Path, question: dict[str, Any]) -> None:
    """Lets no half question into the warehouse.

    Raises:
        UsageError: the document was cut short.
    """
    if cut := cut_at(question["anomalies"]):
        raise UsageError(f"{path}: the document is cut: {cut}; it was not loaded, fetch it again")


def cut_at(anomalies: Iterable[dict[str, Any]]) -> str | None:
    """Where a document was cut short; None when it is whole."""
    return next((one["value"] for one in anomalies if one["kind"] == "truncated"), None)


def keep(
    raw: bytes,
    question: dict[str, Any],
    name: str,
    run: Run,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
) -> tuple[int, str]:
    """Keeps one document in raw/.

    Args:
        raw: its bytes.
        question: the key of the question that it tells of, by column.
        name: the document's.
        run: the run.
        etag: as the server gave it.
        last_modified: as the server gave it.

    Returns:
        The legislature and type that it is of.
    """
    key = (question["legislature"], question["question_type"])
    document = Document(
        number=question["question_number"],
        name=name,
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        crc32=zlib.crc32(raw),
        fetched_at=run.now,
        etag=etag,
        last_modified=last_modified,
    )
    documents.keep(raw, document, key, run.settings)
    return key


def as_json(question: dict[str, Any]) -> str:
    """One line."""
    return msgspec.json.encode(question).decode()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
