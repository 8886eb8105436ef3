"""A run without its check, as a program to be killed: `python -m tests.e2e.driver HOME SITE DAY`."""

import sys
from concurrent.futures import Executor
from pathlib import Path

from etl import lake, ops, steps
from etl.fetch import fetch
from etl.partition import Building, workers
from etl.settings import Settings
from tests.warehouse.days import day


def run(home: Path, site: str, number: int, pool: Executor) -> None:
    """The run of a day."""
    settings, now, run_id = Settings(home, site), day(number), str(number)
    for archive in steps.plan(settings):
        download = fetch(archive, settings, now)
        before = lake.partition(settings.lake, archive.key)
        if download is None or (before and before.source_sha256 == download.sha256):
            continue
        building = Building(
            archive,
            download.path(settings),
            lake_path=settings.lake,
            fetched_at=download.fetched_at,
            sample=False,
            pool=pool,
        )
        lake.commit(settings.lake, building.finish().partition)
        ops.write(settings.lake, run_id, archive.name, {"ops.outcomes": []})
    steps.publish(settings, now, run_id)
    steps.summarise(settings, now, run_id)


if __name__ == "__main__":
    with workers() as started:
        run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), started)
