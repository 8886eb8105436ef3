"""The DAG `verify`: what it is, and that damage is red."""

from datetime import UTC, datetime

from etl.lake import markers
from tests.archives import archive_of, question, site
from tests.warehouse.days import day


def test_it_runs_on_sundays_at_three_in_paris(load_dag, next_run):
    assert next_run("verify", datetime(2026, 7, 2, tzinfo=UTC)).startswith("2026-07-05T01:00")
    dag = load_dag("verify")
    assert (dag.catchup, dag.max_active_runs, list(dag.task_dict)) == (False, 1, ["compare"])
    assert "`compare`" in dag.doc_md


def test_damage_is_red(home, tmp_path, run_dag, monkeypatch):
    monkeypatch.setenv("ANQ_HOME", str(home.settings.home))
    monkeypatch.setenv("ANQ_SOURCE", str(tmp_path / "site"))
    home.prepare(site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1))}), day(0))
    home.load(day(0))
    assert run_dag(dag="verify").state == "success"
    (path,) = markers.partition(home.settings.lake, (17, "QE")).files(home.settings.lake, "questions")
    path.write_bytes(path.read_bytes()[:-1])
    run = run_dag(dag="verify")
    assert (run.state, run.tries) == ("failed", {"compare": 1})
