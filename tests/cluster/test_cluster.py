"""`make test-cluster`: workers that share no disk, through Airflow, Celery, PostgreSQL and a store, whatever befalls them."""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest

from etl.run import publish, questions, references
from etl.run.scopes import LAKE
from etl.sample import write_sample
from etl.settings import Settings
from etl.store import pull
from tests.cluster.cluster import WORKERS, Cluster, cluster, missing, wait_for
from tests.warehouse.days import TIMES, contents, day
from tests.work import run_of

Rows = dict[str, list[tuple[Any, ...]]]
if absent := missing():
    pytest.skip(f"not on this machine: {', '.join(absent)} (Debian: redis-server, postgresql)", allow_module_level=True)


class Source:
    """A site that changes from day to day, and what one machine makes of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site, self.day = folder, folder / "site", 0
        for number in range(4):
            write_sample(folder / f"day{number}", questions=1200, changes=3 * number)
        self.site.symlink_to("day0")

    def next(self) -> None:
        """Another day."""
        self.day += 1
        (self.folder / "next").symlink_to(f"day{self.day}")
        (self.folder / "next").replace(self.site)

    def on_one_machine(self) -> Rows:
        """The rows of a home of its own after the same days."""
        run = run_of(
            Settings(self.folder / "single", str(self.folder / f"day{self.day}")), day(self.day), str(self.day)
        )
        questions.prepare_all(questions.plan(run.settings), run)
        references.prepare_people(run)
        references.prepare_journal(run)
        publish.publish(run)
        return contents(run.settings.warehouse / "current.duckdb", without=TIMES)


@pytest.fixture(scope="module")
def source(pool: Executor) -> Iterator[Source]:
    del pool  # it forks before there are threads
    folder = Path(tempfile.mkdtemp(prefix="anq-cluster-"))
    folder.chmod(0o755)
    yield Source(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def team(source: Source) -> Iterator[Cluster]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    (source.folder / "cluster").mkdir()
    with cluster(source.folder / "cluster", source.site) as up:
        up.airflow("dags", "unpause", "questions")
        yield up


def released(team: Cluster, source: Source, monkeypatch: pytest.MonkeyPatch) -> Rows:
    """The rows of the store's current release, as a reader pulls it."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "ANQ_STORE"):
        monkeypatch.setenv(name, team.environment[name])
    reader = Settings(source.folder / "reader", "")
    pull(reader, LAKE)
    return contents(reader.warehouse / "current.duckdb", without=TIMES)


def test_a_first_release(team: Cluster, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    [[first]] = wait_for("a run", lambda: team.ask("SELECT run_id FROM dag_run WHERE dag_id = 'questions'"), 120)
    assert team.end_of(str(first)) == "success", team.why(str(first))
    assert {host for _, host in team.tasks(str(first)).values()} >= set(WORKERS)
    assert released(team, source, monkeypatch) == source.on_one_machine()


def test_the_first_release_was_told_as_lineage(team: Cluster) -> None:
    done = [event for event in team.lineage if event["eventType"] == "COMPLETE"]

    def names(task: str, way: str) -> set[frozenset[tuple[str, str]]]:
        told = [event[way] for event in done if event["job"]["name"] == f"questions.{task}"]
        return {frozenset((one["namespace"], one["name"]) for one in datasets) for datasets in told}

    [lake] = names("publish", "inputs")
    assert names("publish", "outputs") == {frozenset({("anq", "warehouse/current.duckdb")})}
    assert names("share", "inputs") <= {frozenset({("anq", "warehouse/current.duckdb")})}
    prepared = ("prepare", "people", "journal")
    assert {one for task in prepared for one in names(task, "outputs")} == {frozenset({one}) for one in lake}
    assert ("anq", "lake/17/QE") in lake
    assert frozenset({("anq", "source/17/QE")}) in names("prepare", "inputs")


def test_a_worker_is_killed_in_mid_task(team: Cluster, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    before = released(team, source, monkeypatch)
    source.next()
    team.airflow("dags", "trigger", "questions", "--run-id", "killed")

    def at_work() -> str | None:
        tasks = team.tasks("killed")
        return next(
            (host for name, (state, host) in tasks.items() if name.startswith("prepare") and state == "running"), None
        )

    worker = wait_for("a task", at_work, 120)
    team.kill(worker)
    assert team.end_of("killed") in ("success", "failed")
    expected = source.on_one_machine()
    assert len(released(team, source, monkeypatch)["questions"]) == len(before["questions"])
    team.start_worker(worker)
    assert team.run("after-the-kill") == "success", team.why("after-the-kill")
    assert released(team, source, monkeypatch) == expected


def test_the_database_restarts(team: Cluster, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    source.next()
    team.airflow("dags", "trigger", "questions", "--run-id", "restarted")
    wait_for("a task", lambda: any(state == "running" for state, _ in team.tasks("restarted").values()), 120)
    team.postgres("restart")
    team.end_of("restarted")
    assert team.run("after-the-restart") == "success", team.why("after-the-restart")
    assert released(team, source, monkeypatch) == source.on_one_machine()


def test_the_store_answers_503_for_a_minute(team: Cluster, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    source.next()
    team.airflow("dags", "trigger", "questions", "--run-id", "503")
    wait_for("a task", lambda: any(state == "running" for state, _ in team.tasks("503").values()), 120)
    back = time.monotonic() + 60
    team.store.fault = lambda *_: (503, "SlowDown") if time.monotonic() < back else None
    assert team.end_of("503") == "success", team.why("503")
    assert released(team, source, monkeypatch) == source.on_one_machine()
