"""Processes that build chunks, one a core."""

from __future__ import annotations

import ctypes
import gc
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import current_process, get_context

from etl.files.cores import cores

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_IMPORTED_BEFORE_THE_FORK = ("etl.lake.chunk", "numpy", "pyarrow.compute", "pyarrow.parquet", "Stemmer")


@contextmanager
def workers() -> Iterator[Executor]:
    """A pool of processes, forked before this one works in threads of its own."""
    # a worker of Celery may have no children, lest they outlive it; ours end with their parent
    current_process().daemon = False
    for name in _IMPORTED_BEFORE_THE_FORK:
        import_module(name)
    _do_without_pandas()
    with ProcessPoolExecutor(cores(), mp_context=get_context("fork"), initializer=_start_worker) as pool:
        pool.submit(int).result()
        yield pool


def end_with_parent() -> None:
    """Has a forked worker end when its parent is killed: it would wait for ever, and hold the parent's locks."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _start_worker() -> None:
    end_with_parent()
    _keep_memory()
    gc.disable()  # records and rows hold no cycles; looking for them takes a fifth of a worker's time


def _keep_memory() -> None:
    """Has what is freed stay the process's: to be given pages anew takes a seventh of a worker's time.

    But for the index's arrays, above 2 MB: between them what is freed would lie in pieces too small for them.
    """
    import pyarrow as pa

    if hasattr(_LIBC, "mallopt"):  # glibc
        _LIBC.mallopt(_M_MMAP_THRESHOLD, 1 << 21)
        _LIBC.mallopt(_M_TRIM_THRESHOLD, 1 << 30)
    if "jemalloc" in pa.supported_memory_backends():  # it takes less than Arrow's default
        pa.set_memory_pool(pa.jemalloc_memory_pool())


def _do_without_pandas() -> None:
    """Has pyarrow look for pandas now, and find none: it would import it at its first conversion, for nothing.

    Whoever asks pyarrow for a data frame still gets it.
    """
    import pyarrow as pa

    sys.meta_path.insert(0, _WithoutPandas)
    pa.array([None])
    sys.meta_path.remove(_WithoutPandas)


class _WithoutPandas:
    """Finds everything but pandas."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
