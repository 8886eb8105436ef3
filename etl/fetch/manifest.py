"""raw/manifest.jsonl: one row a download, appended by any number of processes, never rewritten."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from etl.catalogue import FORMS, AnyArchive, Archive, Issue, name_of
from etl.errors import DamageError
from etl.files.lock import locked
from etl.files.sealed import seal, unseal
from etl.settings import Settings, without_credentials


@dataclass(frozen=True)
class Download:
    """An archive or an issue as it was sent, and what the source said of it.

    Attributes:
        name: of the archive, `17/QE`, or of the issue, `ANQ20260010`.
        form: in which its members are written.
        url: where it came from.
        sha256: of the whole file, hexadecimal; also its name in raw/.
        bytes: its length.
        etag: as the server gave it, or null.
        last_modified: the HTTP header as the server gave it, or null.
        mtime_ns: of the file, when the source is a directory, or null.
        fetched_at: UTC; in what `fetch` and `latest` return, when this content first came.
        is_new: the content differs from that of the download before.
    """

    name: str
    form: str
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
        suffix = Issue.suffix if self.form == Issue.form else Archive.suffix
        return settings.raw / f"{self.sha256}{suffix}"

    def is_kept(self, settings: Settings) -> bool:
        """The raw file is there, in its whole length."""
        path = self.path(settings)
        return path.is_file() and path.stat().st_size == self.bytes


def manifest_path(settings: Settings) -> Path:
    """Where the manifest lies."""
    return settings.raw / "manifest.jsonl"


def rows(settings: Settings) -> list[Download]:
    """Every download so far, oldest first; a last line that a kill tore is left out.

    Raises:
        DamageError: a line before the last one is not a row.
    """
    path = manifest_path(settings)
    if not path.exists():
        return []
    status = path.stat()
    return list(_rows(path, status.st_size, status.st_mtime_ns))


def downloads(archive: AnyArchive, settings: Settings) -> list[Download]:
    """The rows of an archive, oldest first."""
    return [row for row in rows(settings) if row.name == archive.name]


def latest(archive: AnyArchive, settings: Settings) -> Download | None:
    """The last download of an archive, without asking the source; None when there is none."""
    mine = downloads(archive, settings)
    if not mine:
        return None
    last = mine[-1]
    *_, first_of_content = takewhile(lambda row: row.sha256 == last.sha256, reversed(mine))
    return replace(last, is_new=False, fetched_at=first_of_content.fetched_at)


def append(row: Download, settings: Settings) -> None:
    """Add a row, safely on disk when this returns."""
    line = json.dumps({**vars(row), "fetched_at": row.fetched_at.isoformat()}).encode()
    append_line(manifest_path(settings), seal(line))


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a manifest, without a last one that a kill tore; none when there is no manifest."""
    if not path.exists():
        return []
    *lines, _torn = path.read_bytes().split(b"\n")
    return lines


def append_line(path: Path, line: bytes) -> None:
    """Add a line, safely on disk when this returns; a line that a kill tore is cut off first."""
    with locked(path.with_name(f".{path.name}.lock")), path.open("a+b") as file:
        file.truncate(_whole_lines_end(file))
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _whole_lines_end(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    while end:  # from the end, since a manifest grows long
        begin = max(0, end - (1 << 16))
        file.seek(begin)
        if (newline := file.read(end - begin).rfind(b"\n")) >= 0:
            return begin + newline + 1
        end = begin
    return 0


@lru_cache(maxsize=1)  # a run asks for the rows once an archive, and it may have thousands
def _rows(path: Path, size: int, mtime_ns: int) -> tuple[Download, ...]:
    del size, mtime_ns
    return tuple(_row(line, path, number) for number, line in enumerate(whole_lines(path), 1))


def _row(line: bytes, path: Path, number: int) -> Download:
    try:
        fields: dict[str, Any] = json.loads(unseal(line))
        fields["fetched_at"] = datetime.fromisoformat(fields["fetched_at"])
        return Download(**_named(fields))
    except (ValueError, TypeError, KeyError, msgspec.DecodeError) as error:
        raise DamageError(f"{path}, line {number}: not a row of the manifest ({error}); remove that line") from error


def _named(fields: dict[str, Any]) -> dict[str, Any]:
    """A row as it is written now: an earlier version wrote no name or form, and the credentials that a URL had."""
    if "name" not in fields:
        legislature, question_type = fields.pop("legislature"), fields.pop("question_type")
        fields["name"] = question_type if legislature is None else name_of(legislature, question_type)  # of an issue
    return {"form": FORMS[0], **fields, "url": without_credentials(fields["url"])}
