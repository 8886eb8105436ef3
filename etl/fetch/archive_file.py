"""Is this file the zip or the issue that it should be? Of a zip only the directory is read, so it costs little.

Here the declared sizes are held to the limits; where members are inflated, sizes and CRCs are held to what is declared.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path

from etl.catalogue import AnyArchive, Archive, Issue
from etl.errors import NoQuestionError, SourceError
from etl.files import lzw, taz

# A million questions still pass, whether a file each or all in one document of 4 to 5 GB; the largest real document has
# about 0.4 GB (docs/source/formats.md 8). What is inflated is streamed: the limits guard time and disk, not memory.
MAX_MEMBERS = 1_000_000
MAX_MEMBER_BYTES = 8 * 2**30
MAX_TOTAL_BYTES = 16 * 2**30
# French JSON inflates 3 to 20 times, a deflate bomb up to 1,032 times; a member below the floor does no harm.
MAX_RATIO = 200
RATIO_FLOOR_BYTES = 2**20

_ENCRYPTED = 0x2041  # bits 0, 6 and 13 of the general purpose flag
_LOCAL_HEADER_BYTES = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises on bytes that are not a zip; ValueError is for an impossible name or position.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError)
_ARCHIVE_SUFFIXES = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".jar", ".zst")


class TransferDefect(SourceError):
    """What arrived does not seem to be what was sent: worth another try.

    Attributes:
        retry_after_s: what the server asked us to wait, in seconds, when it did.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def begins(head: bytes, archive: AnyArchive) -> bool:
    """Whether an archive or issue can begin so; a tar that is not compressed begins with a member's name."""
    if isinstance(archive, Issue):
        return bool(head) and (head.startswith((lzw.MAGIC, taz.GZIP_MAGIC)) or not head.lstrip().startswith(b"<"))
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def verify(path: Path, archive: AnyArchive, *, pieced: bool = False) -> None:
    """Check that a file is whole and harmless.

    Args:
        path: the file.
        archive: what it should be.
        pieced: it was put together from several answers, so every member is inflated too.

    Raises:
        TransferDefect: cut short, or bytes missing in the middle; another try may bring it whole.
        SourceError: whole, but not to be opened.
    """
    if isinstance(archive, Issue):
        try:
            taz.members(path, archive.name)
        except taz.TornError as error:
            raise TransferDefect(str(error)) from error
        return
    verify_zip(path, archive)
    if pieced:
        verify_members(path, archive)


def verify_zip(path: Path, archive: Archive) -> None:
    """Check that a file is a whole zip, within the limits, with nothing hostile in it.

    Raises:
        TransferDefect: cut short, or bytes missing in the middle; another try may bring it whole.
        NoQuestionError: whole, and without any file.
        SourceError: whole, but not an archive to open.
    """
    size = path.stat().st_size
    if size == 0:
        raise TransferDefect(f"{archive.name}: the file is empty; ask again later")
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as zipped:
            members = zipped.infolist()
            _check_layout(members, archive.form, zipped.start_dir, size)
            _check_limits(members)
            _check_members(members)
            _check_no_nested(zipped, members, archive.form)
    except _UNREADABLE as error:
        raise TransferDefect(
            f"{archive.name}: the {size:,} bytes are not a whole zip ({error}); ask again later"
        ) from error
    except _WrongError as error:
        kind = SourceError if any(not member.is_dir() for member in members) else NoQuestionError
        raise kind(
            f"{archive.name} ({archive.path}): {error}; the archive is refused and nothing of it is read. "
            "Look at it by hand, and tell the source"
        ) from error


def verify_members(path: Path, archive: Archive) -> None:
    """Inflate every member and check its CRC: for a file put together from several answers.

    Raises:
        TransferDefect: the pieces do not fit together.
    """
    try:
        with zipfile.ZipFile(path) as zipped:
            bad = zipped.testzip()
    except _UNREADABLE as error:
        raise TransferDefect(f"{archive.name}: the pieces do not fit together ({error})") from error
    if bad is not None:
        raise TransferDefect(f"{archive.name}: the pieces do not fit together (CRC of {bad!r})")


class _WrongError(Exception):
    """What is wrong with a whole zip."""


def _check_layout(members: list[zipfile.ZipInfo], form: str, directory_start: int, size: int) -> None:
    if not any(member.filename.lower().endswith(f".{form}") for member in members):
        raise _WrongError(f"no {form.upper()} document among its {len(members):,} members")
    in_order = sorted(members, key=lambda member: member.header_offset)
    if in_order[0].header_offset != 0 or directory_start > size:
        raise zipfile.BadZipFile("the first member is not at the first byte")
    ends = [
        member.header_offset + _LOCAL_HEADER_BYTES + len(_raw_name(member)) + member.compress_size
        for member in in_order
    ]
    starts = [member.header_offset for member in in_order[1:]] + [directory_start]
    for member, end, start in zip(in_order, ends, starts, strict=True):
        if end > start:
            raise _WrongError(f"member {member.filename!r} overlaps what follows it")


def _check_limits(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise _WrongError(f"{len(members):,} members, more than {MAX_MEMBERS:,}")
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL_BYTES:
        raise _WrongError(f"{total:,} bytes once inflated, more than {MAX_TOTAL_BYTES:,}")
    for member in members:
        inflated = member.file_size
        if inflated > MAX_MEMBER_BYTES:
            raise _WrongError(f"member {member.filename!r} of {inflated:,} bytes, more than {MAX_MEMBER_BYTES:,}")
        if inflated > RATIO_FLOOR_BYTES and inflated > MAX_RATIO * member.compress_size:
            raise _WrongError(f"member {member.filename!r} inflates more than {MAX_RATIO} times")


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.orig_filename  # as it is in the zip: `filename` has been tidied
        if name in seen:
            raise _WrongError(f"two members named {name!r}")
        seen.add(name)
        if "\\" in name and ".." not in name.replace("\\", "/").split("/"):
            raise _WrongError(f"member {name!r} has a backslash in its name, where zips have /")
        if not name or name[0] == "/" or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
            raise _WrongError(f"member {name!r} has a path that leads outside")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _WrongError(f"member {name!r} is a link or a device")
        if member.flag_bits & _ENCRYPTED:
            raise _WrongError(f"member {name!r} is encrypted")
        if member.compress_type not in _METHODS:
            raise _WrongError(f"member {name!r} is compressed by method {member.compress_type}")
        if name.lower().endswith(_ARCHIVE_SUFFIXES):
            raise _WrongError(f"member {name!r} is an archive in the archive")


def _check_no_nested(zipped: zipfile.ZipFile, members: list[zipfile.ZipInfo], form: str) -> None:
    # A member of the archive's form is read as such and no other way: a zip under that name ends in quarantine.
    for member in members:
        if not member.is_dir() and not member.filename.endswith(f".{form}"):
            with zipped.open(member) as content:
                if content.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
                    raise _WrongError(f"member {member.filename!r} is an archive in the archive")


def _raw_name(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437")
