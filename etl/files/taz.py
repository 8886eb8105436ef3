"""The members of a `.taz`: a tar compressed by `compress` or by gzip, or plain, as its first bytes show."""

from __future__ import annotations

import io
import tarfile
import zlib
from pathlib import Path

from etl.errors import SourceError
from etl.files import lzw

GZIP_MAGIC = b"\x1f\x8b"
# The largest issue measured has 631 questions (docs/source/formats.md 8): ten times as many, with answers, still pass.
MAX_BYTES = 64 * 2**20
MAX_MEMBERS = 100
# What reading raises when the bytes are something else; RecursionError when headers lead to one another.
_UNREADABLE = (tarfile.TarError, lzw.LzwError, zlib.error, EOFError, ValueError, OverflowError, RecursionError)
_END = bytes(tarfile.BLOCKSIZE)


class TornError(SourceError):
    """Not a whole `.taz`: cut short, or other bytes than were sent."""


def members(path: Path, name: str) -> dict[str, bytes]:
    """The content of each file in a `.taz`, by its name.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        TornError: it is not whole.
        SourceError: it is whole, but too large, or there is something in it that no issue needs.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _RefusedError(f"more than {MAX_BYTES:,} bytes")
        return _members(_inflated(path.read_bytes()))
    except _UNREADABLE as error:
        raise TornError(f"{name}: not a whole .taz ({error or type(error).__name__}); ask again later") from error
    except _RefusedError as error:
        raise SourceError(
            f"{name} ({path.name}): {error}; the file is refused and nothing of it is read. "
            "Look at it by hand, and tell the source"
        ) from error


class _RefusedError(Exception):
    """What is wrong with a whole file."""


def _inflated(raw: bytes) -> bytes:
    if raw.startswith(lzw.MAGIC):
        return lzw.decompress(raw, MAX_BYTES)
    if not raw.startswith(GZIP_MAGIC):
        return raw
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    tar = inflater.decompress(raw, MAX_BYTES)
    if inflater.unconsumed_tail:
        raise _RefusedError(f"more than {MAX_BYTES:,} bytes once inflated")
    if not inflater.eof:
        raise EOFError("the gzip ends early")
    return tar


def _members(tar: bytes) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    end = 0
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as opened:
        for number, member in enumerate(opened, 1):
            if number > MAX_MEMBERS:
                raise _RefusedError(f"more than {MAX_MEMBERS} members")
            parts = member.name.split("/")
            if not member.name or member.name[0] == "/" or ".." in parts or "\\" in member.name or "\0" in member.name:
                raise _RefusedError(f"member {member.name!r} has a path that leads outside")
            if member.name in contents:
                raise _RefusedError(f"two members named {member.name!r}")
            if member.isdir():
                end = member.offset_data
                continue
            if not member.isreg() or member.issparse():
                raise _RefusedError(f"member {member.name!r} is a link, a device or sparse")
            end = member.offset_data + member.size
            content = tar[member.offset_data : end]
            if len(content) < member.size:
                raise EOFError(f"member {member.name!r} ends early")
            contents[member.name] = content
    end += -end % tarfile.BLOCKSIZE
    if tar[end : end + tarfile.BLOCKSIZE] != _END:
        raise EOFError("the tar has no end")
    return contents
