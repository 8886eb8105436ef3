"""Which processes have a file open for writing, by Linux's /proc."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def holders(path: Path) -> list[str]:
    """The processes that have a file open for writing: `python3 (process 1234)`.

    Args:
        path: the file.

    Returns:
        One text a process; none for those that another user runs, unless we are root.
    """
    file = os.path.realpath(path)
    holding = []
    for process in sorted(
        (entry for entry in _PROC.iterdir() if entry.name.isdigit()), key=lambda entry: int(entry.name)
    ):
        try:
            if any(_writes(process, descriptor, file) for descriptor in (process / "fd").iterdir()):
                holding.append(f"{(process / 'comm').read_text().strip()} (process {process.name})")
        except OSError:  # it is another user's, or has ended
            continue
    return holding


def _writes(process: Path, descriptor: Path, file: str) -> bool:
    try:
        if os.readlink(descriptor) != file:  # noqa: PTH115 - a pipe's link is no path
            return False
    except FileNotFoundError:  # closed meanwhile
        return False
    flags = next(line for line in (process / "fdinfo" / descriptor.name).read_text().splitlines() if "flags" in line)
    return int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY
