"""Writes that are whole or not there: beside the file's place first, then put in it in one step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def aside(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """A path beside `path` to write to; what is there at the end takes its place, and nothing after an error.

    Args:
        path: where the file is to be; its folder is made.
        durable: have the bytes on the disk before they count, so that a machine that stops loses nothing.
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
