"""Runs a command and measures its time, its processor time, and the peak memory of all its processes together."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

EVERY = 0.04  # seconds between looks at memory


@dataclass(frozen=True)
class Cost:
    """What a command cost.

    Attributes:
        seconds: from its start to its end.
        processor: seconds of processor time, user and system, of every process of its tree that was waited for.
        peak: bytes, the most that the tree had at any look. A page that processes share counts once (PSS).
        code: its exit code.
    """

    seconds: float
    processor: float
    peak: int
    code: int


def measure(command: Sequence[str], log: Path, codes: Collection[int] = (0,)) -> Cost:
    """Runs a command to its end; what it prints goes to `log`.

    Args:
        command: the command and its arguments.
        log: where its output goes.
        codes: the exit codes that are no failure.

    Raises:
        RuntimeError: it failed.
    """
    # bytecode is kept, as it is by default: without it every start compiles each module again
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, started, peak = _processor(), time.perf_counter(), 0
    with (
        log.open("w") as file,
        subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment) as process,
    ):
        while True:
            looked = time.perf_counter()
            peak = max(peak, _memory(process.pid))
            pause = max(EVERY, 10 * (time.perf_counter() - looked))  # never more than a tenth of a core
            try:
                process.wait(pause)
                break
            except subprocess.TimeoutExpired:
                continue
        seconds = time.perf_counter() - started
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
    return Cost(seconds, _processor() - before, peak, process.returncode)


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int) -> int:
    total = 0
    try:
        tree = [psutil.Process(pid)]
        tree += tree[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    for process in tree:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
            continue
    return total
