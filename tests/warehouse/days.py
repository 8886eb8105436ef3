"""A home that lives through days: archives read into the lake and loaded, as a run does but for the check."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from etl.fetch import fetch
from etl.lake import ledger, markers
from etl.run import questions
from etl.schema import tables
from etl.settings import Settings
from etl.warehouse.load import load
from etl.warehouse.release import Release, current, path_of
from tests.work import build, run_of

MORNING = datetime(2026, 9, 22, 4, 30, tzinfo=UTC)
#: Every table that tells of questions; the ledger tells of runs.
TABLES = [
    name for name, table in tables().items() if table.schema == "main" or name in ("ops.anomalies", "ops.quarantine")
]
TIMES = ("first_seen_at", "changed_at", "absent_since", "valid_from", "valid_to")


def day(number: int) -> datetime:
    """When the run of that day starts."""
    return MORNING + timedelta(days=number)


@dataclass
class Home:
    """A home, and the workers that build its chunks."""

    settings: Settings
    pool: Executor
    said: list[str] = field(default_factory=list)

    def prepare(self, site: Path | str, now: datetime) -> int:
        """Fetches, parses and commits whatever the site has; returns how many records were new or changed."""
        self.settings = Settings(self.settings.home, str(site))
        changed = 0
        for archive in questions.plan(self.settings):
            download = fetch(archive, self.settings, now)
            before = markers.partition(self.settings.lake, archive.key)
            if download is None or (before and before.source_sha256 == download.sha256):
                continue
            path, at = download.path(self.settings), download.fetched_at
            staged = build(archive, path, self.settings.lake, self.pool, at, sample=site == "sample")
            markers.commit(self.settings.lake, staged.partition)
            changed += staged.changed
        return changed

    def load(self, now: datetime, *, warehouse: Path | None = None, anew: bool = False) -> Release:
        """Loads the lake; into another warehouse where one is given."""
        run_id = f"{now:%Y%m%dT%H%M%S}"
        ledger.write(self.settings.lake, run_id, "17/QE", {"ops.outcomes": []})
        run = run_of(self.settings, now, run_id).row("released", None)
        partitions = markers.partitions(self.settings.lake)
        return load(
            self.settings.lake,
            warehouse or self.settings.warehouse,
            partitions,
            run,
            now,
            say=self.said.append,
            anew=anew,
        )

    def current(self) -> Path:
        """The file of the current release."""
        release = current(self.settings.warehouse)
        assert release
        return path_of(self.settings.warehouse, release.name)


def contents(path: Path, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a release but the ledger's, sorted.

    Args:
        path: the DuckDB file.
        without: columns left out.
    """
    found = {}
    with duckdb.connect(path, read_only=True) as connection:
        for name in TABLES:
            columns = [column for column in tables()[name].names if column not in without]
            query = f"SELECT {', '.join(columns)} FROM {name} ORDER BY ALL"
            found[name] = connection.execute(query).fetchall()
    return found


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a release."""
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()
