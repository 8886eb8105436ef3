"""The DAG `housekeeping`: what it is, and what a run removes, through Airflow."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.catalogue import archive
from etl.fetch import fetch
from etl.settings import Settings
from tests.archives import archive_of, question, site
from tests.pruned import pruned

LONG_AGO = datetime(2026, 1, 4, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A home into which two states of an archive came long ago."""
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    settings = Settings(tmp_path / "home", str(tmp_path / "site"))
    for number in (1, 2):
        site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", number))})
        fetch(archive(17, "QE"), settings, LONG_AGO)
    return settings


def test_it_runs_on_sundays_at_four_in_paris(next_run):
    assert next_run("housekeeping", datetime(2026, 7, 2, tzinfo=UTC)).startswith("2026-07-05T02:00")


def test_it_reads_prune_clean_database(load_dag):
    dag = load_dag("housekeeping")
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "prune": {"clean_database"},
        "clean_database": set(),
    }
    assert (dag.get_task("prune").pool, dag.catchup, dag.max_active_runs) == ("warehouse", False, 1)
    assert [name for name in dag.task_dict if f"`{name}`" not in dag.doc_md] == []


def test_a_run_removes_what_is_old(settings, run_dag, load_dag, monkeypatch):
    from airflow.models.log import Log
    from airflow.settings import Session
    from sqlalchemy import func, select

    load_dag("housekeeping")  # so that there is a database
    log = Path(os.environ["AIRFLOW_HOME"]) / "logs/dag_id=questions/run_id=1/task_id=plan/attempt=1.log"
    log.parent.mkdir(parents=True)
    log.touch()
    os.utime(log, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    with Session() as session:
        session.add(Log(event="long ago"))
        session.flush()
        session.execute(Log.__table__.update().where(Log.event == "long ago").values(dttm=LONG_AGO))
        session.commit()
    # as a task has it whom the scheduler starts
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
    run = run_dag(dag="housekeeping")
    assert run.tasks == {"prune": "success", "clean_database": "success"}
    assert len(pruned(settings)) == len(list(settings.raw.glob("*.zip"))) == 1
    assert not log.parent.exists()
    with Session() as session:
        assert session.scalar(select(func.count()).select_from(Log).where(Log.event == "long ago")) == 0
