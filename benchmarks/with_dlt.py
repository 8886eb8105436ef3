"""dlt with the DuckDB destination: `python -m benchmarks.with_dlt arrow|plain SITE HOME`, merged by primary key."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt
import pyarrow as pa

from benchmarks.archives import KEY, Row, questions, unseen

BATCH = 5_000  # questions an Arrow table

_KEY = [("legislature", pa.int16()), ("question_type", pa.string()), ("question_number", pa.int32())]
SCHEMAS = {
    "questions": pa.schema([
        *_KEY,
        *((name, pa.string()) for name in (
            "uid", "deputy_id", "mandate_id", "group_id", "group_abbr", "group_name", "ministry_asked_id",
            "ministry_asked", "ministry_asked_name", "ministry_id", "ministry", "ministry_name", "rubrique",
            "tete_analyse", "analyses",
        )),
        ("question_date", pa.date32()), ("question_page", pa.int32()), ("question_text", pa.string()),
        ("answer_date", pa.date32()), ("answer_page", pa.int32()), ("answer_text", pa.string()),
        ("signalled_on", pa.date32()), ("renewed_on", pa.date32()),
        ("closure_code", pa.string()), ("closure_label", pa.string()), ("closed_on", pa.date32()),
    ]),
    "attributions": pa.schema([
        *_KEY, ("rank", pa.int16()),
        *((name, pa.string()) for name in ("ministry_id", "ministry", "ministry_name", "jo_type")),
        ("jo_date", pa.date32()),
    ]),
}  # fmt: skip


def seen() -> dict[str, list[int]]:
    """The archives that earlier runs loaded, as dlt keeps them in its state."""
    archives: dict[str, list[int]] = dlt.current.resource_state().setdefault("archives", {})
    return archives


@dlt.resource(name="questions", primary_key=KEY, write_disposition="merge")
def arrow(site: Path, cleaned: Callable[[Row], Row] = lambda question: question) -> Iterator[Any]:
    """Arrow tables of the questions, each as `cleaned` gives it, and of their attributions."""
    attributions = dlt.mark.make_hints(table_name="attributions", primary_key=[*KEY, "rank"], write_disposition="merge")
    for path in unseen(site, seen()):
        records = questions(path)
        while batch := list(islice(records, BATCH)):
            yield pa.Table.from_pylist([cleaned(question) for question, _ in batch], SCHEMAS["questions"])
            rows = pa.Table.from_pylist([row for _, rows in batch for row in rows], SCHEMAS["attributions"])
            yield dlt.mark.with_hints(rows, attributions, create_table_variant=True)


@dlt.resource(name="questions", primary_key=KEY, write_disposition="merge")
def plain(site: Path) -> Iterator[Any]:
    """Dicts; dlt makes a child table of the attributions in each."""
    for path in unseen(site, seen()):
        for question, attributions in questions(path):
            yield {**question, "attributions": attributions}


def load(questions: Any, home: Path) -> None:  # noqa: ANN401
    """Loads what a resource yields."""
    pipeline = dlt.pipeline(
        "questions", pipelines_dir=str(home / "pipelines"), dataset_name="main",
        destination=dlt.destinations.duckdb(str(home / "peer.duckdb")),
    )  # fmt: skip
    pipeline.run(questions).raise_on_failed_jobs()


if __name__ == "__main__":
    load({"arrow": arrow, "plain": plain}[sys.argv[1]](Path(sys.argv[2])), Path(sys.argv[3]))
