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

from etl.catalogue import AnyArchive, Archive, Issue
from etl.errors import AnqError
from etl.settings import Settings


@dataclass(frozen=True)
class Download:
    """An archive as it was sent, and what the source said of it.

    Attributes:
        legislature: of the archive; null for an issue.
        question_type: of the archive; the name of an issue.
        url: where it came from.
        sha256: of the whole file, hexadecimal; also its name in raw/.
        bytes: its length.
        etag: as the server gave it, or null.
        last_modified: the HTTP header as the server gave it, or null.
        mtime_ns: of the file, when the source is a directory, or null.
        fetched_at: UTC; in what `fetch` and `latest` return, when this content first came.
        is_new: the content differs from that of the download before.
        form: of the archive; rows written before there was another than JSON do not name it.
    """

    legislature: int | None
    question_type: str
    url: str
    sha256: str
    bytes: int
    etag: str | None
    last_modified: str | None
    mtime_ns: int | None
    fetched_at: datetime
    is_new: bool
    form: str = "json"

    def path(self, settings: Settings) -> Path:
        """The raw file."""
        suffix = Issue.suffix if self.legislature is None else Archive.suffix
        return settings.raw / f"{self.sha256}{suffix}"

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
    return [_row(line, path, number) for number, line in enumerate(whole_lines(path), 1)]


def latest(archive: AnyArchive, settings: Settings) -> Download | None:
    """The last download of an archive, without asking the source; None when there is none."""
    mine = [row for row in rows(settings) if (row.legislature, row.question_type) == archive.key]
    if not mine:
        return None
    last = mine[-1]
    *_, first_like_it = takewhile(lambda row: row.sha256 == last.sha256, reversed(mine))
    return replace(last, is_new=False, fetched_at=first_like_it.fetched_at)


def append(row: Download, settings: Settings) -> None:
    """Add a row, safely on disk when this returns."""
    append_line(manifest_path(settings), json.dumps({**vars(row), "fetched_at": row.fetched_at.isoformat()}).encode())


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a manifest, but for a last one that a kill tore; none when there is no manifest."""
    if not path.exists():
        return []
    *lines, _torn = path.read_bytes().split(b"\n")
    return lines


def append_line(path: Path, line: bytes) -> None:
    """Add a line, safely on disk when this returns; cuts off what a kill left of a torn line first."""
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(_whole_lines_end(file))
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _whole_lines_end(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    while end:  # back to front, for a manifest grows long
        begin = max(0, end - (1 << 16))
        file.seek(begin)
        if (found := file.read(end - begin).rfind(b"\n")) >= 0:
            return begin + found + 1
        end = begin
    return 0


def _row(line: bytes, path: Path, number: int) -> Download:
    try:
        fields: dict[str, Any] = json.loads(line)
        fields["fetched_at"] = datetime.fromisoformat(fields["fetched_at"])
        return Download(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise AnqError(f"{path}, line {number}: not a row of the manifest ({error}); remove that line") from error
