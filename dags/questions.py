"""The DAG `questions`: plan the archives, prepare each of them, publish one release, sum the run up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import (
    Asset,
    Context,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from etl.errors import AnqError, GateError, SourceError

CARD = (
    Path(__file__)
    .with_name("README.md")
    .read_text(encoding="utf-8")
    .partition("\n## questions\n")[2]
    .partition("\n## ")[0]
)
WAREHOUSE = Asset(name="warehouse", uri="anq://warehouse/current.duckdb")
SOURCE_FAILED = "source_failed"


def advise(context: Context) -> None:
    """Log why a task failed, the kind of failure, and where the operator reads what to do."""
    error = context["exception"]
    code = error.exit_code if isinstance(error, AnqError) else AnqError.exit_code
    bug = error if isinstance(error, BaseException) and not isinstance(error, AnqError) else None
    log = logging.getLogger("questions")
    log.error("%s (failure %d: see dags/README.md)", error, code, exc_info=bug)


def this_run() -> dict[str, Any]:
    """What every step is given: the settings, the run's id, and its start as the one time of its tasks."""
    from etl.settings import Settings

    context = get_current_context()
    now = context["dag_run"].start_date
    return {"settings": Settings.from_env(), "run_id": context["run_id"], "now": now}


@task
def plan() -> list[dict[str, Any]]:
    """List the archives to look at, as the Params narrow them; one that just opened is among them."""
    from etl import steps

    params = get_current_context()["params"]
    archives = steps.plan(this_run()["settings"], params["legislatures"], params["types"])
    return [asdict(archive) for archive in archives]


@task(
    map_index_template="{{ task.op_kwargs.archive.legislature }}/{{ task.op_kwargs.archive.question_type }}",
    max_active_tis_per_dagrun=2,
)
def prepare(archive: dict[str, Any]) -> dict[str, Any]:
    """Fetch, parse, normalise and check one archive, into the lake; only a failed source is tried again."""
    from etl import steps
    from etl.catalogue import Archive

    context = get_current_context()
    wanted = Archive(**archive)
    try:
        return steps.prepare(wanted, force=context["params"]["force"], **this_run()).to_dict()
    except SourceError:
        context["ti"].xcom_push(SOURCE_FAILED, wanted.name)
        raise


@task(outlets=[WAREHOUSE], pool="warehouse", trigger_rule="all_done_min_one_success")
def publish(outcomes: Sequence[dict[str, Any]]) -> None:
    """Load what changed and swap the release in: without archives whose source failed, never past a check."""
    from etl import steps
    from etl.catalogue import Archive

    context = get_current_context()
    planned = {Archive(**archive).name for archive in context["ti"].xcom_pull("plan")}
    prepared = {outcome["archive"] for outcome in outcomes[:]}
    source_failed = set(context["ti"].xcom_pull(["prepare"], key=SOURCE_FAILED))
    if stopped := sorted(planned - prepared - source_failed):
        raise GateError(f"no release, for {', '.join(stopped)} did not pass: mend that, then clear its task")
    failed = planned != prepared
    release = steps.publish(force=context["params"]["force"], failed=failed, **this_run())
    if release is None:
        raise AirflowSkipException("nothing new: the last release stays")
    context["outlet_events"][WAREHOUSE].extra = release.to_dict()


@task(trigger_rule="all_done", on_failure_callback=[])
def summary() -> None:
    """Write the run's summary, and fail when a task before it failed, so that the run is red."""
    from etl import steps

    for line in steps.summarise(**this_run())["late"]:
        logging.getLogger("questions").warning(line)
    ti = get_current_context()["ti"]
    states = ti.get_task_states(ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    if failed := sorted(name for name, state in states.items() if state in ("failed", "upstream_failed")):
        raise AnqError(f"the run failed at {', '.join(failed)}: each log there says why and what to do")


@dag(
    schedule=CronTriggerTimetable("30 6 * * *", timezone="Europe/Paris"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={
        "legislatures": Param([], type="array", items={"type": "integer"}, description="None means all."),
        "types": Param([], type="array", items={"enum": ["QE", "QG", "QOSD"]}, description="None means all three."),
        "force": Param(False, type="boolean", description="Do it all again though nothing is new."),
    },
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": 3,
        "retry_policy": ExceptionRetryPolicy([RetryRule(SourceError)], default=RetryAction.FAIL),
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": advise,
    },
    doc_md=CARD,
    tags=["questions"],
)
def questions() -> None:
    """Every question and answer of the Assemblée nationale, once a day, in one release."""
    publish(prepare.expand(archive=plan())) >> summary()  # type: ignore[arg-type]  # an XComArg until it runs


questions()
