"""The DAG `verify`: every file of the home held against its hash."""

from __future__ import annotations

import logging

from airflow.sdk import CronTriggerTimetable, dag, task
from common import OF_NOW, QUEUE, card


@dag(
    schedule=CronTriggerTimetable("0 3 * * 0", timezone="Europe/Paris"),
    description="Sundays at 03:00 in Paris.",
    doc_md=card("verify"),
    tags=["questions"],
    **OF_NOW,
)
def verify() -> None:
    """The lake, what was fetched and the releases, once a week: damage is red, and named."""
    compare()


@task(queue=QUEUE)
def compare() -> None:
    """Read every byte, change none, and fail when one is not what was written."""
    from etl.run.scopes import HOME
    from etl.run.verify import refuse_damage, verify
    from etl.settings import Settings
    from etl.store import kept

    settings = Settings.from_env()
    with kept(settings, HOME):
        findings = verify(settings)
    for finding in findings:
        logging.getLogger("verify").error("%s", finding)
    refuse_damage(findings)


verify()
