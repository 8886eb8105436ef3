"""A run without its check, as a program to be killed: `python -m tests.e2e.driver HOME SITE DAY`."""

import sys
from concurrent.futures import Executor
from pathlib import Path

from etl.fetch import fetch
from etl.lake import ledger, markers
from etl.lake.workers import workers
from etl.run import publish, questions, summary
from etl.settings import Settings
from tests.warehouse.days import day
from tests.work import build, run_of


def run(home: Path, site: str, number: int, pool: Executor) -> None:
    """The run of a day."""
    settings, now, run_id = Settings(home, site), day(number), str(number)
    for archive in questions.plan(settings):
        download = fetch(archive, settings, now)
        before = markers.partition(settings.lake, archive.key)
        if download is None or (before and before.source_sha256 == download.sha256):
            continue
        staged = build(archive, download.path(settings), settings.lake, pool, download.fetched_at)
        markers.commit(settings.lake, staged.partition)
        ledger.write(settings.lake, run_id, archive.name, {"ops.outcomes": []})
    publish.publish(run_of(settings, now, run_id))
    summary.summarise(run_of(settings, now, run_id))


if __name__ == "__main__":
    with workers() as started:
        run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), started)
