"""The pages that are made: the dictionary from schemas/, the rules from expectations/, the views with their answers.

`python -m etl.docs` writes them, in English and in French.
"""

from __future__ import annotations

from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from etl.check import explained
from etl.docs import french
from etl.fetch import fetch
from etl.lake import markers, partition
from etl.lake.plan import Inputs
from etl.lake.workers import workers
from etl.run import publish, questions, references
from etl.run.context import Run
from etl.schema import LICENCE, ROOT
from etl.schema.dictionary import dictionary
from etl.settings import Settings
from etl.warehouse.query import connect
from etl.warehouse.views import Column, View, views

NOW = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)
_KINDS = {
    "VIEW": "a view",
    "MACRO TABLE": "a table macro: a view that is called with what it needs",
    "MACRO": "a function",
}


def sample_warehouse(home: Path, pool: Executor) -> Path:
    """Makes a release of the bundled sample, questions, people and issues, without the check.

    Args:
        home: an empty folder.
        pool: workers, as `etl.lake.workers.workers` gives them.

    Returns:
        The warehouse's folder.
    """
    settings = Settings(home, "sample")
    with Run(settings=settings, id="docs", now=NOW) as run:
        for archive in questions.plan(settings):
            download = fetch(archive, settings, NOW)
            assert download is not None
            inputs = Inputs(archive=archive, path=download.path(settings), fetched_at=NOW, sample=True)
            markers.commit(settings.lake, partition.finish(partition.start(inputs, settings.lake, pool)).partition)
        for outcome in (references.prepare_people(run), references.prepare_journal(run)):
            if outcome.error:
                raise outcome.error
        publish.publish(run)
    return settings.warehouse


def views_page(warehouse: Path) -> str:
    """docs/views.md: each view's question, columns and example, with the answer on a warehouse of the sample."""
    lines = [
        "# Views",
        "",
        "Made by `make docs` from the files of `etl/warehouse/views/`; do not edit. The answers shown are those of",
        "the sample, which is made up. [How numbers are defined](numbers.md) tells the rules behind them.",
        "",
        f"Data: {LICENCE}.",
        "",
        "| view | en français (`fr`) | answers |",
        "|---|---|---|",
        *(
            f"| [`{_call(view)}`](#{view.name}) | `{french.call(view)}` | {view.question} |"
            for view in views().values()
        ),
        "",
    ]
    with connect(warehouse) as connection:
        for view in views().values():
            lines += [*_section(view), *french.answered(connection, view.example.strip())]
    return "\n".join(lines)


def _section(view: View) -> list[str]:
    lines = [
        f"## {view.name}",
        "",
        f"{view.question} `{_call(view)}` is {_KINDS[view.kind]}.",
        "",
        f"*{view.question_fr}* `fr.{french.call(view)}`",
        "",
    ]
    for title, columns in (("parameter", view.parameters), ("column", view.columns)):
        if columns:
            lines += [
                f"| {title} | type | description | français | description (français) |",
                "|---|---|---|---|---|",
                *(_row(column) for column in columns),
                "",
            ]
    return lines


def _row(column: Column) -> str:
    return f"| `{column.name}` | {column.type} | {column.description} | `{column.fr}` | {column.description_fr} |"


def _call(view: View) -> str:
    return view.name + (f"({', '.join(each.name for each in view.parameters)})" if view.parameters else "")


def main() -> None:
    """Writes the pages."""
    docs = ROOT / "docs"
    (docs / "dictionary.md").write_text(dictionary(), "utf-8")
    (docs / "fr" / "dictionnaire.md").write_text(french.dictionary(), "utf-8")
    explained.PAGE.write_text(explained.explained(explained.PAGE.read_text("utf-8")), "utf-8")
    with TemporaryDirectory() as folder, workers() as pool:
        warehouse = sample_warehouse(Path(folder), pool)
        pages = {"views.md": views_page(warehouse), "fr/vues.md": french.views_page(warehouse)}
    for name, page in pages.items():
        (docs / name).write_text(page, "utf-8")
