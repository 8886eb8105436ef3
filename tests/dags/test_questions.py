"""What the DAG is: its file, its timetable, its Params, and what is tried again."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from etl.catalogue import TYPES
from etl.errors import AnqError, GateError, SourceError, UsageError
from tests.dags.conftest import DAGS

IMPORTED = """
import importlib.util, json, sys
from pathlib import Path
sys.path.insert(0, str(Path(sys.argv[1]).parent))
before = set(sys.modules)
for file in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("a_dag", file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_importing_the_files_imports_nothing_heavy():
    files = [DAGS / f"{name}.py" for name in ("questions", "people", "journal", "backfill", "rollback")]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stdout.splitlines()[-1]))
    provider = {"etl.run", "etl.run.lineage"}  # Airflow asks it about the asset's address
    assert {name for name in imported if name.split(".")[0] == "etl"} == {
        "etl",
        "etl.catalogue",
        "etl.errors",
    } | provider
    assert not imported & {"great_expectations", "duckdb", "pyarrow", "pandas", "lxml"}


@pytest.mark.parametrize(
    ("after", "utc"),
    [
        (datetime(2026, 1, 15, 12, tzinfo=UTC), "2026-01-16T05:30"),
        (datetime(2026, 7, 1, tzinfo=UTC), "2026-07-01T04:30"),
    ],
)
def test_it_runs_at_half_past_six_in_paris_in_winter_and_in_summer(next_run, after, utc):
    assert next_run("questions", after).startswith(utc)


def test_one_run_at_a_time_and_none_caught_up(load_dag):
    dag = load_dag()
    assert (dag.catchup, dag.max_active_runs) == (False, 1)


def test_it_reads_plan_prepare_publish_share_summary(load_dag):
    dag = load_dag()
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "plan": {"prepare", "people", "journal"},
        "prepare": {"publish"},
        "people": {"publish"},
        "journal": {"publish"},
        "publish": {"share"},
        "share": {"summary"},
        "summary": set(),
    }


def test_one_writer_of_the_warehouse_and_its_outlet(load_dag):
    publish = load_dag().get_task("publish")
    assert (publish.pool, publish.pool_slots) == ("warehouse", 1)
    assert [asset.name for asset in publish.outlets] == ["warehouse"]


def test_params(load_dag):
    assert load_dag().params.dump() == {"legislatures": [], "types": [], "force": False, "accept": []}


def test_the_form_offers_what_the_catalogue_knows(load_dag):
    params = load_dag().params
    legislatures, types = (params.get_param(name).schema for name in ("legislatures", "types"))
    assert legislatures["examples"] == [14, 15, 16, 17]
    assert legislatures["values_display"].keys() == {"14", "15", "16", "17"}
    assert types["examples"] == types["items"]["enum"] == list(TYPES)
    assert types["values_display"].keys() == set(TYPES)


@pytest.mark.parametrize(
    "wrong", [{"types": ["QM"]}, {"legislatures": ["XVII"]}, {"force": "yes"}, {"accept": [{"archive": "17/QE"}]}]
)
def test_params_refuse_what_is_no_such_thing(load_dag, wrong):
    from airflow.sdk.exceptions import ParamValidationError

    params = load_dag().params
    with pytest.raises(ParamValidationError):
        params.update(wrong)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (SourceError("the source failed"), "retry"),
        (GateError("a check failed"), "fail"),
        (UsageError("no such archive"), "fail"),
        (AnqError("ours"), "fail"),
        (ValueError("a bug"), "fail"),
    ],
)
def test_only_a_failed_source_is_tried_again(load_dag, error, action):
    tasks = load_dag().tasks
    assert {task.retries for task in tasks} == {2}
    assert {task.retry_policy.evaluate(error, 1, 2).action.value for task in tasks} == {action}


def test_its_card_tells_of_every_task_param_and_failure(load_dag):
    dag = load_dag()
    told = [*dag.task_dict, *dag.params]
    assert [name for name in told if f"`{name}`" not in dag.doc_md] == []
    assert all(f"\n| {error.exit_code} | " in dag.doc_md for error in (AnqError, UsageError, SourceError, GateError))
