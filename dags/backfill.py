"""The DAG `backfill`: read archives anew, from raw/ or from the source, publish a release, share it, sum the run up."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task
from common import (
    LEGISLATURES,
    OF_NOW,
    QUEUE,
    TYPES,
    WAREHOUSE,
    card,
    noting,
    planned,
    prepared,
    release,
    share,
    summary,
    this_run,
)


@dag(
    schedule=None,
    params={
        "legislatures": LEGISLATURES,
        "types": TYPES,
        "origin": Param("raw", enum=["raw", "source"], description="raw: what was fetched last. source: fetched anew."),
    },
    description="On demand.",
    doc_md=card("backfill"),
    tags=["questions"],
    **OF_NOW,
)
def backfill() -> None:
    """Archives of questions, read anew from their first record to their last, though nothing of them is new."""
    prepare.expand(archive=plan()) >> publish() >> share() >> summary()


@task(queue=QUEUE)
def plan() -> list[dict[str, Any]]:
    """List the archives: of those that the Params name, what the lake holds, or what the source has."""
    from etl.run import questions
    from etl.run.scopes import LAKE

    params = get_current_context()["params"]
    with noting("backfill.plan"), this_run(LAKE) as run:
        questions.mend(run)
        wanted = questions.plan_again if params["origin"] == "raw" else questions.plan
        legislatures = [int(number) for number in params["legislatures"] or []]
        archives = wanted(run.settings, legislatures, params["types"] or [])
    return [asdict(archive) for archive in archives]


@task(
    map_index_template="{{ task.op_kwargs.archive.legislature }}/{{ task.op_kwargs.archive.question_type }}",
    max_active_tis_per_dagrun=2,
)
def prepare(archive: dict[str, Any]) -> dict[str, Any]:
    """Read, normalise and check all of one archive, into the lake; only a failed source is tried again."""
    from dataclasses import replace

    from etl.run import questions

    is_raw = get_current_context()["params"]["origin"] == "raw"
    again = questions.prepare_again if is_raw else questions.prepare
    return prepared(archive, lambda wanted, run: again(wanted, replace(run, force=True)))


@task(outlets=[WAREHOUSE], queue=QUEUE, pool="warehouse", trigger_rule="all_done_min_one_success")
def publish() -> None:
    """Load what came out otherwise than before and swap the release in; skipped when all is as it was."""
    release(planned())


backfill()
