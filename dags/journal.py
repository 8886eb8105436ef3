"""The DAG `journal`: prepare the weekly issues that are new, publish a release, sum the run up."""

from __future__ import annotations

import logging
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

from etl.errors import AnqError, SourceError

CARD = (
    Path(__file__)
    .with_name("README.md")
    .read_text(encoding="utf-8")
    .partition("\n## journal\n")[2]
    .partition("\n## ")[0]
)
WAREHOUSE = Asset(name="warehouse", uri="anq://warehouse/current.duckdb")


def advise(context: Context) -> None:
    """Log why a task failed, the kind of failure, and where the operator reads what to do."""
    error = context["exception"]
    code = error.exit_code if isinstance(error, AnqError) else AnqError.exit_code
    bug = error if isinstance(error, BaseException) and not isinstance(error, AnqError) else None
    log = logging.getLogger("journal")
    log.error("%s (failure %d: see dags/README.md)", error, code, exc_info=bug)


def this_run() -> dict[str, Any]:
    """What every step is given: the settings, the run's id, and its start as the one time of its tasks."""
    from etl.settings import Settings

    context = get_current_context()
    now = context["dag_run"].start_date
    return {"settings": Settings.from_env(), "run_id": context["run_id"], "now": now}


@task
def prepare() -> dict[str, Any]:
    """Fetch and read into the lake the issues that are not in it; only a failed source is tried again."""
    from etl import steps

    force = get_current_context()["params"]["force"]
    outcome = steps.prepare_journal(force=force, **this_run())
    if outcome.error:
        raise outcome.error
    return outcome.to_dict()


@task(outlets=[WAREHOUSE], pool="warehouse", trigger_rule="all_done")
def publish(outcome: dict[str, Any] | None) -> None:
    """Load what changed, join answers again, and swap the release in: without an issue that could not be read."""
    from etl import steps

    context = get_current_context()
    release = steps.publish(force=context["params"]["force"], failed=outcome is None, **this_run())
    if release is None:
        raise AirflowSkipException("nothing new: the last release stays")
    context["outlet_events"][WAREHOUSE].extra = release.to_dict()


@task(trigger_rule="all_done", on_failure_callback=[])
def summary() -> None:
    """Write the run's summary, and fail when a task before it failed, so that the run is red."""
    from etl import steps

    steps.summarise(**this_run())
    ti = get_current_context()["ti"]
    states = ti.get_task_states(ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    if failed := sorted(name for name, state in states.items() if state in ("failed", "upstream_failed")):
        raise AnqError(f"the run failed at {', '.join(failed)}: each log there says why and what to do")


@dag(
    schedule=CronTriggerTimetable("0 6 * * 3", timezone="Europe/Paris"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={"force": Param(False, type="boolean", description="Do it all again though nothing is new.")},
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
def journal() -> None:
    """The Journal officiel's weekly issues, the day after they are out, and with them the joint answers."""
    publish(prepare()) >> summary()  # type: ignore[arg-type]  # an XComArg until it runs


journal()
