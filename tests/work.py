"""What a test sets up to build a partition, or to run a step: one call each."""

from __future__ import annotations

import atexit
from concurrent.futures import Executor
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from etl.catalogue import Archive
from etl.check import Checker
from etl.lake import partition
from etl.lake.partition import Staged
from etl.lake.plan import Inputs
from etl.run.context import Run
from etl.settings import Settings


def build(archive: Archive, path: Path, lake: Path, pool: Executor, fetched_at: datetime, **how: Any) -> Staged:
    """A partition built from an archive, not yet committed; `how` is the rest of `Inputs`."""
    inputs = Inputs(archive=archive, path=path, fetched_at=fetched_at, **{"sample": False, **how})
    return partition.finish(partition.start(inputs, lake, pool))


def run_of(settings: Settings, now: datetime, run_id: str, **how: Any) -> Run:
    """A run, which uses the checking process that all runs of the tests use; `how` is the rest of `Run`."""
    return Run(settings=settings, now=now, id=run_id, **{"checker": checker(), **how})


class KeptChecker(Checker):
    """A checker that runs do not end: its process takes seconds to start."""

    def __exit__(self, *_: object) -> None:
        """Leaves it for the next run."""


@cache
def checker() -> Checker:
    """The one of this test process."""
    kept = KeptChecker()
    atexit.register(Checker.__exit__, kept, None, None, None)
    return kept
