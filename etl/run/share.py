"""The current release, put where readers find it."""

from __future__ import annotations

from etl.run.context import Run


def share(run: Run) -> bool:
    """Puts the current release where ANQ_PUBLISH says, points to it, and tells data.gouv.fr if it has a key for that.

    What an earlier run did not come to is done now.

    Args:
        run: the run; its `say` is told of what was done.

    Returns:
        Whether anything was to be done.

    Raises:
        AnqError: it cannot be put there, or data.gouv.fr did not take it; the release here stays as it is.
    """
    from etl.share import datagouv
    from etl.share.current import share as share_current

    settings = run.settings
    shared = share_current(settings, settings.share, run.now) if settings.share else None
    if shared is None:
        return False
    if shared.is_new:
        run.say(f"shared {shared.about.release}: {shared.url}/latest/anq.duckdb")
    key = settings.datagouv_key
    is_told = key is not None and datagouv.tell(settings, key, shared.about, shared.url)
    if is_told:
        run.say(f"data.gouv.fr now leads to {shared.about.release}")
    return shared.is_new or is_told
