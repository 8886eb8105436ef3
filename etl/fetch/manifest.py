"""raw/manifest.jsonl: one row a download, appended by any number of processes, never rewritten."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

from etl.catalogue import Archive
from etl.errors import AnqError
from etl.settings import Settings


@dataclass(frozen=True)
class Download:
    """An archive as it was sent, and what the source said of it.

    Attributes:
        legislature: of the archive.
        question_type: of the archive.
        url: where it came from.
        sha256: of the whole file, hexadecimal; also its name in raw/.
        bytes: its length.
        etag: as the server gave it, or null.
        last_modified: the HTTP header as the server gave it, or null.
        mtime_ns: of the file, when the source is a directory, or null.
        fetched_at: UTC; in what `fetch` and `latest` return, when this content first came.
        is_new: the content differs from that of the download before.
    """

    legislature: int
    question_type: str
    url: str
    sha256: str
    bytes: int
    etag: str | None
    last_modified: str | None
    mtime_ns: int | None
    fetched_at: datetime
    is_new: bool

    def path(self, settings: Settings) -> Path:
        """The raw file."""
        return settings.raw / f"{self.sha256}.zip"

    def is_kept(self, settings: Settings) -> bool:
        """The raw file is there, in its whole length."""
        path = self.path(settings)
        return path.is_file() and path.stat().st_size == self.bytes


def manifest_path(settings: Settings) -> Path:
    """Where the manifest lies."""
    return settings.raw / "manifest.jsonl"


def rows(settings: Settings) -> list[Download]:
    """Every download so far, oldest first; a last line torn by a kill is not a row.

    Raises:
        AnqError: a line before the last one is not a row.
    """
    path = manifest_path(settings)
    if not path.exists():
        return []
    *lines, _torn = path.read_bytes().split(b"\n")
    return [_row(line, path, number) for number, line in enumerate(lines, 1)]


def latest(archive: Archive, settings: Settings) -> Download | None:
    """The last download of an archive, without asking the source; None when there is none."""
    mine = [row for row in rows(settings) if (row.legislature, row.question_type) == archive.key]
    if not mine:
        return None
    last = mine[-1]
    *_, first_like_it = takewhile(lambda row: row.sha256 == last.sha256, reversed(mine))
    return replace(last, is_new=False, fetched_at=first_like_it.fetched_at)


def append(row: Download, settings: Settings) -> None:
    """Add a row, safely on disk when this returns; cuts off what a kill left of a torn line first."""
    path = manifest_path(settings)
    line = json.dumps({**vars(row), "fetched_at": row.fetched_at.isoformat()}) + "\n"
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(_whole_lines_end(file))
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def _whole_lines_end(file: BinaryIO) -> int:
    file.seek(0)
    return file.read().rfind(b"\n") + 1


def _row(line: bytes, path: Path, number: int) -> Download:
    try:
        fields: dict[str, Any] = json.loads(line)
        fields["fetched_at"] = datetime.fromisoformat(fields["fetched_at"])
        return Download(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise AnqError(f"{path}, line {number}: not a row of the manifest ({error}); remove that line") from error
