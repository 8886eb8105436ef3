"""Writes the pages whole, from a run's summary, the ledger and the suites; Jinja escapes every value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from etl.check.suites import Rule, suites
from etl.errors import AnqError
from etl.files.aside import write_aside
from etl.lake import ledger
from etl.report import data_docs, run_page
from etl.report.facts import EXAMPLES, SHOWN, place
from etl.schema import EXPECTATIONS, KEY, LICENCE
from etl.settings import Settings

RUNS, ANOMALIES = 500, 200  # rows listed at most
SEVERITIES = ("critical", "warning", "info")


class _Run(msgspec.Struct):
    """The part of a run's summary that the list of runs shows."""

    run_id: str
    started_at: datetime
    seconds: float | None
    source: str
    state: str
    release: str | None
    changed: int
    quarantined: int
    anomalies: int

    @property
    def page(self) -> str:
        return f"{ledger.file_name(self.run_id)}.html"


def write(settings: Settings, summary: Mapping[str, Any]) -> None:
    """Writes the page of a run, then the Data Docs, then the list of runs; each replaces its old file at once.

    Args:
        settings: the home.
        summary: the run's, with its facts, as in reports/runs/*.json, where it is written already.

    Raises:
        AnqError: the summary of an earlier run cannot be read.
    """
    page = run_page(settings, summary["run_id"])
    rules = _rules()
    runs = _runs(settings, page.with_suffix(".json"))
    earlier = [run for run in runs if run.started_at < summary["started_at"]]
    before = max(earlier, key=lambda run: run.started_at, default=None)
    failed = sorted(
        ({**row, **_examples(row), "why": _why(rules.get(_id(row)))} for row in summary["failed_checks"]),
        key=lambda row: (SEVERITIES.index(row["severity"]), place(row["archive"]), _id(row)),
    )
    source = {"sample": summary["sample"], "fetched_at": summary["fetched_at"]}
    _write(page, "run.html", **source, run=summary, listed=ANOMALIES, failed=failed, before=before)
    _write(data_docs(settings), "data_docs.html", **source, **_checked(settings, rules))
    _write(settings.reports / "index.html", "index.html", **source, runs=runs[:RUNS])


def _runs(settings: Settings, this: Path) -> list[_Run]:
    """The runs that have a page, and this one, newest first."""
    summaries = {page.with_suffix(".json") for page in (settings.reports / "runs").glob("*.html")} | {this}
    runs = [_read(path) for path in summaries if path.exists()]
    return sorted(runs, key=lambda run: run.started_at, reverse=True)


def _read(path: Path) -> _Run:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Run)
    except msgspec.DecodeError as error:
        raise AnqError(f"{path}: not the summary of a run ({error}); delete it, and the page beside it") from error


def _rules() -> dict[tuple[str, str], Rule]:
    return {(suite.table, rule.rule): rule for suite in suites(EXPECTATIONS) for rule in suite.rules}


def _id(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["suite"], row["expectation"]


def _why(rule: Rule | None) -> str:
    return rule.why if rule else "The suite no longer has this rule."


def _checked(settings: Settings, rules: Mapping[tuple[str, str], Rule]) -> dict[str, Any]:
    """What the Data Docs show: each archive's last check, and each rule with its results there."""
    checks = ledger.last(settings.lake, "ops.checks")
    archives = _checked_archives(settings, checks)
    results = dict[tuple[str, str], list[dict[str, Any]]]()
    for _, rows in checks:
        for row in rows:
            results.setdefault(_id(row), []).append(row)
    listed = [_checked_rule(*key, rules.get(key), results.get(key, [])) for key in {**rules, **results}]
    failed = [rule for rule in listed if rule["failed"]]
    by_suite = dict[str, list[dict[str, Any]]]()
    for rule in listed:
        by_suite.setdefault(rule["suite"], []).append(rule)
    return {
        "archives": archives,
        "filters": ["failed", *SEVERITIES, *(f"in-{archive['slug']}" for archive in archives if archive["failed"])],
        "suites": by_suite,
        "severities": {
            severity: tuple(sum(rule["severity"] == severity for rule in some) for some in (listed, failed))
            for severity in SEVERITIES
        },
        "failed": len(failed),
        "rules": len(listed),
    }


def _checked_archives(settings: Settings, checks: Sequence[tuple[str, list[dict[str, Any]]]]) -> list[dict[str, Any]]:
    """Each archive with its last check, from the rows of `ops.checks` and the run that wrote them."""
    runs = {run: ledger.read(settings.lake, [run]).get("ops.runs", []) for run in {run for run, _ in checks}}
    archives = []
    for run, rows in checks:
        page = run_page(settings, run)
        archives.append(
            {
                "name": rows[0]["archive"],
                "slug": _slug(rows[0]["archive"]),
                "run": run,
                "page": page.name if page.exists() else None,
                "at": runs[run][0]["started_at"] if runs[run] else None,  # a killed run has no row
                "rules": len(rows),
                "failed": sum(not row["success"] for row in rows),
            }
        )
    return sorted(archives, key=lambda archive: place(archive["name"]))


def _checked_rule(suite: str, name: str, rule: Rule | None, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A rule as the Data Docs show it, from its results; `rule` is None when its suite no longer has it."""
    rows = sorted(rows, key=lambda row: place(row["archive"]))
    failed = [{**row, **_examples(row), "slug": _slug(row["archive"])} for row in rows if not row["success"]]
    # a rule that raised is critical, whatever its suite says
    severities = [*([rule.severity] if rule else []), *(row["severity"] for row in rows)]
    return {
        "suite": suite,
        "id": f"{suite}.{name}",
        "severity": min(severities, key=SEVERITIES.index),
        "why": _why(rule),
        "asks": _asks(suite, rule) if rule else None,
        "sql": bool(rule and rule.sql),
        "checked": len(rows),
        "failed": failed,
    }


def _asks(suite: str, rule: Rule) -> str:
    """A rule's SQL; without SQL, the name and arguments of its expectation in words."""
    if rule.sql is not None:
        return rule.sql.format(batch=suite)
    arguments = (
        f"{name.replace('_', ' ')} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in rule.kwargs.items()
    )
    return f"{rule.type.replace('_', ' ').capitalize()}: {'; '.join(arguments)}."


def _examples(row: Mapping[str, Any]) -> dict[str, Any]:
    """A result's failing rows as a table, the question's key first."""
    rows = msgspec.json.decode(row["examples"] or "[]", type=list[dict[str, Any]])[:EXAMPLES]
    keyed = bool(rows) and all(name in failing for name in KEY for failing in rows)
    names = dict.fromkeys(name for failing in rows for name in failing if not (keyed and name in KEY))
    observed = msgspec.json.decode(row["observed"] or "{}")
    return {
        "columns": [*(["question"] if keyed else []), *names],
        "cells": [[*([_key(failing)] if keyed else []), *(failing.get(name) for name in names)] for failing in rows],
        "error": None if row["failing_rows"] is not None else observed.get("error"),
        "aside": "set_aside" in observed,
    }


def _slug(archive: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", archive)


def _key(row: Mapping[str, Any] | None) -> str:
    """A question's key as 17/QE/3, with "?" for a part that the record has not; nothing without a row."""
    if row is None:
        return ""
    return "/".join("?" if row[name] is None else str(row[name]) for name in KEY)


def _cut(value: object) -> str:
    """A value as a cell shows it, cut at `SHOWN` characters."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _change(value: int | None) -> str:
    return "" if value is None else "=" if value == 0 else f"{value:+,}".replace("-", "−")


def _moment(value: datetime | str | None) -> str:
    if value is None:
        return ""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@cache
def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"cut": _cut, "count": _count, "change": _change, "moment": _moment, "key": _key}
    made.globals |= {"style": (folder / "style.css").read_text("utf-8"), "licence": LICENCE}
    return made


def _write(path: Path, template: str, **what: object) -> None:
    write_aside(path, _environment().get_template(template).render(what).encode())
