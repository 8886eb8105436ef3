"""The parent's side: start the checking process early, send it jobs, wait for its answers."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Self

import msgspec

from etl.check.messages import CheckJob, CheckResult, Reply
from etl.errors import AnqError
from etl.schema import EXPECTATIONS

_TAIL = 2_000


class Checker:
    """A process that imports Great Expectations (7 to 10 s) while the parent parses, then checks what it made.

    It starts when it is warmed or first asked. Leaving the `with` block ends it, and so does the end of the parent.

    Args:
        expectations: folder of the suites.
        patience: seconds to wait for an answer, the import included.
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
        self._process.kill()  # it holds nothing worth a farewell, and a forked worker may keep its stdin open
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._folder.cleanup()

    def warm(self) -> subprocess.Popen[bytes]:
        """Start the process, unless it runs; return it."""
        if self._process is None:
            self._folder = TemporaryDirectory(prefix="anq-check-")
            self._log = Path(self._folder.name) / "stderr.txt"
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "etl.check", str(self._expectations), self._folder.name, str(os.getpid())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    bufsize=0,
                )
        return self._process

    @property
    def pid(self) -> int:
        """The checking process."""
        return self.warm().pid

    def check(self, jobs: Sequence[CheckJob]) -> list[CheckResult]:
        """Every rule of every suite on each partition, in the jobs' and the suites' order.

        Raises:
            AnqError: the process died or kept silent, or the suites or files cannot be used.
        """
        names = ", ".join(job.archive for job in jobs)
        try:
            reply = msgspec.json.decode(self._ask(jobs, names), type=Reply)
        except msgspec.DecodeError as error:
            raise AnqError(f"{names}: the checking process answers nonsense ({error}){self._last_words()}") from error
        if reply.error is not None:
            raise AnqError(f"{names}: cannot be checked: {reply.error}")
        return reply.results

    def _ask(self, jobs: Sequence[CheckJob], names: str) -> bytes:
        process = self.warm()
        stdin, stdout = process.stdin, process.stdout
        if stdin is None or stdout is None:
            raise AnqError(f"{names}: the checking process has no pipes")
        question = memoryview(msgspec.json.encode(jobs) + b"\n")
        deadline = time.monotonic() + self._patience
        os.set_blocking(stdin.fileno(), False)
        try:
            while question:
                self._wait([], [stdin], deadline, names)
                question = question[os.write(stdin.fileno(), question) :]
        except BrokenPipeError as error:
            raise self._gone(process, names) from error
        answer = bytearray()
        while not answer.endswith(b"\n"):
            self._wait([stdout], [], deadline, names)
            piece = os.read(stdout.fileno(), 1 << 16)
            if not piece:
                raise self._gone(process, names)
            answer += piece
        return bytes(answer)

    def _wait(self, readable: Sequence[IO[bytes]], writable: Sequence[IO[bytes]], deadline: float, names: str) -> None:
        """Waits until one of these is; ends the process at the deadline."""
        if not any(select.select(readable, writable, [], max(0.0, deadline - time.monotonic()))):
            self.warm().kill()
            raise AnqError(
                f"{names}: no answer from the checking process in {self._patience:g} s, so it was ended; "
                f"run again{self._last_words()}"
            )

    def _gone(self, process: subprocess.Popen[bytes], names: str) -> AnqError:
        code = process.wait()
        return AnqError(f"{names}: the checking process ended with code {code}; run again{self._last_words()}")

    def _last_words(self) -> str:
        said = self._log.read_bytes()[-_TAIL:].decode("utf-8", "replace").strip()
        return f"; it last said:\n{said}" if said else ""
