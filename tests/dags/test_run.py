"""What a run does, through Airflow, on archives made for the test."""

import shutil

import duckdb
import pytest

from etl import catalogue
from etl.errors import GateError
from etl.run import questions
from etl.sample import write_sample
from tests import work

BROKEN = catalogue.archive(17, "QG")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A whole site of 300 questions."""
    directory = tmp_path_factory.mktemp("site")
    write_sample(directory, questions=300)
    return directory


@pytest.fixture
def home(tmp_path, monkeypatch, site):
    """An empty home, whose source is the site."""
    monkeypatch.setattr("etl.run.context.Checker", work.checker)
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANQ_SOURCE", str(site))
    return tmp_path / "home"


def loaded(home):
    """The archives in the release, and their questions."""
    with duckdb.connect(home / "warehouse/current.duckdb", read_only=True) as warehouse:
        query = "SELECT legislature || '/' || question_type, count(*) FROM questions GROUP BY ALL"
        return dict(warehouse.execute(query).fetchall())


def test_a_release_then_nothing_new(home, run_dag):
    first = run_dag(legislatures=[14, 17])
    assert first.state == "success"
    assert sum(loaded(home).values()) > 100
    [extra] = first.events
    assert extra["rows"]["questions"] == sum(loaded(home).values())
    assert len(extra["sources"]) == len(loaded(home))
    current = (home / "warehouse/current.duckdb").resolve()
    assert current.parent.name == extra["release"]

    again = run_dag(legislatures=[14, 17])
    assert (again.state, again.tasks["publish"], again.events) == ("success", "skipped", [])
    assert (home / "warehouse/current.duckdb").resolve() == current


def test_a_broken_archive_is_tried_again_and_the_others_are_released(home, run_dag, site, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged"
    shutil.copytree(site, damaged)
    archive = damaged / BROKEN.path
    archive.write_bytes(archive.read_bytes()[:-100])
    monkeypatch.setenv("ANQ_SOURCE", str(damaged))

    run = run_dag(legislatures=[16, 17])
    assert run.state == "failed"
    assert (run.tasks[BROKEN.name], run.tries[BROKEN.name]) == ("failed", 3)
    assert len(run.events) == 1
    assert BROKEN.name not in loaded(home)
    assert {"17/QE", "16/QG", "16/QE"} <= set(loaded(home))


def test_params_narrow_the_archives(home, run_dag):
    run = run_dag(legislatures=["17"], types=["QE"])
    beside = dict.fromkeys(["people", "journal"], "success")  # left out, though not skipped
    assert run.tasks == dict.fromkeys(["plan", "17/QE", "publish", "summary"], "success") | beside
    assert set(loaded(home)) == {"17/QE"}


def test_an_unknown_legislature_fails_at_once(home, run_dag):
    run = run_dag(legislatures=[3])
    assert (run.state, run.tasks["plan"], run.tries["plan"]) == ("failed", "failed", 1)
    assert not (home / "warehouse/current.duckdb").exists()


def test_an_archive_that_fails_its_check_is_held_back_alone(home, run_dag, monkeypatch):
    real, times = questions.prepare, set()

    def prepare(archive, run, **how):
        times.add((run.now, run.id))
        if archive == BROKEN:
            raise GateError(f"{archive.name}: a critical check failed")
        return real(archive, run, **how)

    monkeypatch.setattr(questions, "prepare", prepare)
    run = run_dag(legislatures=[16, 17], types=["QG"])
    assert run.state == "failed"
    assert (run.tasks[BROKEN.name], run.tries[BROKEN.name]) == ("failed", 1)
    assert (run.tasks["16/QG"], run.tasks["publish"], run.tasks["summary"]) == ("success", "success", "failed")
    assert len(run.events) == 1
    assert set(loaded(home)) == {"16/QG"}
    assert len(times) == 1
