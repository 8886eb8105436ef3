"""The DAG `journal`: what it is, and what a run does, through Airflow."""

from datetime import UTC, datetime

import duckdb
import pytest

from etl.catalogue import Issue
from etl.errors import AnqError, SourceError
from tests.tazes import answer, issue_of, put, question, redif


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site of one issue, and an empty home."""
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANQ_SOURCE", str(tmp_path / "site"))
    put(tmp_path / "site", Issue(2026, 10), issue_of(redif(question(1), answer(5, 7))))
    return tmp_path / "site"


def test_it_runs_on_wednesdays_at_six_in_paris(next_run):
    assert next_run("journal", datetime(2026, 7, 2, tzinfo=UTC)).startswith("2026-07-08T04:00")


def test_it_reads_prepare_publish_share_summary(load_dag):
    dag = load_dag("journal")
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "prepare": {"publish"},
        "publish": {"share"},
        "share": {"summary"},
        "summary": set(),
    }
    publish = dag.get_task("publish")
    assert (publish.pool, [asset.name for asset in publish.outlets]) == ("warehouse", ["warehouse"])
    assert (dag.catchup, dag.max_active_runs, dag.params.dump()) == (False, 1, {"force": False})
    assert [name for name in (*dag.task_dict, "force") if f"`{name}`" not in dag.doc_md] == []
    assert dag.doc_md.strip().startswith("The weekly issues")


@pytest.mark.parametrize(("error", "action"), [(SourceError("no"), "retry"), (AnqError("no"), "fail")])
def test_only_a_failed_source_is_tried_again(load_dag, error, action):
    tasks = load_dag("journal").tasks
    assert {task.retries for task in tasks} == {2}
    assert {task.retry_policy.evaluate(error, 1, 2).action.value for task in tasks} == {action}


def printed(site):
    with duckdb.connect(site.parent / "home/warehouse/current.duckdb", read_only=True) as warehouse:
        return warehouse.execute("SELECT issue, count(*) FROM journal_questions GROUP BY ALL ORDER BY ALL").fetchall()


def test_a_release_of_issues_then_nothing_new(site, run_dag):
    first = run_dag(dag="journal")
    assert first.state == "success"
    assert printed(site) == [("ANQ20260010", 3)]
    [extra] = first.events
    assert (extra["rows"]["joint_answers"], set(extra["sources"])) == (2, {"ANQ20260010"})
    again = run_dag(dag="journal")
    assert (again.state, again.tasks["publish"], again.events) == ("success", "skipped", [])


def test_a_broken_issue_does_not_keep_the_others_back(site, run_dag):
    put(site, Issue(2026, 11), b"?")
    put(site, Issue(2026, 12), issue_of(redif(question(2))))
    run = run_dag(dag="journal")
    assert run.state == "failed"
    assert run.tasks == {"prepare": "failed", "publish": "success", "share": "skipped", "summary": "failed"}
    assert run.tries["prepare"] == 3
    assert printed(site) == [("ANQ20260010", 3), ("ANQ20260012", 1)]
