"""The mark by which a made-up archive is known from a real one, wherever it is copied or served."""

from __future__ import annotations

import os
from pathlib import Path

MARK = b"made up by code: these questions were never asked"


def is_marked(path: Path) -> bool:
    """Whether a zip was made by etl/sample: its comment, which ends the file, says so."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - len(MARK)))
        return file.read() == MARK
