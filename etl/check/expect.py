"""The rules that Great Expectations brings. Its import takes two seconds, which only a suite with such a rule pays."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx
from great_expectations.data_context.types.base import ProgressBarsConfig
from sqlalchemy.pool import StaticPool

from etl.check.messages import Rows
from etl.check.suites import Suite
from etl.check.tables import reading

_ALL = 1 << 31


def expect(wanted: Sequence[Suite], path: Path, folder: Path) -> dict[tuple[str, str], Rows | str]:
    """What Great Expectations says of each rule.

    Args:
        wanted: suites.
        path: the DuckDB file in which their tables are.
        folder: where DuckDB spills.

    Returns:
        By suite and rule, the rows that break it, or why it cannot be told which these are.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    # without these options each rule fails on DuckDB: "list index out of range"
    source = context.data_sources.add_sql(  # type: ignore[call-arg]  # its stub lacks kwargs
        name="partition",
        connection_string=f"duckdb:///{path}",
        create_temp_table=False,
        kwargs={
            "connect_args": {"read_only": True, "config": reading(folder)},
            "poolclass": StaticPool,
            "pool_reset_on_return": None,
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
        },
    )
    try:
        return {(suite.table, rule): answer for suite in wanted for rule, answer in _answers(suite, source)}
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()


def _answers(suite: Suite, source: Any) -> Iterator[tuple[str, Rows | str]]:  # noqa: ANN401
    expectations = [
        {"type": rule.type, "kwargs": rule.kwargs, "severity": rule.severity, "meta": {"rule": rule.rule}}
        for rule in suite.rules
    ]
    schema, _, table = suite.table.rpartition(".")
    asset = source.add_table_asset(name=suite.table, table_name=table, schema_name=schema or None)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    result_format = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": list(suite.key),
        "partial_unexpected_count": _ALL,
        "return_unexpected_index_query": False,
    }
    validated = batch.validate(
        gx.ExpectationSuite(name="rules", expectations=expectations), result_format=result_format
    )
    for answer in validated.results:
        yield answer.expectation_config.meta["rule"], _found(answer)


def _found(answer: Any) -> Rows | str:  # noqa: ANN401
    error = _raised(answer.exception_info)
    if error is not None:
        return error
    rows: Rows = answer.result.get("unexpected_index_list") or []
    return rows if answer.success or rows else "it does not hold, but no row breaks it"


def _raised(info: dict[str, Any]) -> str | None:
    """The exception's text: Great Expectations gives a record of the rule, or a record of each metric that raised."""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [str(record["exception_message"]) for record in records if record["raised_exception"]]
    return "; ".join(dict.fromkeys(messages)) if messages else None
