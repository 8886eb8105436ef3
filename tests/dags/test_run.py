"""What a run does, through Airflow, on archives made for the test."""

import json
import shutil
from datetime import timedelta

import duckdb
import pytest

from etl import catalogue
from etl.errors import GateError
from etl.run import questions
from etl.sample import write_sample
from tests.listeners import TOKEN, web_hook

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
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANQ_SOURCE", str(site))
    return tmp_path / "home"


@pytest.fixture
def hook(monkeypatch):
    """Who is told, as the Airflow connection says."""
    with web_hook() as listener:
        connection = {"conn_type": "generic", "password": listener.address}
        monkeypatch.setenv("AIRFLOW_CONN_ANQ_NOTIFY", json.dumps(connection))
        yield listener


def loaded(home):
    """The archives in the release, and their questions."""
    with duckdb.connect(home / "warehouse/current.duckdb", read_only=True) as warehouse:
        query = "SELECT legislature || '/' || question_type, count(*) FROM questions GROUP BY ALL"
        return dict(warehouse.execute(query).fetchall())


def test_a_release_then_nothing_new(home, run_dag):
    first = run_dag(legislatures=[14, 17], types=["QE"])
    assert first.state == "success"
    assert sum(loaded(home).values()) > 100
    [extra] = first.events
    assert extra["rows"]["questions"] == sum(loaded(home).values())
    assert len(extra["sources"]) == len(loaded(home))
    current = (home / "warehouse/current.duckdb").resolve()
    assert current.parent.name == extra["release"]

    again = run_dag(legislatures=[14, 17], types=["QE"])
    assert (again.state, again.tasks["publish"], again.events) == ("success", "skipped", [])
    assert (home / "warehouse/current.duckdb").resolve() == current


def test_a_broken_archive_is_tried_again_told_and_the_others_are_released(
    home, run_dag, site, tmp_path, monkeypatch, hook, caplog
):
    damaged = tmp_path / "damaged"
    shutil.copytree(site, damaged)
    archive = damaged / BROKEN.path
    archive.write_bytes(archive.read_bytes()[:-100])
    monkeypatch.setenv("ANQ_SOURCE", str(damaged))

    run = run_dag(legislatures=[17])
    assert run.state == "failed"
    assert (run.tasks[BROKEN.name], run.tries[BROKEN.name]) == ("failed", 3)
    assert len(run.events) == 1
    assert set(loaded(home)) == {"17/QE", "17/QOSD"}
    [(title, text)] = hook.take()
    assert title == "anq: failed 17/QG"
    assert text.startswith("17/QG: ")
    assert "are not a whole zip" in text
    assert "(failure 3: " in text
    assert TOKEN not in caplog.text

    monkeypatch.setenv("ANQ_SOURCE", str(site))
    assert run_dag(legislatures=[17]).state == "success"
    [(title, _)] = hook.take()
    assert title == "anq: mended 17/QG"


def test_a_release_that_cannot_be_shared_stays_and_the_next_run_shares_it(home, run_dag, tmp_path, monkeypatch, hook):
    public = tmp_path / "public"
    public.write_text("in the way")
    monkeypatch.setenv("ANQ_PUBLISH", str(public))
    run = run_dag(legislatures=[17], types=["QG"])
    assert (run.state, run.tasks["publish"], run.tasks["share"], run.tries["share"]) == (
        "failed",
        "success",
        "failed",
        1,
    )
    assert len(run.events) == 1
    [(title, text)] = hook.take()
    assert title == "anq: failed share"
    assert f"{public} cannot be made" in text

    public.unlink()
    run = run_dag(legislatures=[17], types=["QG"])
    assert (run.state, run.tasks["publish"], run.tasks["share"]) == ("success", "skipped", "success")
    latest = json.loads((public / "latest.json").read_bytes())
    assert latest["release"] == (home / "warehouse/current.duckdb").resolve().parent.name
    assert [title for title, _ in hook.take()] == ["anq: mended share"]


def test_params_narrow_the_archives(home, run_dag):
    run = run_dag(legislatures=["17"], types=["QE"], accept=None)  # as the form has them, one left empty
    beside = dict.fromkeys(["people", "journal"], "success")  # left out, though not skipped
    assert run.tasks == dict.fromkeys(["plan", "17/QE", "publish", "summary"], "success") | beside | {
        "share": "skipped"
    }
    assert set(loaded(home)) == {"17/QE"}


def test_an_unknown_legislature_fails_at_once_and_is_told(home, run_dag, hook):
    run = run_dag(legislatures=[3])
    assert (run.state, run.tasks["plan"], run.tries["plan"]) == ("failed", "failed", 1)
    assert not (home / "warehouse/current.duckdb").exists()
    [(title, text)] = hook.take()
    assert title == "anq: failed questions.plan"
    assert "no legislature 3 in the catalogue" in text


def test_a_run_that_fails_before_it_is_told_of_is_told_of_all_the_same(home, run_dag, monkeypatch, hook):
    monkeypatch.setattr("etl.run.summary.summarise", lambda *_: 1 / 0)
    run = run_dag(legislatures=[3])
    assert (run.state, run.tasks["summary"]) == ("failed", "failed")
    [(title, text)] = hook.take()
    assert title == "anq: failed questions"
    assert "questions: the DAG's run failed before its summary: " in text


def test_a_task_that_is_killed_is_told(home, run_dag, monkeypatch, hook):
    def die(*_, **__):
        raise SystemExit("killed")  # leaves no word, as a kill does not

    monkeypatch.setattr(questions, "prepare", die)
    run = run_dag(legislatures=[14], types=["QE"])
    assert (run.state, run.tasks["14/QE"], run.tasks["summary"]) == ("failed", "failed", "failed")
    [(title, text)] = hook.take()
    assert title == "anq: failed questions.prepare_0"
    assert "questions.prepare_0: its task failed or was killed" in text


def test_a_run_that_is_not_finished_in_time_is_told(home, monkeypatch, hook):
    """By the process that Airflow starts for it, less the fork: the function is found by its name."""
    import common
    from airflow.sdk.definitions.deadline import DeadlineReference
    from airflow.sdk.execution_time.callback_supervisor import execute_callback
    from structlog import get_logger

    assert common.deadline() is None
    monkeypatch.setenv("ANQ_DEADLINE_HOURS", "4")
    alert = common.deadline()
    assert (alert.reference, alert.interval) == (DeadlineReference.DAGRUN_QUEUED_AT, timedelta(hours=4))
    context = {"dag_run": {"dag_id": "questions", "dag_run_id": "scheduled__2026-11-28"}}
    kwargs = alert.callback.kwargs | {"context": context}
    done = execute_callback(alert.callback.path, kwargs, "questions.py", common.__file__, get_logger())
    assert done == (True, None)
    [(title, text)] = hook.take()
    assert title == "anq: not finished questions"
    assert "questions: its run is not finished 4 hours after it was queued" in text
    assert "Run scheduled__2026-11-28" in text


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
