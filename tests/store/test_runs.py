"""Runs on homes that are caches of one store: the release is that of a home of its own, whatever is lost or killed."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from etl.errors import AnqError
from etl.run import publish, questions
from etl.run.agreement import held, refuse_older
from etl.run.scopes import HOME, LAKE, of_archive
from etl.sample import write_sample
from etl.settings import Settings
from etl.store import kept, pull
from etl.store.bucket import bucket
from tests.e2e.command import Anq
from tests.e2e.driver import Days, keep_last
from tests.e2e.killed import started, wait_for
from tests.e2e.test_kill import appeared, is_whole, reads
from tests.store import driver
from tests.warehouse.days import TIMES, contents, day
from tests.work import run_of


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A site of the 17th legislature on two days."""
    folders = [tmp_path_factory.mktemp("site0"), tmp_path_factory.mktemp("site1")]
    for number, folder in enumerate(folders):
        write_sample(folder, questions=300, changes=2 * number)
        keep_last(folder)
    return folders


def rows(home: Path) -> dict[str, list[Any]]:
    return contents(home / "warehouse/current.duckdb", without=TIMES)


def test_lost_scratch_costs_time_only(
    store: str, tmp_path: Path, sites: list[Path], anq: Anq, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = []
    with monkeypatch.context() as patched:
        patched.delenv("ANQ_STORE")
        for site in sites:
            assert anq("--home", tmp_path / "alone", "--source", site, "run").exit_code == 0
            alone.append(rows(tmp_path / "alone"))
    assert alone[0] != alone[1]
    for number in range(2):
        said = anq("--home", tmp_path / f"scratch{number}", "--source", sites[number], "run")
        assert (said.exit_code, "released" in said.out) == (0, True), said
        assert rows(tmp_path / f"scratch{number}") == alone[number]
    said = anq("--home", tmp_path / "third", "--source", sites[1], "run")
    assert (said.exit_code, "nothing new" in said.out) == (0, True), said
    assert rows(tmp_path / "third") == alone[1]
    anq("--home", tmp_path / "scratch0", "pull")
    assert rows(tmp_path / "scratch0") == alone[1]
    assert anq("--home", tmp_path / "scratch0", "verify").exit_code == 0
    assert anq("--home", tmp_path / "fourth", "rollback").exit_code == 0
    anq("--home", tmp_path / "scratch0", "pull")
    assert rows(tmp_path / "scratch0") == alone[0]
    there = {path for path in bucket(store).objects() if path.startswith("lake/questions")}
    assert there == {
        str(path.relative_to(tmp_path / "third")) for path in (tmp_path / "third").glob("lake/questions*/*/*/*")
    }


def test_archives_prepared_by_several_and_published_by_another(
    store: str, tmp_path: Path, sites: list[Path], pool: object
) -> None:
    del pool  # it forks before there are threads
    homes = [Settings(tmp_path / f"worker{number}", str(sites[0])) for number in range(2)]
    prepared = {}
    for number, archive in enumerate(questions.plan(homes[0], [17])):
        run = run_of(homes[number % 2], day(0), "one")
        with kept(run.settings, of_archive(archive)):
            questions.prepare(archive, run)
            prepared[archive.name] = held(run.settings, archive.name)
    made = [{path.name for path in one.lake.glob("questions/*/*")} for one in homes]
    assert made == [{"question_type=QE", "question_type=QOSD"}, {"question_type=QG"}]
    publisher = run_of(Settings(tmp_path / "publisher", str(sites[0])), day(0), "one")
    with kept(publisher.settings, LAKE):
        refuse_older(publisher.settings, prepared)
        assert publish.publish(publisher)

    single = run_of(Settings(tmp_path / "single", str(sites[0])), day(0), "one")
    questions.prepare_all(questions.plan(single.settings, [17]), single)
    assert publish.publish(single)
    published, expected = (contents(run.settings.warehouse / "current.duckdb") for run in (publisher, single))
    assert published == expected


def test_a_lake_without_what_was_prepared_is_not_published(tmp_path: Path, sites: list[Path], pool: object) -> None:
    del pool
    runs = [run_of(Settings(tmp_path / f"worker{number}", str(sites[0])), day(0), "one") for number in range(2)]
    wanted = questions.plan(runs[0].settings, [17])
    for number, archive in enumerate(wanted):
        questions.prepare(archive, runs[number % 2])
    prepared = {archive.name: held(runs[number % 2].settings, archive.name) for number, archive in enumerate(wanted)}
    with pytest.raises(AnqError, match=rf"{wanted[1].name}: another worker has it.*ANQ_STORE"):
        refuse_older(runs[0].settings, prepared)
    refuse_older(runs[0].settings, {wanted[0].name: prepared[wanted[0].name]})
    later = replace(runs[0], now=day(1), settings=replace(runs[0].settings, source=str(sites[1])))
    questions.prepare(wanted[0], later)
    refuse_older(runs[0].settings, {wanted[0].name: prepared[wanted[0].name]})


def sent(url: str, pattern: str) -> Callable[[], bool]:
    """Whether there is an object that was not there before."""
    there = bucket(url)
    before = {path for path in there.objects() if pattern in path}

    def came() -> bool:
        time.sleep(0.05)  # the server has other things to do
        return bool({path for path in there.objects() if pattern in path} - before)

    return came


MOMENTS: dict[str, Callable[[Path, str], Callable[[], bool]]] = {
    "pulls": lambda home, _: appeared(home, "raw", "*"),
    "prepares": lambda home, _: appeared(home, "lake/sightings", "*/*/*"),
    "publishes": lambda home, _: appeared(home, "warehouse", ".candidate/anq.duckdb"),
    "sends files": lambda _, url: sent(url, "lake/questions/"),
    "sends the release": lambda _, url: sent(url, "release.part"),
    "has just ended": lambda _, url: sent(url, "release.json"),
}


@pytest.mark.parametrize(
    ("anywhere", "name"),
    [*(("s3", name) for name in MOMENTS), ("file", "sends files"), ("file", "has just ended")],
    indirect=["anywhere"],
)
def test_killed(anywhere: str, days: Days, tmp_path: Path, pool: Executor, name: str) -> None:
    shutil.copytree(days.root / "first", tmp_path / "first", symlinks=True)
    with kept(Settings(tmp_path / "first", ""), HOME):
        pass  # puts it into the store
    home, site = tmp_path / "home", str(days.sites[1])
    with started(driver.alone, home, site, 1) as process:
        assert wait_for(MOMENTS[name](home, anywhere), process)
    pull(Settings(tmp_path / "reader", ""), HOME)
    reads(tmp_path / "reader", [days.rows[0], days.rows[1]])
    driver.run(home, site, 1, pool)
    is_whole(home, days.rows[1])
    pull(Settings(tmp_path / "reader", ""), HOME)
    is_whole(tmp_path / "reader", days.rows[1])


def test_a_backup_is_restored_on_an_empty_machine(
    tmp_path: Path, sites: list[Path], anq: Anq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/team.md says, with a folder for a store."""
    place, backup = tmp_path / "store", tmp_path / "backup"
    place.mkdir()
    monkeypatch.setenv("ANQ_STORE", place.as_uri())
    assert anq("--home", tmp_path / "lost", "--source", sites[0], "run").exit_code == 0
    held = rows(tmp_path / "lost")
    subprocess.run(["cp", "-a", place, backup], check=True)
    for gone in place, tmp_path / "lost":
        subprocess.run(["rm", "-r", gone], check=True)
    subprocess.run(["cp", "-a", backup, place], check=True)
    home = tmp_path / "new"
    assert anq("--home", home, "pull").exit_code == 0
    assert anq("--home", home, "verify").out == "nothing is damaged\n"
    assert rows(home) == held
    said = anq("--home", home, "--source", sites[0], "run")
    assert (said.exit_code, "nothing new" in said.out) == (0, True)
    assert anq("--home", home, "--source", sites[1], "run").exit_code == 0
    assert rows(home) != held
