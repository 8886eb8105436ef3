"""What `anq prune` removes, and what it leaves: by files of a home that lived through some days."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from etl.catalogue import Issue, archive
from etl.fetch import fetch, latest, manifest
from etl.fetch.documents import folder as documents_folder
from etl.fetch.pruned import note
from etl.files.aside import write_aside
from etl.files.lock import locked
from etl.lake import decisions, markers
from etl.run.prune import KEEP_LOGS, KEEP_REPORTS, LOG_ENDS, Freed, Pruning, lines
from etl.settings import Settings
from etl.warehouse import release as releases
from tests.archives import archive_of, question, site
from tests.e2e.command import Anq
from tests.pruned import pruned
from tests.tazes import issue_of, put, redif
from tests.tazes import question as printed
from tests.warehouse.days import Home, day

QE = archive(17, "QE")


def pruning(home: Home, number: int = 0, **how: object) -> Pruning:
    """Of a day, with nothing kept for its age."""
    logs = home.settings.home / "airflow" / "logs"
    return Pruning(settings=home.settings, now=day(number), logs=logs, **{"keep_raw": 0, **how})


def freed(pruned: list[Freed]) -> dict[str, int]:
    """By kind, how many paths; without those of which there are none."""
    return {one.kind: len(one.paths) for one in pruned if one.paths}


def zips(home: Home) -> set[str]:
    return {path.stem for path in home.settings.raw.glob("*.zip")}


@pytest.fixture
def publish(home: Home, tmp_path: Path):
    """Takes a day's archive into the lake; gives the name of its file."""

    def take(number: int, *numbers: int, into_lake: bool = True) -> str:
        nodes = [question(17, "QE", one, rubrique=f"day {number}") for one in numbers]
        site(tmp_path / "site", {"17/QE": archive_of(*nodes)})
        home.settings = Settings(home.settings.home, str(tmp_path / "site"))
        if into_lake:
            home.prepare(tmp_path / "site", day(number))
        else:
            fetch(QE, home.settings, day(number))
        last = latest(QE, home.settings)
        assert last
        return last.sha256

    return take


def test_an_archive_that_nothing_needs_goes_once_it_is_old(home: Home, publish) -> None:
    old, recent, last = (publish(number, 1) for number in (0, 5, 9))
    rows = manifest.rows(home.settings)
    size = rows[0].path(home.settings).stat().st_size
    done = pruning(home, 10, keep_raw=7).run()
    assert (freed(done), sum(one.bytes for one in done)) == ({"raw": 1}, size)
    assert zips(home) == {recent, last}
    assert pruned(home.settings) == {old}
    assert manifest.rows(home.settings) == rows
    assert freed(pruning(home, 10, keep_raw=7).run()) == {}


def test_what_may_be_read_again_stays(home: Home, publish) -> None:
    publish(0, 1)
    in_lake, in_doubt, accepted = publish(1, 1), *(publish(number, 1, into_lake=False) for number in (2, 3))
    publish(4, 1, into_lake=False)
    last = publish(5, 1, into_lake=False)
    lake = home.settings.lake
    decided = {"archive": "17/QE", "run_id": "1", "fetched_at": day(2)}
    decisions.hold_back(lake, decisions.HeldBack(**decided, held_since=day(2), source_sha256=in_doubt, rules=[]))
    decisions.accept(
        lake,
        decisions.Acceptance(
            archive="17/QE", rule="r", accepted_at=day(3), accepted_by="me", why="so", source_sha256=accepted,
            until_day=None, set_aside=False,
        ),
    )  # fmt: skip
    pruning(home, 9).run()
    assert zips(home) == {in_lake, in_doubt, accepted, last}


def test_the_record_of_a_question_that_vanished_or_was_set_aside_stays(home: Home, tmp_path: Path, publish) -> None:
    publish(0, 1)
    vanished, good = publish(1, 1, 2), publish(2, 1, 9)
    bad = archive_of(question(17, "QE", 1, rubrique="day 3"), question(17, "QE", 9, uid="QANR5L17QE8"))
    site(tmp_path / "site", {"17/QE": bad})
    home.prepare(tmp_path / "site", day(3))
    set_aside = latest(QE, home.settings)
    nodes = (question(17, "QE", 1, rubrique="day 4"), question(17, "QE", 9, uid="QANR5L17QE8"))
    site(tmp_path / "site", {"17/QE": archive_of(*nodes)})
    home.prepare(tmp_path / "site", day(4))
    last = latest(QE, home.settings)
    assert set_aside and last
    pruning(home, 9).run()
    assert zips(home) == {vanished, good, set_aside.sha256, last.sha256}


def test_issues_and_single_documents_stay(home: Home, tmp_path: Path, publish) -> None:
    publish(0, 1)
    for number, text in enumerate(("a", "b")):
        put(tmp_path / "site", Issue(2026, 10), issue_of(redif(printed(1, text=text))))
        fetch(Issue(2026, 10), home.settings, day(number), force=True)
    write_aside(documents_folder(home.settings) / "0123", b"a question")
    assert freed(pruning(home, 99).run()) == {}


def test_an_archive_that_came_again_counts_as_there(home: Home, publish) -> None:
    first = publish(0, 1)
    publish(1, 1)
    pruning(home, 2).run()
    assert pruned(home.settings) == {first}
    row = manifest.rows(home.settings)[0]
    fetched = manifest.Download(**{**vars(row), "fetched_at": day(3)})
    manifest.append(fetched, home.settings)
    assert pruned(home.settings) == set()


def test_a_kill_between_note_and_removal_is_made_good(home: Home, publish) -> None:
    first = publish(0, 1)
    publish(1, 1)
    note(manifest.rows(home.settings)[0], home.settings, day(2))
    assert freed(pruning(home, 3).run()) == {"raw": 1}
    assert pruned(home.settings) == {first}


def test_killed_at_any_moment(home: Home, publish) -> None:
    for number in range(40):
        last = publish(number, number + 1, into_lake=False)
    names = {row.sha256 for row in manifest.rows(home.settings)}
    for late in (0, 0.01, 0.05):
        there = zips(home)
        process = multiprocessing.get_context("fork").Process(target=pruning(home, 50).run)
        process.start()
        while zips(home) == there and process.is_alive():
            time.sleep(0.0005)
        time.sleep(late)
        process.kill()
        process.join()
        assert names == zips(home) | pruned(home.settings)
    pruning(home, 50).run()
    assert zips(home) == {last}
    assert pruned(home.settings) == names - {last}


def test_an_archive_that_a_run_reads_is_waited_for(home: Home, publish) -> None:
    first = publish(0, 1)
    publish(1, 1)
    for path in (home.settings.lake / ".17-QE.lock", home.settings.raw / ".17-QE.lock"):
        with locked(path):
            thread = threading.Thread(target=pruning(home, 2).run)
            thread.start()
            time.sleep(0.3)
            assert first in zips(home)
        thread.join()
        assert first not in zips(home)
        publish(0, 1)
        publish(1, 1)


def test_releases_beyond_those_that_are_kept_go_and_never_the_current_one(home: Home, publish) -> None:
    names = []
    for number in range(4):
        publish(number, 1)
        names.append(home.load(day(number)).name)
    releases.rollback(home.settings.warehouse, names[0])
    (home.settings.warehouse / ".candidate").mkdir()
    done = pruning(home, 0, keep_releases=1, keep_raw=99).run()
    assert freed(done) == {"releases": 3}  # one of them what a killed load left
    assert [one.name for one in releases.releases(home.settings.warehouse)] == [names[0], names[3]]
    assert releases.current_name(home.settings.warehouse) == names[0]


def aged(path: Path, home: Home, days: int, size: int = 5) -> Path:
    """A file that was last written so many days before day 0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    when = (day(0) - timedelta(days=days)).timestamp()
    os.utime(path, (when, when))
    return path


def test_old_reports_logs_and_leftovers_go(home: Home) -> None:
    root, logs = home.settings.home, home.settings.home / "airflow/logs"
    gone = [
        aged(home.settings.reports / "runs/1.html", home, KEEP_REPORTS),
        aged(home.settings.reports / "runs/1.json", home, KEEP_REPORTS),
        aged(logs / "dag_id=questions/run_id=1/task_id=plan/attempt=1.log", home, KEEP_LOGS),
        aged(home.settings.lake / "ops/1/.17_QE.json.123.part", home, 1),
    ]
    kept = [
        aged(home.settings.reports / "runs/2.html", home, KEEP_REPORTS - 1),
        aged(home.settings.reports / "index.html", home, 9999),
        aged(logs / "dag_id=questions/run_id=2/task_id=plan/attempt=1.log", home, KEEP_LOGS - 1),
        aged(home.settings.raw / "17-QE.json.part", home, 9999),  # the next run goes on from it
        aged(home.settings.lake / "ops/2/.17_QE.json.123.part", home, 0),
        aged(root / "export/.a.1.part", home, 9999),
    ]
    assert freed(pruning(home, dry_run=True).run()) == {"reports": 2, "logs": 1, "leftovers": 1}
    assert all(path.exists() for path in gone)
    assert freed(pruning(home).run()) == {"reports": 2, "logs": 1, "leftovers": 1}
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert sorted(path.name for path in (logs / "dag_id=questions").iterdir()) == ["run_id=2"]


def test_of_a_long_log_that_is_written_to_the_end_stays(home: Home) -> None:
    log = aged(home.settings.home / "airflow/logs/scheduler.log", home, 0, size=11 * LOG_ENDS)
    with log.open("ab") as writing:
        writing.write(b"before\n")
        writing.flush()
        done = pruning(home).run()
        writing.write(b"after\n")
    assert freed(done) == {"logs": 1}
    assert sum(one.bytes for one in done) == 10 * LOG_ENDS + 7
    assert (log.stat().st_size, log.read_bytes()[-13:]) == (LOG_ENDS + 6, b"before\nafter\n")


def test_a_dry_run_names_what_would_go_and_leaves_it(home: Home, publish) -> None:
    first = publish(0, 1)
    publish(1, 1)
    said = list(lines(pruning(home, 2, dry_run=True)))
    assert said[0] == str(home.settings.raw / f"{first}.zip")
    assert said[-1].endswith(" would be freed; nothing was removed")
    assert first in zips(home)
    assert pruned(home.settings) == set()
    assert said[1:-1] == list(lines(pruning(home, 2)))[:-1]


def test_a_home_goes_on_after_the_command(anq: Anq, tmp_path: Path) -> None:
    options = ("--home", tmp_path / "home", "--source", tmp_path / "site")
    asked = [question(17, "QE", number) for number in range(1, 25)]
    for last in (23, 24):
        site(tmp_path / "site", {"17/QE": archive_of(*asked[:last])})
        assert anq(*options, "run").exit_code == 0
    done = anq(*options, "prune", "--keep-raw", "0", "--keep-releases", "0")
    assert done.exit_code == 0, done.err
    assert [line.split()[:2] for line in done.out.splitlines()[:2]] == [["releases", "1"], ["raw", "1"]]
    assert anq(*options, "prune", "--keep-raw", "0").out.endswith("0 bytes freed\n")
    assert "nothing new" in anq(*options, "run").out
    assert anq(*options, "run", "--force").exit_code == 0
    lake = Settings(tmp_path / "home", "").lake
    assert markers.partitions(lake)[0].rows["questions"] == 24
