"""Readers in other processes: they never meet a lock, they stop nothing, and what they write is in no later release."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from etl.run import publish
from etl.warehouse.release import Release
from tests.archives import archive_of, question, site
from tests.warehouse.days import Home, day, query
from tests.work import run_of

RELEASES = 6
READER = """
import json, sys, time, duckdb
path, last = sys.argv[1], int(sys.argv[2])
seen, reads = [], 0
while not seen or seen[-1][0] < last:
    with duckdb.connect(path, read_only=True) as connection:
        told = [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("questions", "question_texts", "fr.questions", "ops.runs")]
        told.append(connection.execute("SELECT max(question_number) FROM questions").fetchone()[0])
        told.append(len(connection.execute("SELECT question_text FROM questions").fetchall()))
    reads += 1
    time.sleep(0.01)
    if told not in seen[-1:]:
        seen.append(told)
print(json.dumps([reads, seen]))
"""


def test_no_reader_meets_a_lock_or_two_releases_at_once(home, tmp_path):
    """The release of day n has n questions and n runs, in every table and view; a reader sees days go by, each whole."""
    asked = []

    def release(number: int) -> None:
        asked.append(question(17, "QE", number))
        home.prepare(site(tmp_path / "site", {"17/QE": archive_of(*asked)}), day(number))
        home.load(day(number))

    release(1)
    path = str(home.settings.warehouse / "current.duckdb")
    command = [sys.executable, "-c", READER, path, str(RELEASES)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for number in range(2, RELEASES + 1):
            release(number)
        for reader in readers:
            out, err = reader.communicate(timeout=60)
            assert (reader.returncode, err) == (0, "")
            reads, seen = json.loads(out)
            assert all(len(set(told)) == 1 for told in seen), seen
            days = [told[0] for told in seen]
            assert days == sorted(days)
            assert days[-1] == RELEASES
            assert reads > len(days) > RELEASES // 2
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()


WRITER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
for line in sys.stdin:
    connection.execute(line)
    print("done", flush=True)
"""


@contextmanager
def writing(path: Path) -> Iterator[Callable[[str], None]]:
    """Another process that has opened a release as DuckDB does by itself, to read and write."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, path], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def run(statement: str) -> None:
        process.stdin.write(f"{statement}\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"

    try:
        run("SELECT 1")
        yield run
    finally:
        process.stdin.close()
        process.wait(timeout=30)


def release(home: Home, site_folder: Path, number: int) -> Release:
    """The release of a day on which one question more is there."""
    asked = [question(17, "QE", one) for one in range(1, number + 1)]
    home.prepare(site(site_folder, {"17/QE": archive_of(*asked)}), day(number))
    return home.load(day(number))


def test_a_release_cannot_be_written_by_mistake(home, tmp_path):
    release(home, tmp_path / "site", 1)
    path = home.current()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o444, 0o555)


@pytest.mark.parametrize("ending", ["closed", "held"])
def test_what_a_reader_writes_is_in_no_later_release(home, tmp_path, ending):
    release(home, tmp_path / "site", 1)
    path = home.current()
    with ExitStack() as stack:
        run = stack.enter_context(writing(path))
        run("UPDATE questions SET title = 'mine'")
        run("CREATE TABLE mine AS SELECT 1 AS n")
        if ending == "closed":
            stack.close()
        release(home, tmp_path / "site", 2)
        later = home.current()
    assert query(later, "SELECT count(*), count(*) FILTER (title = 'mine') FROM questions") == [(2, 0)]
    assert query(later, "SELECT table_name FROM duckdb_tables() WHERE table_name = 'mine'") == []
    assert home.said == [
        f"release {path.parent.name} is not as it was published, somebody wrote to it: the lake is read anew"
    ]


def test_a_release_that_was_only_touched_is_gone_on_from(home, tmp_path):
    release(home, tmp_path / "site", 1)
    os.utime(home.current())  # as a copy of the home is
    release(home, tmp_path / "site", 2)
    assert home.said == []


def test_a_run_with_nothing_new_replaces_a_release_that_somebody_wrote_to(home, tmp_path):
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1))}), day(1))
    assert publish.publish(run_of(home.settings, day(1), "1"))
    assert publish.publish(run_of(home.settings, day(2), "2")) is None
    with writing(home.current()) as run:
        run("DELETE FROM questions")
    assert publish.publish(run_of(home.settings, day(3), "3"))
    assert query(home.current(), "SELECT count(*) FROM questions") == [(1,)]


def test_a_reader_that_holds_the_release_stops_nothing_and_is_named(anq, tmp_path):
    folder = tmp_path / "site"
    site(folder, {"17/QE": archive_of(question(17, "QE", 1))})
    options = ("--home", tmp_path / "home", "--source", folder)
    first = anq(*options, "run")
    assert first.exit_code == 0, first
    path = (tmp_path / "home/warehouse/current.duckdb").resolve()
    with writing(path):
        asked = anq(*options, "sql", "SELECT count(*) AS questions FROM questions", "-f", "csv")
        assert (asked.exit_code, asked.out) == (0, "questions\n1\n")
        assert f"{path} is open for writing by python" in asked.err
        assert "read_only=True" in asked.err
        assert anq(*options, "status").exit_code == 0
        site(folder, {"17/QE": archive_of(question(17, "QE", 1), question(17, "QE", 2))})
        second = anq(*options, "run")
        assert second.exit_code == 0, second
        assert "released" in second.out
    assert list((tmp_path / "home/warehouse").glob(".reading*")) == []
