"""Great Expectations on partitions: suites in, results out. Importing this module takes 7 to 10 s."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

logging.getLogger("great_expectations").setLevel(logging.ERROR)

import great_expectations as gx  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation  # noqa: E402
from great_expectations.expectations.expectation import Expectation  # noqa: E402
from great_expectations.validator import validation_graph  # noqa: E402
from sqlalchemy.pool import StaticPool  # noqa: E402

from etl.check.messages import CheckJob, CheckResult, SetAside  # noqa: E402
from etl.check.partition import CONFIG, database  # noqa: E402
from etl.check.suites import Rule, Suite, suites  # noqa: E402
from etl.errors import AnqError  # noqa: E402
from etl.lake.workers import end_with_parent  # noqa: E402
from etl.schema import KEY  # noqa: E402

_EXAMPLES = 20
_ALL = 1 << 31

# each retry of a rule that raises would ask all the others again
validation_graph.MAX_METRIC_COMPUTATION_RETRIES = 1

# Great Expectations makes a rule's configuration anew seventy times while it runs it
_make_configuration = vars(Expectation)["configuration"].fget
_made: dict[int, tuple[Any, Any]] = {}


def _configuration(rule: Any) -> Any:  # noqa: ANN401
    if id(rule) not in _made:
        _made[id(rule)] = rule, _make_configuration(rule)
    return _made[id(rule)][1]


Expectation.configuration = property(_configuration)  # type: ignore[assignment,method-assign]


class NoRowIsFound(UnexpectedRowsExpectation):
    """`unexpected_rows_expectation`, asking once: the original counts the rows, then asks for them."""

    metric_dependencies = ("unexpected_rows_query.table",)

    def _validate(self, metrics: dict[str, Any], *_: object, **__: object) -> dict[str, Any]:
        return {"success": not metrics["unexpected_rows_query.table"]}


_OURS = {"unexpected_rows_expectation": NoRowIsFound.expectation_type}


def check(jobs: Sequence[CheckJob], expectations: Path, folder: Path) -> list[CheckResult]:
    """Run the suites of the jobs' tables, all jobs at once: a rule takes as long on few rows as on many.

    Args:
        jobs: what to check, of the same tables each.
        expectations: folder of the suites.
        folder: where to work; the partitions' views and DuckDB's spill go there.

    Returns:
        Every rule of these suites for each job, in the jobs' order.

    Raises:
        AnqError: a table has no suite, or the suites or the files cannot be used.
    """
    wanted = suites(expectations, jobs[0].files)
    path = database(jobs, folder)
    ours, theirs = _halves(wanted)
    # forked, for to import Great Expectations again would take longer than a half's share
    with ProcessPoolExecutor(1, mp_context=get_context("fork"), initializer=end_with_parent) as pool:
        other = pool.submit(_answers, jobs, theirs, path, folder)
        found = _answers(jobs, ours, path, folder)
        try:
            found |= other.result()
        except BrokenProcessPool as error:
            raise AnqError("a half of the check ended without an answer; run again") from error
    return [one for job in jobs for suite in wanted for one in found[suite.table] if one.archive == job.archive]


def _halves(wanted: Sequence[Suite]) -> tuple[list[Suite], list[Suite]]:
    """The suites in two parts of about as many rules: Great Expectations keeps one core busy, whatever the rows."""
    halves: tuple[list[Suite], list[Suite]] = ([], [])
    for suite in sorted(wanted, key=lambda suite: -len(suite.rules)):
        min(halves, key=lambda half: sum(len(one.rules) for one in half)).append(suite)
    return halves


def _answers(
    jobs: Sequence[CheckJob], wanted: Sequence[Suite], path: Path, folder: Path
) -> dict[str, list[CheckResult]]:
    """By table, every rule of its suite for each job."""
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
        return {suite.table: list(_run(jobs, suite, source)) for suite in wanted}
    finally:
        source.get_engine().dispose()
        source.get_execution_engine().engine.dispose()


def _run(jobs: Sequence[CheckJob], suite: Suite, source: Any) -> Iterator[CheckResult]:  # noqa: ANN401
    schema, _, table = suite.table.rpartition(".")
    asset = source.add_table_asset(name=suite.table, table_name=table, schema_name=schema or None)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    asked = gx.ExpectationSuite(
        name=suite.table,
        # adding them one by one would keep only the last unexpected_rows_expectation
        expectations=[
            {
                "type": _OURS.get(rule.type, rule.type),
                "kwargs": rule.kwargs,
                "severity": rule.severity,
                "meta": {"rule": rule.rule},
            }
            for rule in suite.rules
        ],
    )
    answered = batch.validate(
        asked,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": list(suite.key),
            "partial_unexpected_count": _ALL,
            "return_unexpected_index_query": False,
        },
    )
    _made.clear()
    by_rule = {one.expectation_config.meta["rule"]: one for one in answered.results}
    for rule in suite.rules:
        answer = by_rule[rule.rule]
        error = _raised(answer.exception_info)
        failing = _failing(jobs, suite, rule, answer, source) if error is None else {}
        if error is None and not answer.success and not any(one.rows for one in failing.values()):
            error = "it does not hold, but no row breaks it"
        for job in jobs:
            yield _broken(job, suite, rule, error) if error else _result(job, suite, rule, failing[job.archive])


def _failing(jobs: Sequence[CheckJob], suite: Suite, rule: Rule, answer: Any, source: Any) -> dict[str, _Failing]:  # noqa: ANN401
    """By archive, the rows that break a rule; one that does not tell its archive speaks of all."""
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
        mine = archives.get((row.get("legislature"), row.get("question_type")))
        archive = row.get("archive") or row.get("issue") or mine
        of_question = mine is not None and mine == archive and row.get("question_number") is not None
        for one in (archive,) if archive in by_archive else by_archive:
            by_archive[one].add(dict(row), of_question=of_question)
    return by_archive


@dataclass
class _Failing:
    """Rows of an archive that break a rule."""

    rows: int = 0
    examples: list[dict[str, Any]] = field(default_factory=list)
    by_number: dict[int, dict[str, Any]] | None = field(default_factory=dict)  # None: some is of no question

    def add(self, row: dict[str, Any], *, of_question: bool) -> None:
        self.rows += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(row)
        if not of_question:
            self.by_number = None
        elif self.by_number is not None:
            self.by_number.setdefault(row["question_number"], row)


def _result(job: CheckJob, suite: Suite, rule: Rule, failing: _Failing) -> CheckResult:
    aside = None
    if failing.rows and rule.severity == "critical" and failing.by_number is not None:
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
        success=not failing.rows,
        observed=_json({"failing_rows": failing.rows}),
        failing_rows=failing.rows,
        examples=_json(failing.examples) if failing.rows else None,
        aside=aside,
    )


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in KEY}


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
    """The exception's text: Great Expectations gives one record, or one a metric that raised."""
    records = [info] if "raised_exception" in info else list(info.values())
    said = [str(one["exception_message"]) for one in records if one["raised_exception"]]
    return "; ".join(dict.fromkeys(said)) if said else None


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
