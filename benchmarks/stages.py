"""Processor seconds of the two dear stages, on one core, and digests of what they made.

`python -m benchmarks.stages SITE`, a folder that `anq sample` wrote, or its copy with other texts. A change that only
makes a stage quicker leaves the digests as they are.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from etl.catalogue import archives
from etl.lake import markers, partition, workers
from etl.lake.plan import Inputs
from etl.warehouse.load import load

NOW = datetime(2026, 11, 1, tzinfo=UTC)
RUN = {"run_id": "bench", "started_at": NOW, "seconds": 0, "source": "bench", "state": "ok", "release": None}


class Here(Executor):
    """Does each job at once, in this process."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:  # noqa: ANN401
        """The job, done."""
        done: Future[Any] = Future()
        done.set_result(function(*arguments, **named))
        return done


def build(site: Path, lake: Path) -> None:
    """Builds every partition of the site's archives."""
    for archive in archives():
        if (path := site / archive.path).exists():
            inputs = Inputs(archive=archive, path=path, fetched_at=NOW, sample=False)
            markers.commit(lake, partition.finish(partition.start(inputs, lake, Here())).partition)


def digest(names: list[str]) -> str:
    """Of a list of names, in 16 digits."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def rows(release: Path) -> list[str]:
    """Of each table, how many rows it has, and the sum of their hashes."""
    with duckdb.connect(release, read_only=True) as connection:
        tables = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL")
        return [
            f"{name} {connection.execute(f'SELECT count(*), sum(hash(row)) FROM {name} AS row').fetchall()}"
            for (name,) in tables.fetchall()
        ]


def main() -> None:
    """Builds and loads the site that the command names."""
    site = Path(sys.argv[1])
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with TemporaryDirectory(prefix="anq-stages-") as folder, workers.workers():
        workers._start_worker()
        lake, warehouse = Path(folder, "lake"), Path(folder, "warehouse")
        began = time.process_time()
        build(site, lake)
        files = sorted(path.name for path in lake.rglob("*.parquet"))
        print(f"chunks {time.process_time() - began:6.2f} s, lake {digest(files)}")
        began = time.process_time()
        release = load(lake, warehouse, markers.partitions(lake), RUN, NOW, say=print)
        print(f"load   {time.process_time() - began:6.2f} s, release {digest(rows(warehouse / 'current.duckdb'))}")
        print(f"{release.rows['questions']:,} questions")


if __name__ == "__main__":
    main()
