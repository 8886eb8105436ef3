"""The DAG `questions`: plan the archives, prepare each of them, publish one release, sum the run up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, get_current_context, task
from common import (
    ACCEPT,
    FORCE,
    JOURNAL,
    LEGISLATURES,
    OF_NOW,
    PEOPLE,
    QUEUE,
    TYPES,
    WAREHOUSE,
    card,
    is_narrowed,
    note_acceptances,
    noting,
    planned,
    prepare_journal,
    prepare_people,
    prepared,
    release,
    share,
    summary,
    this_run,
)


@dag(
    schedule=CronTriggerTimetable("30 6 * * *", timezone="Europe/Paris"),
    params={
        "legislatures": LEGISLATURES,
        "types": TYPES,
        "force": FORCE,
        "accept": ACCEPT,
    },
    description="Every day at 06:30 in Paris.",
    doc_md=card("questions"),
    tags=["questions"],
    **OF_NOW,
)
def questions() -> None:
    """Every question and answer of the Assemblée nationale, once a day, in one release."""
    archives = plan()
    beside = [prepare_people.override(task_id=PEOPLE)(), prepare_journal.override(task_id=JOURNAL)()]
    archives >> beside
    [prepare.expand(archive=archives), *beside] >> publish() >> share() >> summary()


@task(queue=QUEUE)
def plan() -> list[dict[str, Any]]:
    """List the archives to look at, as the Params narrow them; one that just opened is among them."""
    from etl.run import questions
    from etl.run.scopes import LAKE

    params = get_current_context()["params"]
    with noting("questions.plan"), this_run(LAKE) as run:
        note_acceptances(run)
        questions.mend(run)
        legislatures = [int(number) for number in params["legislatures"] or []]
        archives = questions.plan(run.settings, legislatures, params["types"] or [])
    return [asdict(archive) for archive in archives]


@task(
    map_index_template="{{ task.op_kwargs.archive.legislature }}/{{ task.op_kwargs.archive.question_type }}",
    max_active_tis_per_dagrun=2,
)
def prepare(archive: dict[str, Any]) -> dict[str, Any]:
    """Fetch, parse, normalise and check one archive, into the lake; only a failed source is tried again."""
    from etl.run import questions

    params = get_current_context()["params"]
    named = bool(params["legislatures"] and params["types"])
    return prepared(archive, lambda wanted, run: questions.prepare(wanted, run, named=named))


@task(outlets=[WAREHOUSE], queue=QUEUE, pool="warehouse", trigger_rule="all_done_min_one_success")
def publish() -> None:
    """Load what changed and swap the release in: archives that failed, or are held back, stay as they were."""
    release(planned() if is_narrowed() else [*planned(), PEOPLE, JOURNAL])


questions()
