"""What a run did, told when it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from etl import ops
from etl.freshness import late
from etl.lock import locked
from etl.settings import Settings
from etl.steps.publish import run_row
from etl.warehouse import release as releases
from etl.warehouse.release import Release


def summarise(
    settings: Settings,
    now: datetime,
    run_id: str,
    state: str | None = None,
    release: Release | None = None,
    started: float | None = None,
) -> dict[str, Any]:
    """Writes the run's summary to reports/runs/, and for a run that did something its row to the ledger and its pages.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run.
        state: how it ended, as `ops.runs.state` has it; None works it out of the ledger.
        release: what it made.
        started: `time.monotonic()` at its start.

    Returns:
        The summary.
    """
    said = ops.read(settings.lake, [ops.file_name(run_id)])
    outcomes = said.get("ops.outcomes", [])
    if release is None:
        release = next((one for one in releases.releases(settings.warehouse) if one.run_id == run_id), None)
    if state is None:
        failed = [row["step"] for row in outcomes if row["state"] == "failed"]
        state = (
            "gate_stopped"
            if "check" in failed
            else "failed"
            if "load" in failed
            else "source_failed"
            if failed
            else "released"
            if release
            else "unchanged"
        )
    row = run_row(settings, now, run_id, state, started, release.name if release else None)
    did_something = bool(outcomes or release)
    if did_something:
        ops.write(settings.lake, run_id, "run", {"ops.runs": [row]})
    parsed = [one for one in outcomes if one["step"] == "parse" and one["state"] == "done"]
    summary = {
        **row,
        "archives": outcomes,
        "changed": ops.total(parsed, "changed"),
        "quarantined": ops.total(parsed, "quarantined"),
        "anomalies": ops.total(parsed, "anomalies"),
        "rows": release.rows if release else {},
        "late": late(settings, now.date()),
        "failed_checks": [one for one in said.get("ops.checks", []) if not one["success"]],
    }
    if not did_something:
        _keep(settings, summary)
        return summary
    from etl.report.facts import facts
    from etl.report.pages import write

    with locked(settings.warehouse / ".lock"):  # no other run removes the release before, or writes the same pages
        summary |= facts(settings, outcomes, release)
        _keep(settings, summary)
        write(settings, summary)
    return summary


def _keep(settings: Settings, summary: dict[str, Any]) -> None:
    name = ops.file_name(summary["run_id"])
    folder = settings.reports / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.part"
    aside.write_bytes(msgspec.json.format(msgspec.json.encode(summary)))
    aside.replace(folder / f"{name}.json")
