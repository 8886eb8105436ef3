"""The DAG `people`: prepare the archive of people and bodies, publish a release, sum the run up."""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task
from common import FORCE, OF_NOW, WAREHOUSE, card, release, summary, this_run


@dag(
    schedule=CronTriggerTimetable("30 5 * * 1", timezone="Europe/Paris"),
    params={"force": FORCE},
    doc_md=card("people"),
    tags=["questions"],
    **OF_NOW,
)
def people() -> None:
    """Deputies, mandates and bodies, once a week, and with them the author of every question."""
    prepare() >> publish() >> summary()


@task
def prepare() -> dict[str, Any]:
    """Fetch and read the archive into the lake; only a failed source is tried again."""
    from etl.run.references import prepare_people

    with this_run() as run:
        outcome = prepare_people(run, named=True)
    if outcome.error:
        raise outcome.error
    return outcome.to_dict()


@task(outlets=[WAREHOUSE], pool="warehouse")
def publish() -> None:
    """Load what changed, name the authors of all questions again, and swap the release in."""
    release([])


people()
