"""The parent's side: start the checking process, send it jobs, wait for its answers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer
from types import TracebackType
from typing import Self

from etl.check.messages import CheckJob, CheckResult
from etl.errors import AnqError
from etl.schema import EXPECTATIONS

_TAIL = 2_000


class Checker:
    """A process that checks what its parent made.

    It starts when it is told to or first asked. Leaving the `with` block ends it, and so does the end of the parent.
    It is started by exec, not by multiprocessing, which may have no children in a worker of Celery.

    Args:
        expectations: folder of the suites.
        patience: seconds to wait for an answer, its start included.
    """

    def __init__(self, expectations: Path = EXPECTATIONS, patience: float = 600.0) -> None:
        self._expectations = expectations
        self._patience = patience
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None:
            return
        self._process.kill()  # it holds nothing worth a farewell, and a forked worker may keep our end open
        self._process.wait()
        self._connection.close()
        self._folder.cleanup()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process, unless it runs; return it."""
        if self._process is None:
            self._folder = TemporaryDirectory(prefix="anq-check-")
            self._log = Path(self._folder.name) / "stderr.txt"
            self._connection, its_end = Pipe()
            with self._log.open("wb") as log, its_end:
                arguments = [self._expectations, self._folder.name, its_end.fileno(), os.getpid()]
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "etl.check", *map(str, arguments)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[its_end.fileno()],
                )
        return self._process

    @property
    def pid(self) -> int:
        """The checking process."""
        return self.start().pid

    def check(self, jobs: Sequence[CheckJob]) -> list[CheckResult]:
        """Every rule of every suite on each partition, in the jobs' and the suites' order.

        Raises:
            AnqError: the process died or kept silent, or the suites or files cannot be used.
        """
        process, names = self.start(), ", ".join(job.archive for job in jobs)
        limit, started = Timer(self._patience, process.kill), time.monotonic()  # also of a process that does not read
        limit.start()
        try:
            self._connection.send(jobs)
            results: list[CheckResult] | AnqError = self._connection.recv()
        except (EOFError, ConnectionError) as error:
            what = f"the checking process ended with code {process.wait()}"
            if time.monotonic() - started >= self._patience:
                what = f"no answer from the checking process in {self._patience:g} s, so it was ended"
            raise AnqError(f"{names}: {what}; run again{self._last_words()}") from error
        finally:
            limit.cancel()
        if isinstance(results, AnqError):
            raise AnqError(f"{names}: cannot be checked: {results}")
        return results

    def _last_words(self) -> str:
        words = self._log.read_bytes()[-_TAIL:].decode("utf-8", "replace").strip()
        return f"; it last said:\n{words}" if words else ""
