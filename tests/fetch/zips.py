"""Zips made for the tests."""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
import zlib
from dataclasses import dataclass


def zip_of(*names: str, seed: int = 1, letters: int = 600) -> bytes:
    """A good archive: a JSON document a name, of content that hardly compresses."""
    rng = random.Random(seed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in names:
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(member, json.dumps({"question": rng.randbytes(letters // 2).hex()}))
    return buffer.getvalue()


def big_zip(seed: int = 1, kilobytes: int = 200) -> bytes:
    """A good archive of about so many kilobytes."""
    return zip_of(*(f"json/Q{number}.json" for number in range(kilobytes // 10)), seed=seed, letters=20_000)


@dataclass
class Member:
    """A member written byte by byte, so that any field can lie."""

    name: bytes
    content: bytes = b"{}"
    stored: bool = False
    flags: int = 0x800
    external: int = 0
    made_by: int = 3
    method: int | None = None
    declared: int | None = None
    offset: int | None = None


def pack(*members: Member, comment: bytes = b"") -> bytes:
    """The zip of these members."""
    out, directory = bytearray(), bytearray()
    for member in members:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = member.content if member.stored else deflate.compress(member.content) + deflate.flush()
        method = (0 if member.stored else 8) if member.method is None else member.method
        size = len(member.content) if member.declared is None else member.declared
        common = struct.pack(
            "<HHHHLLLHH",
            member.flags,
            method,
            0,
            0x21,
            zlib.crc32(member.content),
            len(packed),
            size,
            len(member.name),
            0,
        )
        offset = len(out) if member.offset is None else member.offset
        out += b"PK\x03\x04" + struct.pack("<H", 20) + common + member.name + packed
        directory += (
            b"PK\x01\x02"
            + struct.pack("<BBH", 20, member.made_by, 20)
            + common
            + struct.pack("<HHHLL", 0, 0, 0, member.external, offset)
            + member.name
        )
    count = len(members)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), len(out), len(comment))
    return bytes(out + directory + b"PK\x05\x06" + end + comment)
