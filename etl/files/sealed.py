"""JSON with a digest of its own bytes in front: that a byte of it was changed is seen when it is read."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

_SEAL = re.compile(rb'\{"seal":"([0-9a-f]{12})",')


def seal(content: bytes) -> bytes:
    """A JSON object, which is not empty, with the key `seal` in front."""
    rest = content.partition(b"{")[2]
    return b'{"seal":"' + _digest(rest) + b'",' + rest


def unseal(content: bytes) -> bytes:
    """The object without its seal; one that has none, as earlier versions wrote it, as it is.

    Raises:
        msgspec.DecodeError: its bytes are not those that were sealed.
    """
    sealed = _SEAL.match(content)
    if sealed is None:
        return content
    rest = content[sealed.end() :]
    if _digest(rest) != sealed[1]:
        raise msgspec.DecodeError("its bytes are not those that were written")
    return b"{" + rest


def fault_of(path: Path) -> str | None:
    """What is wrong with a file that holds such an object; None when nothing is."""
    try:
        msgspec.json.decode(unseal(path.read_bytes()))
    except FileNotFoundError:
        return "is missing"
    except msgspec.DecodeError as error:
        return f"cannot be read ({error})"
    return None


def _digest(rest: bytes) -> bytes:
    return hashlib.sha256(rest).hexdigest()[:12].encode()
