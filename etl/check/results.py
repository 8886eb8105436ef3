"""The rules, run on the tables: suites in, results out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from etl.check.messages import CheckJob, CheckResult, Rows, SetAside
from etl.check.suites import Rule, Suite
from etl.check.tables import opened
from etl.schema import KEY

_EXAMPLES = 20


def check(jobs: Sequence[CheckJob], wanted: Sequence[Suite], folder: Path) -> list[CheckResult]:
    """Run the suites of the jobs' tables, all jobs at once: a rule takes as long on few rows as on many.

    Args:
        jobs: what to check, of the same tables each.
        wanted: the suites of these tables.
        folder: where their tables are made.

    Returns:
        Every rule of these suites for each job, in the jobs' order.

    Raises:
        AnqError: a table that schemas/ does not declare, or a file that is no Parquet.
    """
    answers: dict[tuple[str, str], Rows | str] = {}
    brought = [Suite(suite.table, rules) for suite in wanted if (rules := [r for r in suite.rules if r.sql is None])]
    with opened(jobs, folder) as (connection, path):
        for suite in wanted:
            for rule in suite.rules:
                if rule.sql is not None:
                    answers[suite.table, rule.rule] = _ask(rule.sql, suite.table, connection)
        if not brought:  # nobody opens the file
            connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    if brought:
        from etl.check.expect import expect  # two seconds, for rules that none of ours is

        answers.update(expect(brought, path, folder))
    results = [
        result
        for suite in wanted
        for rule in suite.rules
        for result in _results(jobs, suite, rule, answers[suite.table, rule.rule])
    ]
    return [result for job in jobs for result in results if result.archive == job.archive]


def _results(jobs: Sequence[CheckJob], suite: Suite, rule: Rule, answer: Rows | str) -> Iterator[CheckResult]:
    """A rule's result for each job, of the rows that break it, or of the error that it raised."""
    if isinstance(answer, str):
        yield from (_broken(job, suite, rule, answer) for job in jobs)
    else:
        failing = _by_archive(jobs, answer)
        yield from (_result(job, suite, rule, failing[job.archive]) for job in jobs)


def _ask(sql: str, table: str, connection: duckdb.DuckDBPyConnection) -> Rows | str:
    """The rows that a rule's query finds, or why it cannot be asked."""
    try:
        query = sql.format(batch=table)
        if connection.execute(query).fetchone() is None:
            return []
        names = [name for name, *_ in connection.execute(f"FROM ({query}) ORDER BY ALL").description]
        return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    except (duckdb.Error, LookupError, ValueError) as error:  # braces that are not doubled are the last two
        return f"{type(error).__name__}: {error}"


def _by_archive(jobs: Sequence[CheckJob], rows: Rows) -> dict[str, _Failing]:
    """By archive, the rows that break a rule; a row that names no archive counts for each."""
    by_archive = {job.archive: _Failing() for job in jobs}
    archives: dict[Any, str] = {(job.legislature, job.question_type): job.archive for job in jobs if job.legislature}
    for row in rows:
        by_key = archives.get((row.get("legislature"), row.get("question_type")))
        archive = row.get("archive") or row.get("issue") or by_key
        of_question = by_key is not None and by_key == archive and row.get("question_number") is not None
        for name in (archive,) if archive in by_archive else by_archive:
            by_archive[name].add(row, of_question=of_question)
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


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=str).decode()
