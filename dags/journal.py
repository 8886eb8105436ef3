"""The DAG `journal`: prepare the weekly issues that are new, publish a release, sum the run up."""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from common import FORCE, OF_NOW, WAREHOUSE, card, failures, note_failure, release, summary, this_run


@dag(
    schedule=CronTriggerTimetable("0 6 * * 3", timezone="Europe/Paris"),
    params={"force": FORCE},
    doc_md=card("journal"),
    tags=["questions"],
    **OF_NOW,
)
def journal() -> None:
    """The Journal officiel's weekly issues, the day after they are out, and with them the joint answers."""
    publish(prepare()) >> summary()  # type: ignore[arg-type]  # an XComArg until it runs


@task
def prepare() -> dict[str, Any]:
    """Fetch and read into the lake the issues that are not in it; only a failed source is tried again."""
    from etl.run.references import prepare_journal

    with this_run() as run:
        outcome = prepare_journal(run)
    if outcome.error:
        note_failure("journal", outcome.error)
        raise outcome.error
    return outcome.to_dict()


@task(outlets=[WAREHOUSE], pool="warehouse", trigger_rule="all_done")
def publish(outcome: dict[str, Any] | None) -> None:
    """Load what changed, join answers again, and swap the release in: without an issue that could not be read."""
    release(failures({"journal"}, {"journal"} if outcome else set()))


journal()
