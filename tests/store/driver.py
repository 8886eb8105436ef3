"""A run without its check, on a cache, as a program to be killed: `python -m tests.store.driver HOME SITE DAY`."""

import sys
from concurrent.futures import Executor
from pathlib import Path

from etl.lake.workers import workers
from etl.run.scopes import HOME
from etl.settings import Settings
from etl.store import kept
from tests.e2e import driver


def run(home: Path, site: str, number: int, pool: Executor) -> None:
    """The run of a day."""
    with kept(Settings(home, site), HOME):
        driver.run(home, site, number, pool)


if __name__ == "__main__":
    with workers() as started:
        run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), started)
