"""What a test sets up to build a partition, or to run a step: one call each; and the checking process of all runs."""

from __future__ import annotations

import atexit
import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from etl.catalogue import Archive
from etl.check import Checker, CheckJob, CheckResult
from etl.lake import partition
from etl.lake.partition import Staged
from etl.lake.plan import Inputs
from etl.run.context import Run
from etl.schema import EXPECTATIONS
from etl.settings import Settings


def build(archive: Archive, path: Path, lake: Path, pool: Executor, fetched_at: datetime, **how: Any) -> Staged:
    """A partition built from an archive, not yet committed; `how` is the rest of `Inputs`."""
    inputs = Inputs(archive=archive, path=path, fetched_at=fetched_at, **{"sample": False, **how})
    return partition.finish(partition.start(inputs, lake, pool))


def run_of(settings: Settings, now: datetime, run_id: str, **how: Any) -> Run:
    """A run, which uses the checking process that all runs of the tests use; `how` is the rest of `Run`."""
    return Run(settings=settings, now=now, id=run_id, **{"checker": checker(), **how})


class KeptChecker(Checker):
    """A checker that runs do not end, for its process takes seconds to start; it remembers what it said of files."""

    def __init__(self, expectations: Path = EXPECTATIONS) -> None:
        super().__init__(expectations)
        self._said: dict[bytes, list[CheckResult]] = {}

    def __exit__(self, *_: object) -> None:
        """Leaves it for the next run."""

    def check(self, jobs: Sequence[CheckJob]) -> list[CheckResult]:
        """What it says of these bytes: asked again, the same."""
        if any(job.database for job in jobs):
            return super().check(jobs)
        asked = hashlib.sha256(msgspec.msgpack.encode([_by_content(job) for job in jobs])).digest()
        if asked not in self._said:
            self._said[asked] = super().check(jobs)
        return self._said[asked]


def _by_content(job: CheckJob) -> CheckJob:
    """The job with the name and the content of each file in place of its path."""
    return msgspec.structs.replace(
        job,
        **{
            field: {table: [_content(Path(path)) for path in paths] for table, paths in getattr(job, field).items()}
            for field in ("files", "beside", "before")
        },
    )


def _content(path: Path) -> str:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else 'is not there'}"


@cache
def checker() -> Checker:
    """The one of this test process."""
    kept = KeptChecker()
    atexit.register(Checker.__exit__, kept, None, None, None)
    return kept
