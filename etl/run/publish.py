"""A release: loaded from the lake, checked, swapped in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from etl.check import gate
from etl.check.jobs import release_job
from etl.errors import AnqError, DamageError
from etl.files.lock import locked
from etl.lake import ledger, markers
from etl.run import policy
from etl.run.context import Run
from etl.run.decide import forget_what_is_over
from etl.run.policy import Failure
from etl.run.questions import mend
from etl.run.sample import drop_sample, refuse_sample
from etl.run.work import Outcome, Work, step
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse import views
from etl.warehouse.release import Release


def publish(run: Run, failures: Sequence[Failure] = (), *, prepared: bool = True) -> Release | None:
    """Loads what changed in the lake, checks the tables made with it, and swaps the release in.

    Args:
        run: the run.
        failures: what of it failed before.
        prepared: something did not.

    Returns:
        The release; None when the last one already holds what the lake holds, under the views that are declared.

    Raises:
        GateError: a critical check of the release failed.
    """
    settings = run.settings
    with locked(settings.warehouse / ".lock"):
        refuse_sample(settings)
        if not run.is_sample:
            drop_sample(settings)
        forget_what_is_over(settings, run.now.date())
        is_new = not _is_loaded(settings)
        if _is_empty(settings.lake) or not policy.makes_release(is_new=is_new, force=run.force, prepared=prepared):
            return None
        return _load(run, policy.state(failures, released=True))


def rebuild(run: Run) -> Release:
    """Makes a release from the lake alone.

    Raises:
        AnqError: the lake is empty.
    """
    mend(run, None)
    with locked(run.settings.warehouse / ".lock"):
        if _is_empty(run.settings.lake):
            raise AnqError(f"{run.settings.lake} holds nothing to rebuild from; `anq run` fills it")
        return _load(run, "released", anew=True)


def rollback(run: Run, name: str | None) -> Release:
    """Swaps back to an earlier release; the next run with something new swaps forward again.

    Args:
        run: the run.
        name: which one; None means the one before the current one.

    Returns:
        The release that is now current.

    Raises:
        UsageError: there is none to go back to.
        DamageError: it is not whole.
    """
    warehouse = run.settings.warehouse
    with locked(warehouse / ".lock"):
        return releases.read(releases.path_of(warehouse, releases.rollback(warehouse, name)))


def _is_loaded(settings: Settings) -> bool:
    """Whether the last release holds what the lake holds, under the views that are declared, untouched since."""
    try:
        made, current = releases.releases(settings.warehouse), releases.current(settings.warehouse)
    except DamageError:  # the load says so
        return False
    if not made or current is None:
        return False
    if current.file is not None and not releases.is_as_published(settings.warehouse, current):
        return False
    return (made[-1].sha256, made[-1].views) == (releases.digest(settings.lake), views.digest())


def _is_empty(lake: Path) -> bool:
    return not (markers.partitions(lake) or markers.references(lake))


def _load(run: Run, state: policy.State, *, anew: bool = False) -> Release:
    from etl.warehouse.load import load

    lake, warehouse = run.settings.lake, run.settings.warehouse
    made = releases.releases(warehouse)
    # a task that is run again keeps its run's time, and the newest release must still be the last by name
    at = max(run.now, made[-1].created_at + timedelta(seconds=1)) if made else run.now
    work = Work(outcome=Outcome("release"))

    def approve(candidate: Path) -> ledger.Rows:
        with step(work, run, "check"):
            work.results = run.checker.check([release_job(candidate, run.now)])
            work.note_check(run)
            gate(work.results)
        work.tell(run, "release")
        if work.outcome.error:
            raise work.outcome.error
        return work.ledger

    row = run.row(state, releases.name_of(at, releases.digest(lake)))
    try:
        return load(lake, warehouse, markers.partitions(lake), row, at, say=run.say, anew=anew, approve=approve)
    except AnqError as error:
        if work.outcome.error is None:  # the check has told of its own
            work.outcome.error = error
            work.ledger["ops.outcomes"].append(work.outcome.row(run, "load", None))
            work.tell(run, "release")
        raise
