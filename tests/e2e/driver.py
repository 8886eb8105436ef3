"""A run without its check, to be killed; and its days."""

import shutil
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from etl.catalogue import archives
from etl.fetch import fetch
from etl.lake import ledger, markers
from etl.lake.workers import workers
from etl.run import publish, questions, summary
from etl.sample import write_sample
from etl.settings import Settings
from tests.warehouse.days import contents, day
from tests.work import build, run_of

Rows = dict[str, list[tuple[Any, ...]]]
KEPT = ("Questions_ecrites_XIV", "Questions_gouvernement_XV.", "Questions_ecrites.")


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


def alone(home: Path, site: str, number: int) -> None:
    """The same, in a process of its own, with workers of its own."""
    with workers() as pool:
        run(home, site, number, pool)


def keep_few(site: Path) -> None:
    """Removes all archives but four: the one document of the 14th, 15/QG, 16/QE and 17/QE."""
    for archive in site.rglob("*.zip"):
        if not archive.name.startswith(KEPT):
            archive.unlink()


def keep_last(site: Path) -> None:
    """Removes the archives of the closed legislatures."""
    for archive in archives([14, 15, 16]):
        (site / archive.path).unlink(missing_ok=True)


def write_days(root: Path, pool: Executor) -> None:
    """The site on two days, and the home after each of them."""
    for number in range(2):
        site = root / f"site{number}"
        # another volume, so that more archives than 17/QE change
        write_sample(site, questions=90 + 9 * number, changes=20 * number)
        keep_few(site)
    run(root / "first", str(root / "site0"), 0, pool)
    shutil.copytree(root / "first", root / "second", symlinks=True)
    run(root / "second", str(root / "site1"), 1, pool)


class Days:
    """A site on two days, a home after each of them, and the rows that its release then holds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sites = [root / "site0", root / "site1"]
        self.rows = [contents(root / home / "warehouse/current.duckdb") for home in ("first", "second")]

    def home(self, path: Path, number: int) -> Path:
        """A home as it is before the run of a day."""
        if number:
            shutil.copytree(self.root / "first", path, symlinks=True)
        else:
            path.mkdir()
        return path
