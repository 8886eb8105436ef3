"""The suites: the base of each from schemas/, the rest from expectations/*.json.

In a rule's SQL `$key` stands for the columns that name a row, `{batch}` for the suite's own table, and `$markup`,
`$mojibake` and `$invisible` for what these look like (etl/check/patterns.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from etl.check.messages import Severity
from etl.check.patterns import PATTERNS
from etl.errors import AnqError
from etl.lake.code import code_digest
from etl.schema import EXPECTATIONS, KEY, Column, Table, tables
from etl.schema.sql import literal, literals

_ROWS = "unexpected_rows_expectation"
_SQL = "unexpected_rows_query"
_PRIMARY = "schemas/ declares the primary key"
_LONG = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}  # as DESCRIBE has it


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of a suite.

    Attributes:
        rule: its id, unique in the suite.
        severity: critical, warning or info.
        type: the Great Expectations type.
        kwargs: what Great Expectations is given.
        why: the reason for the rule, a sentence.
    """

    rule: str
    severity: Severity
    type: str
    kwargs: dict[str, Any]
    why: str

    @property
    def sql(self) -> str | None:
        """The query whose rows are the failures; None of a rule that Great Expectations brings."""
        return self.kwargs.get(_SQL)


class Suite(msgspec.Struct, frozen=True):
    """The rules of a table: first those that its schema implies."""

    table: str
    rules: list[Rule]

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name a row."""
        return key_of(tables()[self.table])


def key_of(table: Table) -> tuple[str, ...]:
    """The columns that name a row of a table: the key of its question, or else its own."""
    return KEY if set(KEY) <= set(table.primary_key) else table.primary_key or tuple(table.names[:1])


@cache
def digest(folder: Path = EXPECTATIONS) -> str:
    """Digest of the rules and of the code that runs them: when it differs, what passed them is checked again."""
    rules = [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".md"]
    code = [code_digest(f"etl.check.{module}").encode() for module in ("jobs", "results")]
    return hashlib.sha256(b"\0".join([*rules, *code])).hexdigest()[:16]


def suites(folder: Path, wanted: Collection[str] | None = None) -> list[Suite]:
    """The suites of the folder, by name of their tables.

    Args:
        folder: `expectations/`.
        wanted: tables, each of which must have a suite; None means every suite there is.

    Raises:
        AnqError: a table without a suite; a suite that is broken, for no table, or with two rules of one name.
    """
    paths = {path.stem: path for path in sorted(folder.glob("*.json"))}
    if not paths:
        raise AnqError(f"{folder}: no suite there; a suite is a file <table>.json")
    for name, path in paths.items():
        if name not in tables():
            raise AnqError(f"{path.name}: no table {name} in schemas/; name the suite after its table")
    for name in wanted or ():
        if name not in paths:
            raise AnqError(f"{folder}: the table {name} has no suite; write {name}.json, [] for what schemas/ implies")
    return [_suite(path) for name, path in paths.items() if wanted is None or name in wanted]


def _suite(path: Path) -> Suite:
    table = tables()[path.stem]
    try:
        written = msgspec.json.decode(path.read_bytes(), type=list[Rule])
    except msgspec.DecodeError as error:
        raise AnqError(f"{path.name}: not a list of rules: {error}") from error
    rules = [*base(table), *written]
    names = [rule.rule for rule in rules]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise AnqError(f"{path.name}: more than one rule is called {', '.join(sorted(twice))}")
    key = ", ".join(key_of(table))
    return Suite(table.full_name, [_filled(path, rule, key) for rule in rules])


def base(table: Table) -> list[Rule]:
    """The rules that a table's schema implies: columns and types, key, not null, allowed values, patterns, minimums."""
    return [
        _rows("columns_declared", "critical", _undeclared(table), "schemas/ declares the columns and types"),
        *([_rows("key_unique", "critical", _doubles(table, table.primary_key), _PRIMARY)] if table.primary_key else ()),
        *(rule for column in table.lake_columns for rule in _of_column(table, column)),
    ]


def _of_column(table: Table, column: Column) -> Iterator[Rule]:
    name, limits = column.name, column.constraints
    severity: Severity = limits.get("severity", "critical")
    shown = "" if name in key_of(table) else f", {name}"

    def where(what: str, condition: str, why: str) -> Rule:
        return _rows(f"{name}_{what}", severity, f"SELECT $key{shown} FROM {{batch}} WHERE {condition}", why)

    if limits.get("required"):
        yield where("not_null", f"{name} IS NULL", "schemas/: required")
    if limits.get("unique"):
        yield _rows(f"{name}_unique", severity, _doubles(table, (name,)), "schemas/: unique")
    if "enum" in limits:
        yield where("allowed", f"{name} NOT IN ({literals(limits['enum'])})", "schemas/: enum")
    if "minimum" in limits:
        yield where("minimum", f"{name} < {limits['minimum']}", "schemas/: minimum")
    if "maximum" in limits:
        yield where("maximum", f"{name} > {limits['maximum']}", "schemas/: maximum")
    if "pattern" in limits:
        pattern = literal(limits["pattern"]).replace("{", "{{").replace("}", "}}").replace("$", "$$")
        yield where("pattern", f"NOT regexp_full_match({name}, {pattern})", "schemas/: pattern")


def _rows(name: str, severity: Severity, query: str, why: str) -> Rule:
    return Rule(name, severity, _ROWS, {_SQL: query}, why)


def _doubles(table: Table, columns: tuple[str, ...]) -> str:
    named = ", ".join(columns)
    shown = ", ".join(name for name in columns if name not in key_of(table))
    return (
        f"SELECT $key{shown and f', {shown}'} FROM {{batch}} WHERE ({named}) IN "
        f"(SELECT ({named}) FROM {{batch}} GROUP BY {named} HAVING count(*) > 1)"
    )


def _undeclared(table: Table) -> str:
    declared = ", ".join(
        f"({literal(column.name)}, {literal(_LONG.get(column.sql, column.sql))})" for column in table.lake_columns
    )
    return (
        "SELECT coalesce(there.column_name, declared.name) AS column_name, there.column_type AS found, "
        "declared.type AS declared FROM (DESCRIBE {batch}) AS there "
        f"FULL JOIN (VALUES {declared}) AS declared(name, type) "
        "ON there.column_name = declared.name WHERE found IS DISTINCT FROM declared.type"
    )


def _filled(path: Path, rule: Rule, key: str) -> Rule:
    if rule.sql is None:
        return rule
    try:
        patterns = {name: pattern.replace("{", "{{").replace("}", "}}") for name, pattern in PATTERNS.items()}
        sql = Template(rule.sql).substitute(patterns, key=key)
    except (KeyError, ValueError) as error:
        raise AnqError(
            f"{path.name}: rule {rule.rule}: no such placeholder, or a lone $ (write $$): {error}"
        ) from error
    return msgspec.structs.replace(rule, kwargs={**rule.kwargs, _SQL: sql})
