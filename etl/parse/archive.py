"""What an archive holds, record by record: members of a zip, or the items of one big document.

Either way a record is an `Entry` that any process can read on its own. A document (XIV: a member of 104,143 questions,
docs/source/formats.md 1) is inflated to a file beside, and cut into records by its form (etl/parse/bulk.py).
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec
from isal import isal_zlib

from etl.errors import SourceError
from etl.parse.bulk import MAX_RECORD, Form, form_of
from etl.parse.record import Anomaly, Entry, RecordError

WINDOW = 4 << 20  # bytes inflated at a time
InflateError: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub tells of an instance
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")

_NAMED_NUMBER = re.compile(r"QANR5L\d+Q[A-Z]+(\d{1,9})\.[a-z]+$")


@dataclass(frozen=True)
class Contents:
    """An archive's records.

    Attributes:
        path: the zip, or the document inflated from it.
        item: whether the records are items of a document.
        entries: in the archive's order.
        odd: what is in the archive beside them.
    """

    path: Path
    item: bool
    entries: list[Entry]
    odd: list[Anomaly] = field(default_factory=list)


def contents(path: Path, name: str, aside: Path, form: str) -> Contents:
    """Finds an archive's records.

    Args:
        path: the zip.
        name: the archive, for messages.
        aside: where to inflate a document to; the caller removes it.
        form: of the archive's members.

    Raises:
        SourceError: it is not an archive of questions.
    """
    members, odd = members_of(path, name, form)
    if not members:
        raise SourceError(
            f"{name}: the archive holds no .{form} member, so it is not one of questions; look at {path.name} in raw/"
        )
    how = form_of(form)
    largest = max(members, key=lambda member: member.size)
    begins = _beginning(path, largest)
    if begins is not None and not how.is_unit(begins):
        if len(members) == 1:
            return Contents(aside, True, _document(path, largest, name, aside, odd, how), odd)
        if 2 * largest.size > sum(member.size for member in members) and how.is_document(begins):
            raise SourceError(
                f"{name}: {largest.member} is a document of many questions, and not the archive's only .{form} "
                f"(it has {len(members)}); look at {path.name} in raw/"
            )
    with path.open("rb") as file:
        members = [entry if entry.number else _peeked(file, entry, how) for entry in members]
    return Contents(path, False, members, odd)


def members_of(path: Path, name: str, form: str) -> tuple[list[Entry], list[Anomaly]]:
    """A zip's members of a form, in its order, and what is in it beside them.

    Args:
        path: the zip.
        name: the archive, for messages.
        form: the members' suffix.

    Raises:
        SourceError: it is not a whole zip.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise SourceError(f"{name}: {path.name} is not a whole zip ({error}); fetch it again with --force") from error
    odd = [Anomaly("unexpected_member", "warning", "member", info.filename) for info in infos if not _is_of(form, info)]
    members = [
        Entry(
            info.filename,
            _named(info.filename),
            info.header_offset,
            info.compress_size,
            info.file_size,
            info.CRC,
            info.compress_type,
        )
        for info in infos
        if _is_of(form, info)
    ]
    return members, odd


def read(file: IO[bytes], entry: Entry) -> bytes:
    """The bytes of one record.

    Raises:
        RecordError: they cannot be had whole, or are more than declared.
    """
    if entry.size > MAX_RECORD:
        raise RecordError("too_large", f"{entry.size} bytes, more than the {MAX_RECORD} that a question may have")
    if entry.method is None:
        return os.pread(file.fileno(), entry.size, entry.offset)
    try:
        raw = b"".join(_inflate(file, entry))
    except InflateError as error:
        raise RecordError("zip", f"cannot be inflated: {error}") from error
    if len(raw) != entry.size or zlib.crc32(raw) != entry.crc32:
        raise RecordError("zip", "its length or CRC-32 is not the one that the zip declares")
    return raw


def _is_of(form: str, info: zipfile.ZipInfo) -> bool:
    """Whether it is a member of the form; a hidden file, as macOS puts ._a.json beside a.json, is none."""
    name = info.filename.rpartition("/")[2].lower()
    return name.endswith(f".{form}") and not name.startswith(".")


def _named(member: str) -> int | None:
    match = _NAMED_NUMBER.search(member)
    return int(match[1]) or None if match else None


def _inflate(file: IO[bytes], entry: Entry) -> Iterator[bytes]:
    """The member's bytes in pieces, never more than it declares."""
    header = os.pread(file.fileno(), _LOCAL_HEADER.size, entry.offset)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise RecordError("zip", "the zip's directory points to no member")
    *_, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start = entry.offset + _LOCAL_HEADER.size + name_length + extra_length
    if entry.method not in (STORED, DEFLATED):
        raise RecordError("zip", f"compression method {entry.method} is not one that the Assembly uses")
    inflater = isal_zlib.decompressobj(-15) if entry.method == DEFLATED else None
    given, left = 0, entry.stored
    while left > 0:
        piece = os.pread(file.fileno(), min(left, WINDOW), start + entry.stored - left)
        if not piece:
            return
        left -= len(piece)
        while piece:
            if inflater:
                inflated, piece = inflater.decompress(piece, WINDOW), b""
                piece = inflater.unconsumed_tail
            else:
                inflated, piece = piece, b""
            given += len(inflated)
            if given > entry.size:
                raise RecordError("zip", f"inflates to more than the {entry.size} bytes that it declares")
            yield inflated
    if inflater:
        yield inflater.flush()


def _beginning(path: Path, entry: Entry) -> bytes | None:
    """The member's first bytes; None where they cannot be had, and `read` then says what is wrong with it."""
    with path.open("rb") as file:
        try:
            return next(_inflate(file, entry), b"")
        except (RecordError, InflateError):
            return None


def _peeked(file: IO[bytes], entry: Entry, form: Form) -> Entry:
    try:
        return msgspec.structs.replace(entry, number=form.number(read(file, entry)))
    except RecordError:
        return entry


def _document(path: Path, member: Entry, name: str, aside: Path, odd: list[Anomaly], form: Form) -> list[Entry]:
    """Inflates the document to `aside` and cuts it into records, in one pass and bounded memory."""
    entries: list[Entry] = []
    with path.open("rb") as file, aside.open("wb") as document:
        cutter = form.cutter(member.member, name)
        size = crc = 0
        try:
            for piece in _inflate(file, member):
                document.write(piece)
                size, crc = size + len(piece), zlib.crc32(piece, crc)
                entries += cutter.cut(piece)
        except (RecordError, InflateError) as error:
            raise SourceError(
                f"{name}: {member.member} cannot be inflated ({error}); fetch it again with --force"
            ) from error
    if size != member.size or crc != member.crc32:
        raise SourceError(
            f"{name}: {member.member} has not the length or CRC-32 that the zip declares; fetch it again with --force"
        )
    entries += cutter.end()
    odd += cutter.odd
    return entries
