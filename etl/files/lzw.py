"""LZW as the Unix program `compress` writes it (magic 1F 9D): Python has no decoder for it."""

from __future__ import annotations

MAGIC = b"\x1f\x9d"
_CLEAR, _FIRST_FREE = 256, 257
_FIRST_WIDTH = 9
_WIDTH_BITS, _RESERVED_BITS, _BLOCK_MODE = 0x1F, 0x60, 0x80
_GROUP = 8  # codes are written eight at a time, so a group of w-bit codes is w bytes


class LzwError(Exception):
    """The bytes are not whole LZW, or hold more than was allowed."""


def decompress(raw: bytes, limit: int) -> bytes:
    """What `compress` was given.

    A code stands for bytes that were written already, so a table of two numbers a code is all that is held beside
    the output.

    Args:
        raw: the file, magic included.
        limit: bytes of output at most.

    Raises:
        LzwError: no such file, a code that cannot be, or too much output.
    """
    if len(raw) < 3 or not raw.startswith(MAGIC):
        raise LzwError("it does not begin as what compress writes")
    last_width = raw[2] & _WIDTH_BITS
    if not _FIRST_WIDTH < last_width <= 16 or raw[2] & _RESERVED_BITS:  # 9 bits are written by nobody
        raise LzwError(f"its header says {raw[2]:#04x}, which is not known")
    first_free = _FIRST_FREE if raw[2] & _BLOCK_MODE else _CLEAR
    out = bytearray()
    starts, ends = [0] * (1 << last_width), [0] * (1 << last_width)
    width, free, before = _FIRST_WIDTH, first_free, -1  # where the string before began in the output
    position = 3
    while position < len(raw):
        group = raw[position : position + width]
        position += width
        bits, mask = int.from_bytes(group, "little"), (1 << width) - 1
        for _ in range(min(_GROUP, len(group) * 8 // width)):
            code = bits & mask
            bits >>= width
            if code == _CLEAR and first_free == _FIRST_FREE:
                width, free, before = _FIRST_WIDTH, first_free, -1
                break
            here = len(out)
            if code < _CLEAR:
                out.append(code)
            elif code < free and before >= 0:
                out += out[starts[code] : ends[code]]
            elif code == free and before >= 0:  # the string before and its own first byte
                out += out[before:here]
                out.append(out[before])
            else:
                raise LzwError(f"code {code} comes before it was made, at byte {position:,}")
            if len(out) > limit:
                raise LzwError(f"it holds more than {limit:,} bytes")
            if before >= 0 and free < len(starts):
                starts[free], ends[free] = before, here + 1
                free += 1
            before = here
            if free > mask and width < last_width:
                width += 1
                break
    return bytes(out)
