"""A lock between processes, given back by the system when its holder dies."""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from etl.errors import AnqError
from etl.files.holders import lock_holders

SAY_AFTER = 5.0  # seconds
SAY_AGAIN_AFTER = 600.0
GIVE_UP_AFTER = 5400.0  # a load of all data takes minutes; Airflow ends a task after two hours
_ASK_EVERY = 0.1
_LOG = logging.getLogger(__name__)


@contextmanager
def locked(
    path: Path,
    *,
    say_after: float = SAY_AFTER,
    say_again_after: float = SAY_AGAIN_AFTER,
    give_up_after: float = GIVE_UP_AFTER,
) -> Iterator[None]:
    """Hold the lock that the file `path` stands for; waits for whoever holds it, and says whom.

    The file can be opened by its owner only, so that nobody else can hold the lock.

    Args:
        path: the file; it is made, with its folder.
        say_after: seconds after which a warning is logged.
        say_again_after: seconds from one warning to the next.
        give_up_after: seconds.

    Raises:
        AnqError: it was held for so long; or the file is another user's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except PermissionError as error:
        if not path.exists():
            raise
        raise AnqError(f"{path} is another user's: run as its owner, who works in this home") from error
    try:
        if stat.S_IMODE(os.fstat(file).st_mode) & 0o077:  # made by an earlier version
            os.fchmod(file, 0o600)
        began = time.monotonic()
        say_at = began + say_after
        while not _is_taken(file):
            now = time.monotonic()
            if now >= began + give_up_after:
                raise AnqError(
                    f"{path} was held for {_minutes(give_up_after)}, now by {_holders(path)}: end that process if it "
                    "hangs or is no run of yours (`fuser -v`, as root, names any), then run again"
                )
            if now >= say_at:
                left = began + give_up_after - now
                _LOG.warning("waiting for %s, which holds %s; gives up in %s", _holders(path), path, _minutes(left))
                say_at = now + say_again_after
            time.sleep(_ASK_EVERY)
        yield
    finally:
        os.close(file)


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(path: Path) -> str:
    return ", ".join(lock_holders(path)) or "another user's process"


def _minutes(seconds: float) -> str:
    return f"{round(seconds / 60)} minutes" if seconds >= 120 else f"{round(seconds)} seconds"
