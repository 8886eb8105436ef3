"""What the DAGs share: how a task fails and is tried again, what run it is part of, and the tasks that end each DAG."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    Asset,
    Connection,
    Context,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
    task,
)
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowSkipException
from airflow.sdk.lineage import get_hook_lineage_collector

from etl.catalogue import FIRST_LEGISLATURE, LAST_LEGISLATURE, Archive
from etl.errors import AnqError, SourceError

if TYPE_CHECKING:
    from etl.run.context import Run
    from etl.run.policy import Failure
    from etl.run.work import Outcome
    from etl.store import Scope

QUEUE = "warehouse"  # of Celery: for the workers whose home has room for the lake and the releases
RELEASE = "warehouse/current.duckdb"
WAREHOUSE = Asset(name="warehouse", uri=f"anq://{RELEASE}")
PEOPLE, JOURNAL = "people", "journal"  # tasks, and what they are about
FAILURE = "failure"  # the XCom of a task that failed: an etl.run.policy.Failure
PREPARING = ["prepare", PEOPLE, JOURNAL]  # tasks, in whatever DAG
KILLED = (AnqError.exit_code, "its task failed or was killed: its log says why, or the machine's")
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
    type=["array", "null"],  # or the form would call it required
    items={"type": ["integer", "string"], "pattern": r"^\d+$"},  # the form's list sends strings
    examples=list(_LEGISLATURES),
    values_display={str(number): f"{number}th, {state}" for number, state in _LEGISLATURES.items()},
    description="Only these. None means all.",
)
TYPES = Param(
    [],
    type=["array", "null"],
    items={"enum": list(_TYPES)},
    examples=list(_TYPES),
    values_display=_TYPES,
    description="Only these. None means all three.",
)
ACCEPT = Param(
    [],
    type=["array", "null"],
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
    description='What is held back and is to go in, such as [{"archive": "17/QE", "rule": "answer_after_question", '
    '"why": "seen in the Journal officiel"}]. With "until": "2026-12-31" it holds until that day, else for these '
    'bytes; with "aside": true rows are set aside.',
)
FORCE = Param(False, type="boolean", description="Do it all again though nothing is new.")


def card(dag: str) -> str:
    """What dags/README.md says of a DAG; where it leads to a page of the docs, the page's path."""
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    text = readme.partition(f"\n## {dag}\n")[2].partition("\n## ")[0]
    text = re.sub(r"\[([^\]]+)\]\(\.\./([^)#]+)[^)]*\)", r"\1 (\2)", text)
    return re.sub(r"\[([^\]]+)\]\(#[^)]*\)", r"\1", text)


def advise(context: Context) -> None:
    """Log why a task failed, the kind of failure, and where the operator reads what to do."""
    error = context["exception"]
    bug = error if isinstance(error, BaseException) and not isinstance(error, AnqError) else None
    log = logging.getLogger(context["ti"].dag_id)
    log.error("%s (failure %d: see dags/README.md)", error, _exit_code(error), exc_info=bug)


def tell_failed(context: Context) -> None:
    """Tell of a run that failed before its summary could; one that was told of needs no other word."""
    from etl.run import notify
    from etl.run.notices import Notice

    dag_id, run_id = context["dag"].dag_id, context["run_id"]
    run = _run(dag_id, run_id, datetime.now(UTC))
    with _told_before(run):
        if not notify.has_ended(run.settings, run_id):
            text = f"{dag_id}: the DAG's run failed before its summary: {context['reason']}. Its tasks' logs say more"
            notify.tell(run, Notice(kind="failed", name=dag_id, text=text), addresses())


def tell_unfinished(context: dict[str, Any]) -> None:
    """Tell of a run that takes too long.

    Args:
        context: `dag_run`, as the REST API has it.
    """
    from etl.run import notify
    from etl.run.notices import Notice

    dag_id, run_id = context["dag_run"]["dag_id"], context["dag_run"]["dag_run_id"]
    text = (
        f"{dag_id}: its run is not finished {_hours():g} hours after it was queued. "
        "See in Airflow which task runs or waits"
    )
    notice = Notice(kind="not finished", name=dag_id, text=text)
    run = _run(dag_id, run_id, datetime.now(UTC))
    with _told_before(run):
        notify.tell(run, notice, addresses())


@contextmanager
def _told_before(run: Run) -> Iterator[None]:
    """Around a notice: a store that fails keeps nobody from being told."""
    from etl.run.scopes import TOLD
    from etl.store import kept

    with ExitStack() as stack:
        try:
            stack.enter_context(kept(run.settings, TOLD))
        except AnqError as error:
            run.say(str(error))
        yield


def deadline() -> DeadlineAlert | None:
    """From when a run is queued to its end: ANQ_DEADLINE_HOURS; then a person is told.

    None where that is not set: `airflow dags test` of 3.3.2 cannot run a DAG that has one.
    """
    if not _hours():
        return None
    reference, callback = DeadlineReference.DAGRUN_QUEUED_AT, SyncCallback(tell_unfinished)
    return DeadlineAlert(reference, timedelta(hours=_hours()), callback)


def _hours() -> float:
    return float(os.environ.get("ANQ_DEADLINE_HOURS", "0"))


def addresses() -> str | None:
    """Whom to tell where ANQ_NOTIFY does not say: the password of the connection `anq_notify`."""
    from etl.settings import Settings

    if Settings.from_env().notify:
        return None
    try:
        connection: Connection = Connection.get("anq_notify")
    except AirflowNotFoundException:
        return None
    return connection.password


#: Of every task: only a failed source is tried again.
DEFAULT_ARGS: dict[str, Any] = {
    "owner": "anq",
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
    "on_failure_callback": tell_failed,
    "deadline": deadline(),
}


@contextmanager
def this_run(scope: Scope) -> Iterator[Run]:
    """The run that a task is part of: all its tasks share its id, its Params and its start as the one time.

    Args:
        scope: what of the home the task reads and writes; it comes from a store, and goes to it, where there is one.
    """
    from etl.store import kept

    context = get_current_context()
    now = context["dag_run"].start_date
    assert now is not None  # it has begun
    run = _run(context["ti"].dag_id, context["run_id"], now, force=context["params"].get("force", False))
    with kept(run.settings, scope), run:
        yield run


def _run(dag_id: str, run_id: str, now: datetime, *, force: bool = False) -> Run:
    from etl.run.context import Run
    from etl.settings import Settings

    return Run(
        settings=Settings.from_env(),
        id=run_id,
        now=now,
        force=force,
        say=logging.getLogger(dag_id).warning,
        started=time.monotonic() - (datetime.now(UTC) - now).total_seconds(),
    )


def note_acceptances(run: Run) -> None:
    """Note the decisions of the Param `accept`, in the name of who triggered the run."""
    from etl.run.decide import accept

    context = get_current_context()
    who = context["dag_run"].triggering_user_name or "airflow"
    for one in context["params"]["accept"] or []:
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
    from etl.run.policy import failure

    try:
        yield
    except AirflowSkipException:
        raise
    except Exception as error:
        get_current_context()["ti"].xcom_push(FAILURE, [*failure(name, error)])
        raise


@contextmanager
def _preparing(name: str, scope: Scope) -> Iterator[Run]:
    """The run of a task that brings one source into the lake; told as lineage, and noted if it fails."""
    _trace([f"source/{name}"], [f"lake/{name}"])
    with noting(name), this_run(scope) as run:
        yield run


def _trace(reads: Iterable[str], writes: Iterable[str]) -> None:
    """Say which datasets the task reads and writes, to OpenLineage where it is set up (docs/team.md)."""
    collector = get_hook_lineage_collector()
    operator: Any = get_current_context()["task"]  # it stands where the types want one of Airflow's hooks
    for name in reads:
        collector.add_input_asset(operator, uri=f"anq://{name}")
    for name in writes:
        collector.add_output_asset(operator, uri=f"anq://{name}")


@task
def prepare_people() -> dict[str, Any] | None:
    """Fetch, read and check people and bodies, into the lake; only a failed source is tried again."""
    from etl.run.questions import mend
    from etl.run.references import prepare_people as prepare
    from etl.run.scopes import OF_PEOPLE

    if is_narrowed():
        return None
    with _preparing(PEOPLE, OF_PEOPLE) as run:
        mend(run)
        return _done(PEOPLE, prepare(run, named=True), run)


@task
def prepare_journal() -> dict[str, Any] | None:
    """Fetch, read and check the weekly issues that the lake has not; only a failed source is tried again."""
    from etl.run.questions import mend
    from etl.run.references import prepare_journal as prepare
    from etl.run.scopes import OF_JOURNAL

    if is_narrowed():
        return None
    with _preparing(JOURNAL, OF_JOURNAL) as run:
        mend(run)
        return _done(JOURNAL, prepare(run), run)


def prepared(archive: dict[str, Any], prepare: Callable[[Archive, Run], Outcome]) -> dict[str, Any]:
    """Prepare one archive of questions, as the task that is mapped over them does.

    Args:
        archive: as the task `plan` lists it.
        prepare: does it; raises what failed.
    """
    from etl.run.scopes import of_archive

    wanted = Archive(**archive)
    with _preparing(wanted.name, of_archive(wanted)) as run:
        return _done(wanted.name, prepare(wanted, run), run)


def planned() -> list[str]:
    """The names of the archives that the task `plan` listed."""
    return [Archive(**archive).name for archive in get_current_context()["ti"].xcom_pull("plan")]


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
    from etl.run.agreement import refuse_older
    from etl.run.policy import Failure
    from etl.run.publish import publish
    from etl.run.scopes import LAKE

    ti = get_current_context()["ti"]
    prepared = _prepared()
    _trace([f"lake/{name}" for name in prepared], [RELEASE])
    noted = {failure[0]: Failure(*failure) for failure in ti.xcom_pull(PREPARING, key=FAILURE) if failure}
    failed = [noted.get(name) or Failure(name, *KILLED) for name in sorted({*expected} - prepared.keys())]
    with noting("release"), this_run(LAKE) as run:
        refuse_older(run.settings, prepared)
        made = publish(run, failed, prepared=bool(prepared))
    if made is None:
        raise AirflowSkipException("nothing new: the last release stays")
    get_current_context()["outlet_events"][WAREHOUSE].extra = made.to_dict()


@task(inlets=[WAREHOUSE], queue=QUEUE, pool="warehouse", trigger_rule="all_done")
def share() -> None:
    """Bring the current release to where readers elsewhere find it; skipped when nothing is to be done."""
    from etl.run.scopes import RELEASES
    from etl.run.share import share as share_current

    with noting("share"), this_run(RELEASES) as run:
        if not share_current(run):
            raise AirflowSkipException("nothing to share: no place is set, or each has the release already")


def _prepared() -> dict[str, str | None]:
    """What was prepared, by name, and what the lake then held of it."""
    results = [result for result in get_current_context()["ti"].xcom_pull(PREPARING) if result]
    return {result["name"]: result["held"] for result in results}


def _done(name: str, outcome: Outcome, run: Run) -> dict[str, Any]:
    """What a task that prepared something hands to those that follow; one that failed hands nothing."""
    from etl.run.agreement import held

    if outcome.error:
        raise outcome.error
    return {"name": name, "held": held(run.settings, name), **outcome.to_dict()}


@task(queue=QUEUE, trigger_rule="all_done", on_failure_callback=[])
def summary() -> None:
    """Write the run's summary, and fail when a task before it failed, so that the run is red."""
    from etl.run import metrics, notify
    from etl.run.scopes import LAKE
    from etl.run.summary import summarise

    ti = get_current_context()["ti"]
    states = ti.get_task_states(ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    failed = sorted(name for name, state in states.items() if state in ("failed", "upstream_failed"))
    failures = [_failure(name) for name in failed if states[name] == "failed"]
    done = {name for name, state in states.items() if state in ("success", "skipped")}
    good = (
        {*_prepared(), ti.dag_id}
        | {f"{ti.dag_id}.{name}" for name in done}
        | {told for name, told in (("publish", "release"), ("share", "share")) if name in done}
    )
    with this_run(LAKE) as run:
        told = summarise(run, failures)
        notify.end(run, told, failures, good, addresses())
        metrics.send(run, told, failures)
    for line in told["late"]:
        logging.getLogger(ti.dag_id).warning(line)
    if failed:
        raise AnqError(f"the run failed at {', '.join(failed)}: each log there says why and what to do")


def _failure(task: str) -> Failure:
    """What a task that failed left word of; one that was killed could not.

    Args:
        task: its name; `prepare_3` is the fourth of those that are mapped.
    """
    from etl.run.policy import Failure

    ti = get_current_context()["ti"]
    task_id, _, index = task.rpartition("_") if task[-1].isdecimal() else (task, "", "-1")
    noted = ti.xcom_pull(task_id, key=FAILURE, map_indexes=int(index))
    return Failure(*noted) if noted else Failure(f"{ti.dag_id}.{task}", *KILLED)


def _exit_code(error: object) -> int:
    return error.exit_code if isinstance(error, AnqError) else AnqError.exit_code
