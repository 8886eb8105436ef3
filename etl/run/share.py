"""The current release, brought to where readers elsewhere find it."""

from __future__ import annotations

import os
import time

from etl.errors import AnqError
from etl.lake import ledger
from etl.run.context import Run
from etl.run.work import Outcome


def share(run: Run) -> bool:
    """Brings the current release to each place that is set: an address (ANQ_PUBLISH), a DuckLake (ANQ_LAKEHOUSE).

    What an earlier run did not come to is done now. One that fails does not keep it from the other. The ledger is told
    of what was done, or failed, as the step `share` of the release.

    Args:
        run: the run; its `say` is told of what was done.

    Returns:
        Whether anything was to be done.

    Raises:
        AnqError: it cannot be brought there, or data.gouv.fr did not take it; the release here stays as it is.
    """
    is_done, faults, outcome, started = False, [], Outcome("release"), time.monotonic()
    for bring in (_to_address, _to_lakehouse):
        try:
            is_done |= bring(run)
        except AnqError as error:
            faults.append(error)
    if faults:
        outcome.error = faults[0] if len(faults) == 1 else AnqError("\n".join(map(str, faults)))
    if outcome.error or is_done:
        row = outcome.row(run, "share", round(time.monotonic() - started, 3))
        ledger.write(run.settings.lake, run.id, "share", {"ops.outcomes": [row]})
    if outcome.error:
        raise outcome.error
    return is_done


def _to_address(run: Run) -> bool:
    """Puts it where ANQ_PUBLISH says, points to it, and tells data.gouv.fr if there is a key for that."""
    settings = run.settings
    if settings.share is None:
        return False
    from etl.share import datagouv
    from etl.share.current import share as share_current

    shared = share_current(settings, settings.share, run.now)
    if shared is None:
        return False
    if shared.is_new:
        run.say(f"shared {shared.about.release}: {shared.url}/latest/anq.duckdb")
    key = settings.datagouv_key
    is_told = key is not None and datagouv.tell(settings, key, shared.about, shared.url)
    if is_told:
        run.say(f"data.gouv.fr now leads to {shared.about.release}")
    return shared.is_new or is_told


def _to_lakehouse(run: Run) -> bool:
    settings = run.settings
    if settings.lakehouse is None:
        return False
    from etl.share import lakehouse

    brought = lakehouse.bring(settings.warehouse, settings.lakehouse, settings.lakehouse_data, os.environ)
    if brought:
        run.say(f"shared {brought}: the DuckLake has it")
    return brought is not None
