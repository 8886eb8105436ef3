"""The DAG `people`: what it is, and what a run does, through Airflow."""

import re
import shutil
from datetime import UTC, datetime

import duckdb
import pytest

from etl import catalogue
from etl.errors import AnqError, GateError, SourceError
from etl.sample import write_sample


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A site of people alone."""
    directory = tmp_path_factory.mktemp("people")
    write_sample(directory, questions=0)
    return directory


@pytest.fixture
def home(tmp_path, monkeypatch, site):
    """An empty home, whose source is the site."""
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANQ_SOURCE", str(site))
    return tmp_path / "home"


def test_it_runs_on_mondays_at_half_past_five_in_paris(next_run):
    assert next_run("people", datetime(2026, 7, 1, tzinfo=UTC)).startswith("2026-07-06T03:30")


def test_it_reads_prepare_publish_share_summary(load_dag):
    dag = load_dag("people")
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "prepare": {"publish"},
        "publish": {"share"},
        "share": {"summary"},
        "summary": set(),
    }
    publish = dag.get_task("publish")
    assert (publish.pool, [asset.name for asset in publish.outlets]) == ("warehouse", ["warehouse"])
    assert (dag.catchup, dag.max_active_runs, dag.params.dump()) == (False, 1, {"force": False})


@pytest.mark.parametrize(
    ("error", "action"), [(SourceError("no"), "retry"), (GateError("no"), "fail"), (AnqError("no"), "fail")]
)
def test_only_a_failed_source_is_tried_again(load_dag, error, action):
    tasks = load_dag("people").tasks
    assert {task.retries for task in tasks} == {2}
    assert {task.retry_policy.evaluate(error, 1, 2).action.value for task in tasks} == {action}


@pytest.mark.parametrize("name", ["questions", "people", "journal", "backfill", "rollback", "housekeeping", "verify"])
def test_a_card_leads_to_nothing_that_the_ui_has_not(load_dag, name):
    assert not re.search(r"\]\((?!https?://)", load_dag(name).doc_md)


def test_each_dag_has_its_own_card(load_dag):
    cards = {name: load_dag(name).doc_md for name in ("questions", "people")}
    assert [name for name in (*load_dag("people").task_dict, "force") if f"`{name}`" not in cards["people"]] == []
    assert cards["people"].strip().startswith("Everyone in the Assembly")
    assert "Everyone in the Assembly" not in cards["questions"]


def test_a_release_of_people_then_nothing_new(home, run_dag):
    first = run_dag(dag="people")
    assert first.state == "success"
    with duckdb.connect(home / "warehouse/current.duckdb", read_only=True) as warehouse:
        [(deputies, questions)] = warehouse.execute(
            "SELECT (SELECT count(*) FROM deputies), count(*) FROM questions"
        ).fetchall()
    assert (deputies > 1_500, questions) == (True, 0)
    [extra] = first.events
    assert extra["rows"]["deputies"] == deputies
    assert set(extra["sources"]) == {"people"}
    again = run_dag(dag="people")
    assert (again.state, again.tasks["publish"], again.events) == ("success", "skipped", [])


def test_a_broken_archive_is_tried_again_and_nothing_is_released(home, run_dag, site, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged"
    shutil.copytree(site, damaged)
    archive = damaged / catalogue.people().path
    archive.write_bytes(archive.read_bytes()[:-100])
    monkeypatch.setenv("ANQ_SOURCE", str(damaged))
    run = run_dag(dag="people")
    assert (run.state, run.tasks["prepare"], run.tries["prepare"]) == ("failed", "failed", 3)
    assert run.tasks["publish"] == "upstream_failed"
    assert not (home / "warehouse/current.duckdb").exists()
