"""What the DAGs share: how a task fails and is tried again, what run it is part of, and the tasks that end each DAG."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    Asset,
    Context,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from etl.catalogue import FIRST_LEGISLATURE, LAST_LEGISLATURE
from etl.errors import AnqError, SourceError

if TYPE_CHECKING:
    from etl.run.context import Run
    from etl.run.work import Outcome

WAREHOUSE = Asset(name="warehouse", uri="anq://warehouse/current.duckdb")
PEOPLE, JOURNAL = "people", "journal"  # tasks, and what they are about
FAILURE = "failure"  # the XCom of a task that failed: the name of what it was about, and the exit code
_LEGISLATURES = {
    number: "the last known" if number == LAST_LEGISLATURE else "over: it hardly changes"
    for number in range(FIRST_LEGISLATURE, LAST_LEGISLATURE + 1)
}
_TYPES = {
    "QE": "QE, written questions",
    "QG": "QG, questions to the Government",
    "QOSD": "QOSD, oral questions without debate",
}
LEGISLATURES = Param(
    [],
    type="array",
    items={"type": ["integer", "string"], "pattern": r"^\d+$"},  # the form's list sends strings
    examples=list(_LEGISLATURES),
    values_display={str(number): f"{number}th, {state}" for number, state in _LEGISLATURES.items()},
    description="Only these. None means all, and one that has just opened.",
)
TYPES = Param(
    [],
    type="array",
    items={"enum": list(_TYPES)},
    examples=list(_TYPES),
    values_display=_TYPES,
    description="Only these. None means all three, with people and the Journal officiel's issues.",
)
ACCEPT = Param(
    [],
    type="array",
    items={
        "type": "object",
        "required": ["archive", "rule", "why"],
        "additionalProperties": False,
        "properties": {
            "archive": {"type": "string"},
            "rule": {"type": "string"},
            "why": {"type": "string", "minLength": 1},
            "until": {"type": "string", "format": "date"},
            "aside": {"type": "boolean"},
        },
    },
    description="What is held back and is to go in: archive, rule, why; until (a day) or else for its bytes; aside.",
)
FORCE = Param(False, type="boolean", description="Do it all again though nothing is new.")


def card(dag: str) -> str:
    """What dags/README.md says of a DAG."""
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    return readme.partition(f"\n## {dag}\n")[2].partition("\n## ")[0]


def advise(context: Context) -> None:
    """Log why a task failed, the kind of failure, and where the operator reads what to do."""
    error = context["exception"]
    bug = error if isinstance(error, BaseException) and not isinstance(error, AnqError) else None
    log = logging.getLogger(context["ti"].dag_id)
    log.error("%s (failure %d: see dags/README.md)", error, _exit_code(error), exc_info=bug)


#: Of every task: only a failed source is tried again.
DEFAULT_ARGS: dict[str, Any] = {
    "retries": 2,
    "retry_delay": timedelta(minutes=5),
    "retry_exponential_backoff": 3,
    "retry_policy": ExceptionRetryPolicy([RetryRule(SourceError)], default=RetryAction.FAIL),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": advise,
}
#: Of every DAG: of now, and one run at a time.
OF_NOW: dict[str, Any] = {
    "start_date": datetime(2026, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": DEFAULT_ARGS,
}


def this_run() -> AbstractContextManager[Run]:
    """The run that a task is part of: all its tasks share its id, its Params and its start as the one time."""
    from etl.run.context import Run
    from etl.settings import Settings

    context = get_current_context()
    now = context["dag_run"].start_date
    assert now is not None  # it has begun
    return Run(
        settings=Settings.from_env(),
        id=context["run_id"],
        now=now,
        force=context["params"]["force"],
        say=logging.getLogger(context["ti"].dag_id).warning,
        started=time.monotonic() - (datetime.now(UTC) - now).total_seconds(),
    )


def note_acceptances() -> None:
    """Note the decisions of the Param `accept`, in the name of who triggered the run."""
    from etl.run.decide import accept

    context = get_current_context()
    who = context["dag_run"].triggering_user_name or "airflow"
    with this_run() as run:
        for one in context["params"]["accept"]:
            until = date.fromisoformat(one["until"]) if "until" in one else None
            aside = one.get("aside", False)
            why, at = one["why"], run.now
            accept(run.settings, one["archive"], one["rule"], why=why, who=who, at=at, until=until, aside=aside)


@contextmanager
def noting(name: str) -> Iterator[None]:
    """Leave word of a failure for the tasks that follow, for a failed task has no result.

    Args:
        name: of the archive, or whatever the task is about.
    """
    try:
        yield
    except Exception as error:
        get_current_context()["ti"].xcom_push(FAILURE, [name, _exit_code(error)])
        raise


@task
def prepare_people() -> str | None:
    """Fetch, read and check people and bodies, into the lake; only a failed source is tried again."""
    from etl.run.questions import mend
    from etl.run.references import prepare_people as prepare

    if is_narrowed():
        return None
    with noting(PEOPLE), this_run() as run:
        mend(run)
        _done(prepare(run, named=True))
    return PEOPLE


@task
def prepare_journal() -> str | None:
    """Fetch, read and check the weekly issues that the lake has not; only a failed source is tried again."""
    from etl.run.questions import mend
    from etl.run.references import prepare_journal as prepare

    if is_narrowed():
        return None
    with noting(JOURNAL), this_run() as run:
        mend(run)
        _done(prepare(run))
    return JOURNAL


def is_narrowed() -> bool:
    """Whether the Params narrow the run to some archives of questions.

    People and issues are then left out, though not skipped: a skipped task would have `publish` skipped too.
    """
    params = get_current_context()["params"]
    return bool(params.get("legislatures") or params.get("types"))


def release(expected: Iterable[str]) -> None:
    """Load what changed and swap the release in, as the failures allow; skip the task when nothing is new.

    Args:
        expected: the names of all that was to be prepared. What did not fail and is not done was killed.
    """
    from etl.run.policy import Failure
    from etl.run.publish import publish

    ti, tasks = get_current_context()["ti"], ["prepare", PEOPLE, JOURNAL]
    results = [result for result in ti.xcom_pull(tasks) if result]
    prepared = {result["archive"] if isinstance(result, dict) else result for result in results}
    noted = dict(failure for failure in ti.xcom_pull(tasks, key=FAILURE) if failure)
    failed = [Failure(name, noted.get(name, AnqError.exit_code)) for name in sorted({*expected} - prepared)]
    with this_run() as run:
        made = publish(run, failed, prepared=bool(prepared))
    if made is None:
        raise AirflowSkipException("nothing new: the last release stays")
    get_current_context()["outlet_events"][WAREHOUSE].extra = made.to_dict()


def _done(outcome: Outcome) -> None:
    if outcome.error:
        raise outcome.error


@task(trigger_rule="all_done", on_failure_callback=[])
def summary() -> None:
    """Write the run's summary, and fail when a task before it failed, so that the run is red."""
    from etl.run.policy import Failure
    from etl.run.summary import summarise

    ti = get_current_context()["ti"]
    states = ti.get_task_states(ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    failed = sorted(name for name, state in states.items() if state in ("failed", "upstream_failed"))
    with this_run() as run:
        told = summarise(run, [Failure(name, AnqError.exit_code) for name in failed])
    for line in told["late"]:
        logging.getLogger(ti.dag_id).warning(line)
    if failed:
        raise AnqError(f"the run failed at {', '.join(failed)}: each log there says why and what to do")


def _exit_code(error: object) -> int:
    return error.exit_code if isinstance(error, AnqError) else AnqError.exit_code
