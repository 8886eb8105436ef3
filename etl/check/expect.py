"""Great Expectations on partitions: suites in, results out. Importing this module takes a second and more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.pool import StaticPool

from etl.check.great_expectations_1_24 import NoRowIsFound, ProgressBarsConfig, forget_rules, gx, import_rule
from etl.check.messages import CheckJob, CheckResult, SetAside
from etl.check.suites import Rule, Suite
from etl.check.tables import CONFIG
from etl.schema import KEY

_EXAMPLES = 20
_ALL = 1 << 31
_OURS = {"unexpected_rows_expectation": NoRowIsFound.expectation_type}


def check(jobs: Sequence[CheckJob], wanted: Sequence[Suite], path: Path, folder: Path) -> list[CheckResult]:
    """Run the suites of the jobs' tables, all jobs at once: a rule takes as long on few rows as on many.

    Args:
        jobs: what to check, of the same tables each.
        wanted: the suites of these tables.
        path: the file that `database` made of the jobs.
        folder: where DuckDB spills.

    Returns:
        Every rule of these suites for each job, in the jobs' order.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_sql(  # type: ignore[call-arg]  # its stub lacks kwargs
        name="partition",
        connection_string=f"duckdb:///{path}",
        create_temp_table=False,
        kwargs={
            "connect_args": {"read_only": True, "config": CONFIG | {"temp_directory": str(folder), "threads": 1}},
            "poolclass": StaticPool,
            "pool_reset_on_return": None,
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
        },
    )
    try:
        results = [result for suite in wanted for result in _run(jobs, suite, source)]
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()
    return [result for job in jobs for result in results if result.archive == job.archive]


def _run(jobs: Sequence[CheckJob], suite: Suite, source: Any) -> Iterator[CheckResult]:  # noqa: ANN401
    answers = _validated(suite, source)
    for rule in suite.rules:
        answer = answers[rule.rule]
        error = _raised(answer.exception_info)
        failing = _failing(jobs, suite, rule, answer, source) if error is None else {}
        if error is None and not answer.success and not any(rows.count for rows in failing.values()):
            error = "it does not hold, but no row breaks it"
        for job in jobs:
            yield _broken(job, suite, rule, error) if error else _result(job, suite, rule, failing[job.archive])


def _validated(suite: Suite, source: Any) -> dict[str, Any]:  # noqa: ANN401
    """What Great Expectations answers to each rule of a suite, by the rule's id."""
    schema, _, table = suite.table.rpartition(".")
    asset = source.add_table_asset(name=suite.table, table_name=table, schema_name=schema or None)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    for rule in suite.rules:
        import_rule(rule.type)
    # adding them in turn would keep only the last unexpected_rows_expectation
    expectations = [
        {
            "type": _OURS.get(rule.type, rule.type),
            "kwargs": rule.kwargs,
            "severity": rule.severity,
            "meta": {"rule": rule.rule},
        }
        for rule in suite.rules
    ]
    result_format = {
        "result_format": "COMPLETE",
        "unexpected_index_column_names": list(suite.key),
        "partial_unexpected_count": _ALL,
        "return_unexpected_index_query": False,
    }
    validated = batch.validate(
        gx.ExpectationSuite(name="rules", expectations=expectations), result_format=result_format
    )
    forget_rules()
    return {answer.expectation_config.meta["rule"]: answer for answer in validated.results}


def _failing(jobs: Sequence[CheckJob], suite: Suite, rule: Rule, answer: Any, source: Any) -> dict[str, _Failing]:  # noqa: ANN401
    """By archive, the rows that break a rule; a row that names no archive counts for each."""
    by_archive = {job.archive: _Failing() for job in jobs}
    if answer.success:
        return by_archive
    if rule.sql is None:
        rows: Iterable[dict[str, Any]] = answer.result["unexpected_index_list"]
    else:  # of these Great Expectations gives 200 at most
        with source.get_execution_engine().engine.connect() as connection:
            rows = (
                connection.exec_driver_sql(f"FROM ({rule.sql.format(batch=suite.table)}) ORDER BY ALL").mappings().all()
            )
    archives: dict[Any, str] = {(job.legislature, job.question_type): job.archive for job in jobs if job.legislature}
    for row in rows:
        by_key = archives.get((row.get("legislature"), row.get("question_type")))
        archive = row.get("archive") or row.get("issue") or by_key
        of_question = by_key is not None and by_key == archive and row.get("question_number") is not None
        for name in (archive,) if archive in by_archive else by_archive:
            by_archive[name].add(dict(row), of_question=of_question)
    return by_archive


@dataclass
class _Failing:
    """Rows of an archive that break a rule."""

    count: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    by_number: dict[int, dict[str, Any]] | None = field(default_factory=dict)  # None: a row is of no question
    by_column: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, row: dict[str, Any], *, of_question: bool) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(row)
        if "column_name" in row:
            self.by_column[row["column_name"]] = _values(row, (*KEY, "archive", "column_name"))
        if not of_question:
            self.by_number = None
        elif self.by_number is not None:
            self.by_number.setdefault(row["question_number"], row)


def _result(job: CheckJob, suite: Suite, rule: Rule, failing: _Failing) -> CheckResult:
    aside = None
    if failing.count and rule.severity == "critical" and failing.by_number is not None:
        name = f"{suite.table}.{rule.rule}"
        aside = [
            SetAside(number=number, rule=name, why=rule.why, observed=_json(_values(row)))
            for number, row in failing.by_number.items()
        ]
    return CheckResult(
        archive=job.archive,
        suite=suite.table,
        expectation=rule.rule,
        severity=rule.severity,
        success=not failing.count,
        observed=_json({"failing_rows": failing.count} | ({"columns": failing.by_column} if failing.by_column else {})),
        failing_rows=failing.count,
        examples=_json(failing.examples) if failing.count else None,
        aside=aside,
    )


def _values(row: dict[str, Any], names: Sequence[str] = KEY) -> dict[str, Any]:
    """The row without what names it."""
    return {name: value for name, value in row.items() if name not in names}


def _broken(job: CheckJob, suite: Suite, rule: Rule, error: str) -> CheckResult:
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


def _raised(info: dict[str, Any]) -> str | None:
    """The exception's text: Great Expectations gives a record of the rule, or a record of each metric that raised."""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [str(record["exception_message"]) for record in records if record["raised_exception"]]
    return "; ".join(dict.fromkeys(messages)) if messages else None


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
