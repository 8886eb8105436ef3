"""A run without its check, on a cache, to be killed."""

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


def alone(home: Path, site: str, number: int) -> None:
    """The same, in a process of its own, with workers of its own."""
    with workers() as pool:
        run(home, site, number, pool)
