"""raw/pruned.jsonl: the archives that `anq prune` removed; the manifest still tells when each came, and whence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from etl.errors import AnqError
from etl.fetch import manifest
from etl.fetch.manifest import Download, append_line, whole_lines
from etl.settings import Settings


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """A raw file that was taken from raw/, or is about to be.

    Attributes:
        sha256: of the file, hexadecimal; also its name in raw/.
        name: of the archive, `17/QE`.
        bytes: its length.
        pruned_at: when.
    """

    sha256: str
    name: str
    bytes: int
    pruned_at: datetime


def pruned(settings: Settings) -> set[str]:
    """The SHA-256 of the raw files that were pruned and did not come again: they need not be there.

    Raises:
        AnqError: a line is not a row.
    """
    path = _path(settings)
    gone: dict[str, datetime] = {}
    for number, line in enumerate(whole_lines(path), 1):
        try:
            row = msgspec.json.decode(line, type=Pruned)
        except msgspec.DecodeError as error:
            raise AnqError(f"{path}, line {number}: not a row of it ({error}); remove that line") from error
        gone[row.sha256] = row.pruned_at
    came = {row.sha256: row.fetched_at for row in manifest.rows(settings)}  # the last time counts
    return {sha256 for sha256, at in gone.items() if sha256 not in came or came[sha256] <= at}


def note(download: Download, settings: Settings, now: datetime) -> None:
    """Notes that the file of a download is pruned, safely on disk when this returns; then it may go."""
    row = Pruned(sha256=download.sha256, name=download.name, bytes=download.bytes, pruned_at=now)
    append_line(_path(settings), msgspec.json.encode(row))


def _path(settings: Settings) -> Path:
    return settings.raw / "pruned.jsonl"
