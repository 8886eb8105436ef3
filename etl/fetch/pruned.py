"""raw/pruned.jsonl: the archives that `anq prune` removed; the manifest still tells when each came, and whence."""

from __future__ import annotations

from datetime import datetime

import msgspec

from etl.fetch.manifest import Download, append_line
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


def note(download: Download, settings: Settings, now: datetime) -> None:
    """Notes that the file of a download is pruned, safely on disk when this returns; then it may go."""
    row = Pruned(sha256=download.sha256, name=download.name, bytes=download.bytes, pruned_at=now)
    append_line(settings.raw / "pruned.jsonl", msgspec.json.encode(row))
