"""kill -9 between and inside the steps: the last release is whole, and the next run ends as if nothing had been."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

import pytest

from etl.warehouse import release as releases
from tests.e2e import driver, killed
from tests.e2e.command import Anq
from tests.e2e.driver import Days, Rows
from tests.e2e.killed import started, wait_for
from tests.warehouse.days import TIMES, contents, query


def appeared(home: Path, folder: str, pattern: str) -> Callable[[], bool]:
    """Whether there is a file that was not there before, nor the same with another content."""

    def files() -> set[tuple[str, int]]:
        found = set()
        for path in (home / folder).glob(pattern):
            try:
                found.add((str(path), path.lstat().st_mtime_ns))
            except FileNotFoundError:
                continue
        return found

    before = files()
    return lambda: not files() <= before


def is_whole(home: Path, rows: Rows) -> None:
    """The current release holds these rows, and the run leaves nothing aside."""
    assert contents(home / "warehouse/current.duckdb") == rows
    left = [
        path for path in home.rglob("*") if ".part" in path.name or path.name.endswith((".document", ".wal", ".tmp"))
    ]
    assert left == []
    assert not list((home / "warehouse").glob(".candidate*"))
    named = {
        f"{one.name}/{file}" for one in releases.releases(home / "warehouse") for file in ("anq.duckdb", "release.json")
    }
    folder = home / "warehouse/releases"
    assert {str(path.relative_to(folder)) for path in folder.glob("*/*")} == named


def reads(home: Path, states: list[Rows | None]) -> None:
    """Whoever opens the current release finds one of these states, whole; before the first there is none."""
    path = home / "warehouse/current.duckdb"
    if not path.is_symlink():
        assert None in states
        return
    assert contents(path) in states


MOMENTS = {
    "an archive arrives": ("raw", "*.part"),
    "the manifest has a row": ("raw", "manifest.jsonl"),
    "a document is cut": ("lake", ".14-QE.document"),
    "a file is staged": ("lake/questions", "*/*/*"),
    "all the files of a chunk are staged": ("lake/sightings", "*/*/*"),
    "a marker is written": ("lake/_partitions", "*.part"),
    "a partition is committed": ("lake/_partitions", "17-QE.json"),
    "a step is in the ledger": ("lake/ops", "*/17_QE.json"),
    "the load begins": ("warehouse", ".candidate/anq.duckdb"),
    "the load writes": ("warehouse", ".candidate/anq.duckdb.wal"),
    "the release is there": ("warehouse/releases", "*/anq.duckdb"),
    "the release is current": ("warehouse", "current.duckdb"),
}


FIRST_DAY = ("an archive arrives", "a document is cut", "a file is staged", "the load writes", "the release is current")
SECOND_DAY = (
    "the manifest has a row",
    "all the files of a chunk are staged",
    "a marker is written",
    "a partition is committed",
    "a step is in the ledger",
    "the load begins",
    "the load writes",
    "the release is there",
    "the release is current",
)


@pytest.mark.parametrize(("number", "name"), [*((0, name) for name in FIRST_DAY), *((1, name) for name in SECOND_DAY)])
def test_killed_when(days: Days, pool: Executor, tmp_path: Path, number: int, name: str) -> None:
    home = days.home(tmp_path / "home", number)
    published = (home / "warehouse/current.duckdb").resolve()
    with started(driver.alone, home, str(days.sites[number]), number) as process:
        wait_for(appeared(home, *MOMENTS[name]), process)
    reads(home, [days.rows[0] if number else None, days.rows[number]])
    driver.run(home, str(days.sites[number]), number, pool)
    is_whole(home, days.rows[number])
    if number:
        assert contents(published) == days.rows[0]  # a release never changes once it is one


@pytest.mark.parametrize("number", [0, 1])
def test_killed_again_and_again(days: Days, pool: Executor, tmp_path: Path, number: int) -> None:
    """At any moment: one kill after the other on the same home, ever later, until the run is done."""
    home, dice = days.home(tmp_path / "home", number), random.Random(number)
    for late in range(4):
        with started(driver.alone, home, str(days.sites[number]), number) as process:
            wait_for(appeared(home, ".", "*/*"), process)
            time.sleep(0.2 * late + dice.random() * 0.2)
        reads(home, [days.rows[0] if number else None, days.rows[number]])
    driver.run(home, str(days.sites[number]), number, pool)
    is_whole(home, days.rows[number])


def state(pid: int) -> bytes:
    """R, S, Z … of a process."""
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return b"Z"


def children(pid: int) -> set[int]:
    """The processes that a process has started, by its threads."""
    return {int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()}


def test_the_command_killed(days: Days, tmp_path: Path, anq: Anq) -> None:
    """`anq run` itself: alone while its workers work, then with all of them before the check, then at the load."""
    home = days.home(tmp_path / "home", 1)
    run = ("--home", str(home), "--source", str(days.sites[1]), "run")
    staged = appeared(home, "lake/sightings", "*/*/*")
    with started(killed.anq, *run) as process:
        assert wait_for(staged, process)
        kin = {pid for pid in children(process.pid) if b"etl.check" not in Path(f"/proc/{pid}/cmdline").read_bytes()}
        assert kin
        process.kill()
        process.join()
        until = time.monotonic() + 30
        while any(state(pid) != b"Z" for pid in kin):
            assert time.monotonic() < until, "workers outlive the command, and hold its locks"
            time.sleep(0.01)
    reads(home, [days.rows[0]])
    for folder, pattern in (("lake/sightings", "*/*/*"), ("warehouse", ".candidate/anq.duckdb")):
        with started(killed.anq, *run) as process:
            assert wait_for(appeared(home, folder, pattern), process)
        reads(home, [days.rows[0]])
    assert anq(*run).exit_code == 4  # of so few questions, many changed: a person has to say that this is right
    waiting = query(home / "warehouse/current.duckdb", "SELECT archive, rule FROM ops.held_back")
    for archive, rule in waiting:
        assert anq("--home", home, "accept", archive, rule, "--why", "a test").exit_code == 0
    said = anq(*run)
    assert said.exit_code == 0, said
    assert "released" in said.out
    # the driver brings the archives of questions alone
    journal = dict.fromkeys(("journal_questions", "journal_answers"))
    whole = contents(home / "warehouse/current.duckdb", without=TIMES) | journal
    assert whole == contents(days.root / "second/warehouse/current.duckdb", without=TIMES) | journal
    is_whole(home, contents(home / "warehouse/current.duckdb"))
