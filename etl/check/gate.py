"""The gate: what breaks a critical rule does not pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import msgspec

from etl.check.messages import CheckResult
from etl.errors import GateError
from etl.lake.ceiling import allowed
from etl.schema import KEY

_SHOWN = 3


def gate(results: Sequence[CheckResult], records: int | None = None, *, mended: bool = False) -> None:
    """Let the archives pass when every critical rule holds.

    Args:
        results: of the check.
        records: in the archive, when questions that break a rule may be set aside.
        mended: questions were set aside already, and their rows are as they were last published.

    Raises:
        GateError: names each archive, each critical rule it breaks, how many rows and which.
    """
    failed = [result for result in results if result.severity == "critical" and not result.success]
    if not failed:
        return
    lines = []
    for archive, broken in groupby(sorted(failed, key=attrgetter("archive")), key=attrgetter("archive")):
        rules = list(broken)
        what = "no release was made" if archive == "release" else "held back"
        lines.append(f"{archive}: {what}, {len(rules)} critical rule(s) broken")
        lines += [f"  {rule.rule}: {_rows(rule)}" for rule in rules]
        if mended:
            lines.append("  what arrived bad was set aside; what is left was published before, so look at the rule")
        elif records is not None and all(rule.aside for rule in rules):
            may = allowed(records, "refused")
            lines.append(f"  {may:g} of {records} records may be set aside (expectations/quarantine.yaml)")
    lines.append(
        "What was published of it before still is. reports/ and ops.checks have the failing rows, "
        "expectations/README.md tells of the rules. Mend its reading or the rule; or accept it, if the source is right."
    )
    raise GateError("\n".join(lines))


def _rows(result: CheckResult) -> str:
    if result.failing_rows is None:
        return f"the rule itself failed: {result.observed}"
    rows = msgspec.json.decode(result.examples or "[]", type=list[dict[str, object]])
    keys = [
        f"{row['legislature']}/{row['question_type']}/{row['question_number']}"
        if "question_number" in row
        else ", ".join(f"{name} {value}" for name, value in row.items() if name not in (*KEY, "examples"))
        for row in rows[:_SHOWN]
    ]
    return f"{result.failing_rows} row(s)" + (f", such as {'; '.join(keys)}" if keys else "")
