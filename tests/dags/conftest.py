"""Airflow in a folder of its own: the environment is set here, for Airflow reads it at its import."""

import atexit
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

DAGS = Path(__file__).parents[2] / "dags"
AIRFLOW_HOME = tempfile.mkdtemp(prefix="anq-airflow-")
atexit.register(shutil.rmtree, AIRFLOW_HOME, ignore_errors=True)
SETTINGS = (DAGS.parent / "airflow.env").read_text().splitlines()
BUNDLES = [  # one a DAG: a run through `dag.test` brings all of its DAG's bundle into Airflow's database
    {
        "name": path.stem,
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(path)},
    }
    for path in DAGS.glob("*.py")
    if path.stem != "common"
]
sys.path.insert(0, str(DAGS))  # as Airflow does, so that DAGs find common.py
os.environ.update(line.split("=", 1) for line in SETTINGS if "=" in line)
os.environ.update(
    AIRFLOW_HOME=AIRFLOW_HOME,
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__MAX_TASK_RETRY_DELAY="0",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{AIRFLOW_HOME}/airflow.db",
    AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
)


@dataclass(frozen=True)
class Run:
    """How a run ended: its state, each task's state and tries, and the extra of each asset event."""

    state: str
    tasks: dict
    tries: dict
    events: list


@pytest.fixture(scope="session")
def load_dag():
    """A DAG as its file says, fresh at each call: `dag.test` writes a run's Params into the DAG."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()

    def load(name="questions"):
        bag = DagBag(str(DAGS))
        assert not bag.import_errors
        return bag.dags[name]

    return load


@pytest.fixture(scope="session")
def run_dag(load_dag):
    """Runs a DAG through Airflow, without the wait between tries."""
    from airflow import settings
    from airflow.models.asset import AssetEvent
    from sqlalchemy import select

    def run(dag="questions", **params):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", json.dumps(BUNDLES))
            patch.setattr("time.sleep", lambda _, sleep=time.sleep: sleep(0.01))  # a second between two looks at tasks
            done = load_dag(dag).test(run_conf=params)
        tasks = {ti.rendered_map_index or ti.task_id: ti for ti in done.get_task_instances()}
        with settings.Session() as session:
            events = session.scalars(select(AssetEvent).where(AssetEvent.source_run_id == done.run_id)).all()
        return Run(
            str(done.state),
            {name: str(ti.state) for name, ti in tasks.items()},
            {name: ti.try_number for name, ti in tasks.items()},
            [event.extra for event in events],
        )

    return run


@pytest.fixture(scope="session")
def next_run(load_dag):
    """When a DAG next runs after a moment: its instant in UTC, as ISO has it."""
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    def after(name, moment):
        timetable = coerce_to_core_timetable(load_dag(name).timetable)
        restriction = TimeRestriction(earliest=moment, latest=None, catchup=True)
        return timetable.next_dagrun_info(
            last_automated_data_interval=None, restriction=restriction
        ).run_after.isoformat()

    return after
