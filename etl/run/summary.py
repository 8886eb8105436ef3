"""What a run did, told when it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from etl.files.aside import write_aside
from etl.files.lock import locked
from etl.lake import decisions, ledger
from etl.lake.freshness import late
from etl.run import policy
from etl.run.context import Run
from etl.run.policy import Failure
from etl.warehouse import release as releases
from etl.warehouse.release import Release


def summarise(run: Run, failures: Sequence[Failure] = (), release: Release | None = None) -> dict[str, Any]:
    """Writes the run's summary to reports/runs/, and for a run that did something its row to the ledger and its pages.

    Args:
        run: the run.
        failures: what failed, beside what the ledger has of it.
        release: what it made; None looks for it.

    Returns:
        The summary.
    """
    settings = run.settings
    rows = ledger.read(settings.lake, [ledger.file_name(run.id)])
    outcomes = rows.get("ops.outcomes", [])
    if release is None:
        made = releases.releases(settings.warehouse)
        release = next((candidate for candidate in made if candidate.run_id == run.id), None)
    failed = [Failure(row["archive"], row["exit_code"], row["message"]) for row in outcomes if row["state"] == "failed"]
    state = policy.state([*failures, *failed], released=release is not None)
    run_row = run.row(state, release.name if release else None)
    did_something = bool(outcomes or release)
    if did_something:
        ledger.write(settings.lake, run.id, "run", {"ops.runs": [run_row]})
    parsed = [row for row in outcomes if row["step"] == "parse" and row["state"] == "done"]
    summary = {
        **run_row,
        "archives": outcomes,
        "changed": ledger.total(parsed, "changed"),
        "quarantined": ledger.total(parsed, "quarantined"),
        "anomalies": ledger.total(parsed, "anomalies"),
        "rows": release.rows if release else {},
        "late": late(settings, run.now.date()),
        "held_back": [msgspec.to_builtins(held) for held in decisions.all_held_back(settings.lake)],
        "acceptances": [msgspec.to_builtins(decision) for decision in decisions.all_acceptances(settings.lake)],
        "failed_checks": [row for row in rows.get("ops.checks", []) if not row["success"]],
    }
    if not did_something:
        _keep(run, summary)
        return summary
    from etl.report.facts import facts
    from etl.report.pages import write

    with locked(settings.warehouse / ".lock"):  # no other run removes the release before, or writes the same pages
        summary |= facts(settings, outcomes, release)
        _keep(run, summary)
        write(settings, summary)
    return summary


def _keep(run: Run, summary: dict[str, Any]) -> None:
    path = run.settings.reports / "runs" / f"{ledger.file_name(run.id)}.json"
    write_aside(path, msgspec.json.format(msgspec.json.encode(summary)))
