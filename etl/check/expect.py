"""Great Expectations on a partition: suites in, results out. Importing this module takes 7 to 10 s."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec

logging.getLogger("great_expectations").setLevel(logging.ERROR)

import great_expectations as gx  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402
from great_expectations.validator import validation_graph  # noqa: E402
from sqlalchemy.pool import StaticPool  # noqa: E402

from etl.check.messages import CheckJob, CheckResult  # noqa: E402
from etl.check.partition import CONFIG, database  # noqa: E402
from etl.check.suites import Rule, Suite, suites  # noqa: E402
from etl.errors import AnqError  # noqa: E402
from etl.schema import KEY  # noqa: E402

_EXAMPLES = 20

# each retry of a rule that raises would ask all the others again
validation_graph.MAX_METRIC_COMPUTATION_RETRIES = 1


def check(job: CheckJob, expectations: Path, folder: Path) -> list[CheckResult]:
    """Run every suite on the partition.

    Args:
        job: the partition.
        expectations: folder of the suites.
        folder: where to work; the partition's views and DuckDB's spill go there.

    Raises:
        AnqError: the suites or the files cannot be used.
    """
    wanted = suites(expectations, job)
    for suite in wanted:
        if suite.table not in job.files:
            raise AnqError(f"{suite.table} has a suite but the job has no files of it")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_sql(  # type: ignore[call-arg]  # its stub lacks kwargs
        name="partition",
        connection_string=f"duckdb:///{database(job, folder)}",
        create_temp_table=False,
        kwargs={
            "connect_args": {"read_only": True, "config": CONFIG | {"temp_directory": str(folder)}},
            "poolclass": StaticPool,
            "pool_reset_on_return": None,
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
        },
    )
    try:
        return [result for suite in wanted for result in _run(job, suite, source)]
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()


def _run(job: CheckJob, suite: Suite, source: Any) -> list[CheckResult]:  # noqa: ANN401
    asset = source.add_table_asset(name=suite.table, table_name=suite.table)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    asked = gx.ExpectationSuite(
        name=suite.table,
        # adding them one by one would keep only the last unexpected_rows_expectation
        expectations=[
            {"type": rule.type, "kwargs": rule.kwargs, "severity": rule.severity, "meta": {"rule": rule.rule}}
            for rule in suite.rules
        ],
    )
    answered = batch.validate(
        asked,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": list(KEY),
            "partial_unexpected_count": _EXAMPLES,
            "return_unexpected_index_query": False,
        },
    )
    by_rule = {one.expectation_config.meta["rule"]: one for one in answered.results}
    return [_result(job, suite, rule, by_rule[rule.rule]) for rule in suite.rules]


def _result(job: CheckJob, suite: Suite, rule: Rule, answer: Any) -> CheckResult:  # noqa: ANN401
    error = _raised(answer.exception_info)
    if error is not None:
        return CheckResult(
            archive=job.archive,
            suite=suite.table,
            expectation=rule.rule,
            severity="critical",
            success=False,
            observed=_json({"error": error}),
            failing_rows=None,
            examples=None,
        )
    said = answer.result
    if "details" in said:
        failing, rows = said["observed_value"], said["details"]["unexpected_rows"]
    else:
        failing, rows = said.get("unexpected_count"), said.get("partial_unexpected_index_list") or []
    return CheckResult(
        archive=job.archive,
        suite=suite.table,
        expectation=rule.rule,
        severity=rule.severity,
        success=bool(answer.success),
        observed=_json({"failing_rows": failing} if failing is not None else said.get("observed_value")),
        failing_rows=failing,
        examples=_json(rows[:_EXAMPLES]) if rows else None,
    )


def _raised(info: dict[str, Any]) -> str | None:
    """The exception's text: Great Expectations gives one record, or one a metric that raised."""
    records = [info] if "raised_exception" in info else list(info.values())
    said = [str(one["exception_message"]) for one in records if one["raised_exception"]]
    return "; ".join(dict.fromkeys(said)) if said else None


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
