"""Releases: published and swapped in one step, kept for a while, rolled back and forward, read all along."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from etl.errors import AnqError, UsageError
from etl.run import publish
from etl.warehouse import release as releases
from etl.warehouse.query import connect
from etl.warehouse.release import KEPT, Release, name_of
from tests.archives import archive_of, question, site
from tests.warehouse.days import day, query
from tests.work import run_of


def make(warehouse: Path, number: int) -> Release:
    """Publishes a file that says which one it is."""
    candidate = releases.private_copy(warehouse, None, 0)
    with duckdb.connect(candidate) as connection:
        connection.execute(f"CREATE TABLE told AS SELECT {number} AS number")
    sha256 = f"{number:064x}"[::-1]
    one = Release(name=name_of(day(number), sha256), created_at=day(number), run_id=str(number), sha256=sha256,
                  schema="", rows={"questions": number}, partitions={}, references={}, runs=[])  # fmt: skip
    releases.publish(warehouse, candidate, one)
    return one


def told(warehouse: Path) -> int:
    """Which one readers see."""
    [(number,)] = query(warehouse / "current.duckdb", "SELECT number FROM told")
    return number


LINKS = "anq.duckdb", "current.duckdb"


def files(warehouse: Path) -> list[str]:
    return sorted(str(path.relative_to(warehouse)) for path in warehouse.rglob("*") if not path.is_dir())


def test_the_current_one_and_seven_before_it_are_kept(tmp_path):
    made = [make(tmp_path, number) for number in range(KEPT + 4)]
    kept = made[-KEPT - 1 :]
    assert [one.name for one in releases.releases(tmp_path)] == [one.name for one in kept]
    assert releases.current(tmp_path) == made[-1]
    assert files(tmp_path) == sorted(
        [*LINKS, *(f"releases/{one.name}/{file}" for one in kept for file in ("anq.duckdb", "release.json"))]
    )
    assert not any((tmp_path / link).readlink().is_absolute() for link in LINKS)


def test_from_a_release_of_which_nothing_can_be_read_there_is_a_way_back(tmp_path):
    before, now = make(tmp_path, 0), make(tmp_path, 1)
    note = releases.note_of(releases.path_of(tmp_path, now.name))
    note.chmod(0o644)
    note.parent.chmod(0o755)
    note.write_bytes(b"")  # as a power cut leaves it
    with pytest.raises(AnqError, match="anq rollback"):
        releases.current(tmp_path)
    assert [one.name for one in releases.releases(tmp_path)] == [before.name]
    assert releases.rollback(tmp_path) == before.name
    assert (releases.current(tmp_path), told(tmp_path)) == (before, 0)


def test_what_killed_runs_left_goes_with_the_next_release(tmp_path):
    make(tmp_path, 0)
    for name in (
        "releases/20200101T000000Z-0badcafe/anq.duckdb",
        "releases/20200101T000000Z-0badcafe/release.part",
        "releases/20200102T000000Z-0badcafe.duckdb",  # as releases were before
        "releases/20200102T000000Z-0badcafe.part",
        ".current.part",
        ".candidate/anq.duckdb.wal",
        ".candidate/anq.duckdb.tmp/spilt",
        ".candidate.duckdb.wal",
        ".reading-abc/anq.duckdb",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("left by a kill")
    make(tmp_path, 1)
    assert len(files(tmp_path)) == len(LINKS) + 2 * 2
    assert not list(tmp_path.glob(".*"))


def test_back_and_forward(tmp_path):
    one, two, three = (make(tmp_path, number) for number in (1, 2, 3))
    assert (releases.rollback(tmp_path), told(tmp_path)) == (two.name, 2)
    assert (releases.rollback(tmp_path), told(tmp_path)) == (one.name, 1)
    with pytest.raises(UsageError, match="no release before"):
        releases.rollback(tmp_path)
    assert (releases.rollback(tmp_path, three.name), told(tmp_path)) == (three.name, 3)
    assert (releases.rollback(tmp_path, f"{two.name}.duckdb"), told(tmp_path)) == (two.name, 2)
    with pytest.raises(UsageError, match="no release 1999"):
        releases.rollback(tmp_path, "1999")
    assert told(tmp_path) == 2
    make(tmp_path, 4)
    assert told(tmp_path) == 4


def test_nothing_to_roll_back_to(tmp_path):
    with pytest.raises(UsageError, match="no release before"):
        releases.rollback(tmp_path)
    with pytest.raises(UsageError, match="anq run"):
        connect(tmp_path)


def test_a_current_that_points_nowhere_is_an_error(tmp_path):
    make(tmp_path, 1)
    shutil.rmtree(tmp_path / "releases")
    with pytest.raises(AnqError, match="anq rollback"):
        releases.current(tmp_path)


@pytest.mark.parametrize("moment", ["before the file", "before the swap", "after the swap"])
def test_a_publication_cut_short(tmp_path, monkeypatch, moment):
    """The moments between the steps of `publish`; the kill tests hit them too, by chance."""

    class Cut(BaseException):
        pass

    def cut(*_: object) -> None:
        raise Cut

    old = make(tmp_path, 1)
    real_swap, real_rename = releases.swap, Path.rename
    with monkeypatch.context() as patch:
        if moment == "before the file":
            patch.setattr(Path, "rename", cut)
        elif moment == "before the swap":
            patch.setattr(releases, "swap", cut)
        else:
            patch.setattr(releases, "swap", lambda *one: (real_swap(*one), patch.setattr(Path, "rename", cut)))
        with pytest.raises(Cut):
            make(tmp_path, 2)
    assert Path.rename is real_rename
    assert told(tmp_path) == (2 if moment == "after the swap" else 1)
    current = releases.current(tmp_path)
    assert current
    assert current.run_id == ("2" if moment == "after the swap" else "1")
    assert releases.releases(tmp_path) == [old]  # so that the next run makes the release again
    make(tmp_path, 2)
    assert told(tmp_path) == 2
    assert len(files(tmp_path)) == len(LINKS) + 2 * 2


READER = """
import sys, duckdb
path = sys.argv[1]
held = duckdb.connect(path, read_only=True)
for line in sys.stdin:
    fresh = duckdb.connect(path, read_only=True)
    print(held.execute("SELECT number FROM told").fetchone()[0], fresh.execute("SELECT number FROM told").fetchone()[0], flush=True)
    fresh.close()
"""
OPENER = """
import sys, duckdb
seen = []
while not seen or seen[-1] < int(sys.argv[2]):
    with duckdb.connect(sys.argv[1], read_only=True) as fresh:
        seen.append(fresh.execute("SELECT number FROM told").fetchone()[0])
assert seen == sorted(seen), seen
print(len(seen))
"""


def test_readers_in_other_processes_never_meet_a_lock(tmp_path):
    """One holds a release open until long after it is pruned; another opens the current one again and again."""
    last = KEPT + 3
    make(tmp_path, 0)
    path = str(tmp_path / "current.duckdb")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    reader = subprocess.Popen([sys.executable, "-c", READER, path], **pipes)
    opener = subprocess.Popen([sys.executable, "-c", OPENER, path, str(last)], **pipes)
    try:
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert reader.stdout.readline() == "0 0\n"
        for number in range(1, last + 1):
            make(tmp_path, number)
            reader.stdin.write("\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == f"0 {number}\n"
        assert int(opener.communicate(timeout=60)[0]) > 1
        assert opener.returncode == 0
    finally:
        for process in (reader, opener):
            process.kill()
            process.communicate()


SPINNER = """
import os, sys
while not os.path.exists(sys.argv[2]):
    os.stat(sys.argv[1])
"""


def test_the_current_one_is_there_at_any_moment(tmp_path):
    """Thousands of swaps, under the eyes of a process that looks as fast as it can."""
    one, two = make(tmp_path, 0), make(tmp_path, 1)
    stop = tmp_path / "stop"
    watch = subprocess.Popen([sys.executable, "-c", SPINNER, tmp_path / "current.duckdb", stop], stderr=subprocess.PIPE)
    for _ in range(1000):
        releases.swap(tmp_path, one.name)
        releases.swap(tmp_path, two.name)
    assert watch.poll() is None, "it could not be found"
    stop.touch()
    assert watch.communicate(timeout=30) == (None, b"")
    assert watch.returncode == 0


def test_a_rollback_stays_until_something_is_new(home, tmp_path):
    """`publish` as a run calls it: nothing new leaves what was rolled back; a new question brings all of it."""
    one, two = question(17, "QE", 1), question(17, "QE", 2)
    for number, nodes in enumerate(([one], [one, two])):
        home.prepare(site(tmp_path / "site", {"17/QE": archive_of(*nodes)}), day(number))
        publish.publish(run_of(home.settings, day(number), str(number)))
    releases.rollback(home.settings.warehouse)
    assert publish.publish(run_of(home.settings, day(2), "2")) is None
    assert query(home.current(), "SELECT count(*) FROM questions") == [(1,)]

    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(one, two, question(17, "QE", 3))}), day(3))
    publish.publish(run_of(home.settings, day(3), "3"))
    assert query(home.current(), "SELECT question_number, first_seen_at FROM questions ORDER BY 1") == [
        (1, day(0)),
        (2, day(1)),
        (3, day(3)),
    ]


def test_names_sort_by_time():
    names = [name_of(day(0) + timedelta(seconds=number), f"{9 - number}" * 64) for number in range(3)]
    assert names == sorted(names)
    assert names[0] == "20260922T043000Z-99999999"
