"""A release: loaded from the lake, checked, swapped in."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from etl import lake, ops
from etl.check import Checker, gate
from etl.check.jobs import release_job
from etl.errors import AnqError
from etl.lake import Partition
from etl.lock import locked
from etl.settings import Settings
from etl.steps.part import (
    Outcome,
    Part,
    check_rows,
    drop_sample,
    outcome_row,
    refuse_sample,
    running,
    step,
)
from etl.warehouse import release as releases
from etl.warehouse import views
from etl.warehouse.release import Release


def publish(
    settings: Settings,
    now: datetime,
    run_id: str,
    force: bool = False,
    started: float | None = None,
    failed: bool = False,
    checker: Checker | None = None,
) -> Release | None:
    """Loads what changed in the lake, checks the tables made with it, and swaps the release in.

    Args:
        settings: home and source.
        now: time of the run.
        run_id: the run.
        force: make a release though nothing is new.
        started: `time.monotonic()` at the run's start, for its duration.
        failed: a source of this run failed.
        checker: the run's; None means one of its own.

    Returns:
        The release; None when the last one already holds what the lake holds, under the views that are declared.

    Raises:
        GateError: a critical check of the release failed.
    """
    with locked(settings.warehouse / ".lock"):
        refuse_sample(settings)
        if settings.source != "sample":
            drop_sample(settings)
        partitions = lake.partitions(settings.lake)
        made = releases.releases(settings.warehouse)
        now_held = (releases.digest(settings.lake), views.digest())
        loaded = bool(made) and (made[-1].sha256, made[-1].views) == now_held and releases.current(settings.warehouse)
        if not (partitions or lake.references(settings.lake)) or (loaded and not force):
            return None
        state = "source_failed" if failed else "released"
        return _load(settings, partitions, now, run_id, state, started, checker=checker)


def rebuild(settings: Settings, now: datetime, run_id: str) -> Release:
    """Makes a release from the lake alone.

    Raises:
        AnqError: the lake is empty.
    """
    with locked(settings.warehouse / ".lock"):
        partitions = lake.partitions(settings.lake)
        if not (partitions or lake.references(settings.lake)):
            raise AnqError(f"{settings.lake} holds nothing to rebuild from; `anq run` fills it")
        return _load(settings, partitions, now, run_id, "released", None, anew=True)


def _load(
    settings: Settings,
    partitions: Sequence[Partition],
    now: datetime,
    run_id: str,
    state: str,
    started: float | None,
    *,
    anew: bool = False,
    checker: Checker | None = None,
) -> Release:
    from etl.warehouse.load import load

    made = releases.releases(settings.warehouse)
    # a task that is run again keeps its run's time, and the newest release must still be the last by name
    at = max(now, made[-1].created_at + timedelta(seconds=1)) if made else now
    run = run_row(settings, now, run_id, state, started, releases.name_of(at, releases.digest(settings.lake)))
    part = Part(Outcome("release"))
    with running(checker) as checking:
        checking.warm()

        def approve(candidate: Path) -> ops.Rows:
            with step(part, run_id, "check", lambda _: None):
                part.results = checking.check([release_job(candidate, now)])
                part.ledger["ops.checks"] += check_rows(part, run_id)
                gate(part.results)
            ops.write(settings.lake, run_id, "release", part.ledger)
            if part.outcome.error:
                raise part.outcome.error
            return part.ledger

        try:
            return load(settings.lake, settings.warehouse, partitions, run, at, anew=anew, approve=approve)
        except AnqError as error:
            if part.outcome.error is None:  # the check has told of its own
                part.outcome.error = error
                part.ledger["ops.outcomes"].append(outcome_row(part.outcome, run_id, "load", None))
                ops.write(settings.lake, run_id, "release", part.ledger)
            raise


def run_row(
    settings: Settings, now: datetime, run_id: str, state: str, started: float | None, release: str | None
) -> dict[str, Any]:
    """The row of `ops.runs`."""
    seconds = None if started is None else round(time.monotonic() - started, 3)
    return {
        "run_id": run_id,
        "started_at": now,
        "seconds": seconds,
        "source": settings.source,
        "state": state,
        "release": release,
    }
