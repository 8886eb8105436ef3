"""Runs as processes of their own, to be killed: forked from one in which all that a run imports is imported."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess

from etl import cli


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.e2e.imported"])
    return context


@contextmanager
def started(run: Callable[..., object], *arguments: object) -> Iterator[BaseProcess]:
    """A run in a process group of its own, with the environment of this moment; all of it killed at the end."""
    process = _context().Process(target=_apart, args=(dict(os.environ), run, *arguments))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()


def _apart(environment: dict[str, str], run: Callable[..., object], *arguments: object) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    run(*arguments)


def anq(*arguments: str) -> None:
    """The command."""
    sys.argv = ["anq", *arguments]
    cli.main()


def wait_for(moment: Callable[[], bool], process: BaseProcess) -> bool:
    """Whether the moment came before the program's end."""
    while not moment():
        if process.exitcode is not None:
            assert process.exitcode == 0
            return moment()
        time.sleep(0.0005)
    return True
