"""The checking process, `python -m etl.check EXPECTATIONS FOLDER SOCKET PARENT`: jobs in, results out."""

from __future__ import annotations

import os
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from etl.errors import AnqError

_LOOK_AROUND_SECONDS = 2.0


def main(expectations: Path, folder: Path, socket: int, parent: int) -> None:
    """Answer jobs until the parent, a process id, closes its end of the socket, a file descriptor, or is gone."""
    Thread(target=_end_with, args=(parent,), daemon=True).start()

    from etl.check.results import check
    from etl.check.suites import suites
    from etl.schema import tables

    tables()  # read now, and not when there is something to check
    connection = Connection(socket)
    while True:
        try:
            jobs = connection.recv()
        except EOFError:
            return
        try:
            wanted = suites(expectations, jobs[0].files)
            connection.send(check(jobs, wanted, folder))
        except AnqError as error:
            connection.send(error)


def _end_with(parent: int) -> None:
    """Ends this process once the parent was killed: a forked worker of its may still hold its end of the socket."""
    while os.getppid() == parent:
        time.sleep(_LOOK_AROUND_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
