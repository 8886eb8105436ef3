"""The DAG `rollback`: swap an earlier release in, and share it."""

from __future__ import annotations

from airflow.sdk import Param, dag, get_current_context, task
from common import OF_NOW, QUEUE, WAREHOUSE, card, noting, share, this_run


@dag(
    schedule=None,
    params={
        "release": Param(
            None,
            type=["null", "string"],
            description_md="Its name, as `anq releases` lists them. Left empty: the one before the current one.",
        )
    },
    description="On demand.",
    doc_md=card("rollback"),
    tags=["questions"],
    **OF_NOW,
)
def rollback() -> None:
    """An earlier release in place of the current one, here and wherever it is shared."""
    swap() >> share.override(trigger_rule="all_success")()


@task(outlets=[WAREHOUSE], queue=QUEUE, pool="warehouse")
def swap() -> None:
    """Point `current.duckdb` at the release."""
    from etl.run.publish import rollback as swap_back
    from etl.run.scopes import RELEASES

    context = get_current_context()
    with noting("rollback"), this_run(RELEASES) as run:
        now = swap_back(run, context["params"]["release"])
    context["outlet_events"][WAREHOUSE].extra = now.to_dict()


rollback()
