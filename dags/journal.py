"""The DAG `journal`: prepare the weekly issues that are new, publish a release, sum the run up."""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag, task
from common import FORCE, JOURNAL, OF_NOW, QUEUE, WAREHOUSE, card, prepare_journal, release, share, summary


@dag(
    schedule=CronTriggerTimetable("0 6 * * 3", timezone="Europe/Paris"),
    description="Wednesdays at 06:00 in Paris.",
    params={"force": FORCE},
    doc_md=card("journal"),
    tags=["questions"],
    **OF_NOW,
)
def journal() -> None:
    """The Journal officiel's weekly issues, the day after they are out, and with them the joint answers."""
    prepare_journal.override(task_id="prepare")() >> publish() >> share() >> summary()


@task(outlets=[WAREHOUSE], queue=QUEUE, pool="warehouse", trigger_rule="all_done")
def publish() -> None:
    """Load what changed, join answers again, and swap the release in: without an issue that could not be read."""
    release([JOURNAL])


journal()
