"""Files that are whole or not there: written beside their place, then put in it in one step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: What a file that is written aside is called.
ASIDE = re.compile(r"\..+\.\d+\.part")


@contextmanager
def aside(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """A path beside `path` to write to; at the end that file replaces `path`, or is removed after an error.

    Args:
        path: where the file is to be; its folder is made.
        durable: wait until the bytes are on the disk, so that a power cut leaves one or the other file whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        if durable:
            with part.open("rb") as file:
                os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_aside(path: Path, content: bytes | bytearray | memoryview, *, durable: bool = False) -> None:
    """Writes a file, whole or not at all."""
    with aside(path, durable=durable) as part:
        part.write_bytes(content)


def sweep_aside(path: Path) -> None:
    """Removes what writers of a path left aside when they were killed; for whoever alone writes it now."""
    for part in path.parent.glob(f".{path.name}.*.part"):
        part.unlink(missing_ok=True)
