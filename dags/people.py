"""The DAG `people`: prepare the archive of people and bodies, publish a release, sum the run up."""

from __future__ import annotations

from airflow.sdk import CronTriggerTimetable, dag, task
from common import FORCE, OF_NOW, PEOPLE, QUEUE, WAREHOUSE, card, prepare_people, release, share, summary


@dag(
    schedule=CronTriggerTimetable("30 5 * * 1", timezone="Europe/Paris"),
    description="Mondays at 05:30 in Paris.",
    params={"force": FORCE},
    doc_md=card("people"),
    tags=["questions"],
    **OF_NOW,
)
def people() -> None:
    """Deputies, mandates and bodies, once a week, and with them the author of every question."""
    prepare_people.override(task_id="prepare")() >> publish() >> share() >> summary()


@task(outlets=[WAREHOUSE], queue=QUEUE, pool="warehouse")
def publish() -> None:
    """Load what changed, name the authors of all questions again, and swap the release in."""
    release([PEOPLE])


people()
