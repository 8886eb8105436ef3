"""The raw zone: files named by their SHA-256, whole or not at all, and the parts that still arrive."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from etl.catalogue import AnyArchive
from etl.settings import Settings


@dataclass(frozen=True)
class Origin:
    """Where bytes come from, and how the source marks that state of them.

    Attributes:
        url: of the archive.
        etag: HTTP header, or None.
        last_modified: HTTP header, or None.
        mtime_ns: of the file in a directory, or None.
        total: bytes announced, or None when the source does not say.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    mtime_ns: int | None = None
    total: int | None = None

    @property
    def if_range(self) -> str | None:
        """The validator that a Range may be asked under; a weak ETag may not (RFC 9110, 13.1.5)."""
        if self.etag is not None and not self.etag.startswith("W/"):
            return self.etag
        return self.last_modified

    def contradicts(self, other: Origin) -> bool:
        """These cannot be the same bytes: the source marks them differently."""
        return self.url != other.url or any(
            mine is not None and theirs is not None and mine != theirs
            for mine, theirs in zip(self._marks(), other._marks(), strict=True)
        )

    def is_same_state(self, other: Origin) -> bool:
        """The source marks both as the same bytes; False when it marks neither."""
        validators = zip(self._marks()[:2], other._marks()[:2], strict=True)
        return not self.contradicts(other) and any(mine is not None and mine == theirs for mine, theirs in validators)

    def _marks(self) -> tuple[str | int | None, ...]:
        return self.etag, self.last_modified, self.total


class Nothing(Enum):
    """Why a source sent no file."""

    UNCHANGED = "it is what we have"
    ABSENT = "the source does not have it"


class Part:
    """The bytes of an archive that have arrived so far, and a note of their origin beside them.

    Without a note that can be read the bytes are of no use: they may be of any state of the archive.
    """

    def __init__(self, archive: AnyArchive, settings: Settings) -> None:
        stem = f"{archive.stem}.{archive.form}.part"
        self._suffix = archive.suffix
        self.path = settings.raw / stem
        self._note = settings.raw / f"{stem}.origin"

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def origin(self) -> Origin | None:
        """Where the bytes so far come from; None when that is not known."""
        if not self.path.exists():
            return None
        try:
            return Origin(**json.loads(self._note.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def begin(self, origin: Origin) -> None:
        """Forget what was there and expect bytes of this origin."""
        self.discard()
        self.path.touch()
        self._note.write_text(json.dumps(vars(origin)))

    def discard(self) -> None:
        """Forget what was there."""
        self._note.unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)

    def keep(self) -> tuple[str, int]:
        """Put the finished file in the raw zone; returns its SHA-256 and its length in bytes."""
        with self.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        length = self.size
        self.path.replace(self.path.with_name(f"{sha256}{self._suffix}"))
        self._note.unlink(missing_ok=True)
        _sync_folder(self.path.parent)
        return sha256, length


def fault_of(path: Path) -> str | None:
    """What is wrong with a file of the raw zone, by its name, which is its SHA-256; None when nothing is."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return "is missing"
    return None if sha256 == path.stem else "holds other bytes than were sent"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
