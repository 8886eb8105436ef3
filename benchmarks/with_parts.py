"""Well-kept parts put together for what anq does: `python -m benchmarks.with_parts SITE HOME`.

dlt with Arrow tables, texts to Markdown by html-to-markdown, DuckDB's own full-text index, Great Expectations with as
many rules as anq has, and a release that is a copy. It keeps no history, no issues, no people, no likeness of texts;
its index is made anew whenever something changed, since DuckDB's cannot be added to.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pyarrow as pa
from html_to_markdown import convert

from benchmarks import with_dlt

RULES = 383  # as many as stand in expectations/
_TEXTS = ("question_text", "answer_text")
_WHOLE = ("legislature", "question_type", "question_number", "uid")


def main(site: Path, home: Path) -> None:
    """Loads what is new; indexes, checks and releases it, if something is."""
    database = home / "peer.duckdb"
    before = database.stat().st_mtime_ns if database.exists() else None
    with_dlt.load(with_dlt.arrow(site, _cleaned), home)
    if database.stat().st_mtime_ns == before:
        return
    _index(database)
    _check(database)
    _release(database, home / "releases")


def _cleaned(question: dict[str, Any]) -> dict[str, Any]:
    return question | {name: _markdown(question[name]) for name in _TEXTS}


def _markdown(text: str | None) -> str | None:
    return None if text is None else convert(text).content


def _index(database: Path) -> None:
    extension = Path(str(files("duckdb_extension_fts"))) / f"extensions/v{duckdb.__version__}/fts.duckdb_extension"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"LOAD '{extension}'; USE main")
        connection.execute(
            "PRAGMA create_fts_index('main.questions', 'uid', 'question_text', 'answer_text', "
            "stemmer = 'french', strip_accents = 1, overwrite = 1)"
        )


def _check(database: Path) -> None:
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_sql("peer", connection_string=f"duckdb:///{database}", create_temp_table=False)
    for table, schema in with_dlt.SCHEMAS.items():
        asset = source.add_table_asset(table, table_name=table, schema_name="main")
        share = RULES * len(schema) // sum(map(len, with_dlt.SCHEMAS.values()))
        suite = gx.ExpectationSuite(table, expectations=list(_rules(schema))[:share])
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        outcome = batch.validate(suite, result_format="BOOLEAN_ONLY")
        raised = [answer for answer in outcome.results if answer.exception_info.get("raised_exception")]
        if len(outcome.results) < share or raised:
            raise RuntimeError(f"{table}: {len(outcome.results)} rules answered of {share}, {len(raised)} raised")


def _rules(schema: pa.Schema) -> Iterator[Any]:
    """Kinds that share a query: a rule of SQL of one's own, of which anq has 200, costs Great Expectations far more."""
    for field in schema:
        yield gxe.ExpectColumnToExist(column=field.name)
        yield gxe.ExpectColumnValuesToNotBeNull(column=field.name, mostly=1.0 if field.name in _WHOLE else 0.0)
        yield gxe.ExpectColumnUniqueValueCountToBeBetween(column=field.name, min_value=0)
        yield gxe.ExpectColumnMinToBeBetween(column=field.name)
        yield gxe.ExpectColumnMaxToBeBetween(column=field.name)
        if field.type == pa.string():
            yield gxe.ExpectColumnValueLengthsToBeBetween(column=field.name, min_value=1)
            for value in ("", " ", "null", "NULL", "None", "?", "-", "n/a", "...", "0"):
                yield gxe.ExpectColumnValuesToNotBeInSet(column=field.name, value_set=[value])


def _release(database: Path, releases: Path) -> None:
    """A copy of the file, and a link that is swapped to it."""
    releases.mkdir(exist_ok=True)
    copy = releases / f"{time.time_ns()}.duckdb"
    shutil.copyfile(database, copy)
    link = releases / "current.part"
    link.symlink_to(copy.name)
    link.replace(releases / "current.duckdb")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
