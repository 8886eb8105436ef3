"""The tables of expectations/README.md: each suite's rules, their severities and why they are there."""

from __future__ import annotations

from etl.check.suites import Suite, base, suites
from etl.schema import EXPECTATIONS, tables

PAGE = EXPECTATIONS / "README.md"
_BEGIN, _END = "<!-- made by `make docs` from the suites; do not edit -->", "<!-- until here -->"


def explained(page: str) -> str:
    """The page with the part between its two marks made anew.

    Args:
        page: the page as it is.

    Raises:
        ValueError: a mark is missing.
    """
    head, _ = page.split(f"{_BEGIN}\n")
    _, tail = page.split(f"{_END}\n")
    lines = [line for suite in suites(EXPECTATIONS) for line in _section(suite)]
    return "\n".join([f"{head}{_BEGIN}", "", *lines, f"{_END}\n{tail}"])


def _section(suite: Suite) -> list[str]:
    own = suite.rules[len(base(tables()[suite.table])) :]
    rows = [f"| `{rule.rule}` | {rule.severity} | {rule.why} |" for rule in own]
    lines = ["| rule | severity | why |", "|---|---|---|", *rows] if rows else ["What `schemas/` implies, and no more."]
    return [f"### {suite.table}.json", "", *lines, ""]
