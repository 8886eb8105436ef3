"""Which processes have a file open for writing, or hold a lock on it, by Linux's /proc."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

_PROC = Path("/proc")


def holders(path: Path) -> list[str]:
    """The processes that have a file open for writing: `python3 (process 1234)`.

    Args:
        path: the file.

    Returns:
        One text a process; none for those that another user runs, unless we are root.
    """
    return _having_open(path, _writes)


def lock_holders(path: Path) -> list[str]:
    """The processes that hold a lock of the kind of `flock` on a file: `python3 (process 1234)`.

    Args:
        path: the file.

    Returns:
        One text a process; of another user's process, only if it took the lock itself, and may be seen.
    """
    return _having_open(path, _locks) or _named_by_the_system(path)


def _having_open(path: Path, how: Callable[[list[str]], bool]) -> list[str]:
    """The processes that have a file open in some way: `how` is given the lines of Linux's fdinfo."""
    file = os.path.realpath(path)
    holding = []
    for process in sorted(
        (entry for entry in _PROC.iterdir() if entry.name.isdigit()), key=lambda entry: int(entry.name)
    ):
        try:
            if any(_has_open(process, descriptor, file, how) for descriptor in (process / "fd").iterdir()):
                holding.append(_name(process))
        except OSError:  # it is another user's, or has ended
            continue
    return holding


def _has_open(process: Path, descriptor: Path, file: str, how: Callable[[list[str]], bool]) -> bool:
    try:
        if os.readlink(descriptor) != file:  # noqa: PTH115 - a pipe's link is no path
            return False
    except FileNotFoundError:  # closed meanwhile
        return False
    return how((process / "fdinfo" / descriptor.name).read_text().splitlines())


def _writes(info: list[str]) -> bool:
    flags = next(line for line in info if "flags" in line)
    return int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY


def _locks(info: list[str]) -> bool:
    return any(line.startswith("lock:") and "FLOCK" in line for line in info)


def _named_by_the_system(path: Path) -> list[str]:
    """The processes that took a lock on a file, whoever runs them, by Linux's list of all locks."""
    stat = path.stat()
    file = f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}:{stat.st_ino}"
    took = []
    for line in (_PROC / "locks").read_text().splitlines():
        _, kind, _, _, process, held, *_ = line.split()
        if (kind, held) == ("FLOCK", file):
            try:
                took.append(_name(_PROC / process))
            except OSError:  # it cannot be seen, or has ended and left the lock to a child
                continue
    return took


def _name(process: Path) -> str:
    return f"{(process / 'comm').read_text().strip()} (process {process.name})"
