"""A PostgreSQL of our own, on loopback."""

from __future__ import annotations

import getpass
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgresql(folder: Path) -> Iterator[int]:
    """An empty one, whose user `anq` may do all; gives its port.

    Args:
        folder: a new one, for its files.
    """
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    user = [] if getpass.getuser() != "root" else ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if user:
        for path in (folder, *folder.parents):
            if path != Path("/") and path != Path("/tmp"):
                path.chmod(0o755)
        shutil.chown(folder, "nobody", "nogroup")
    subprocess.run(
        [*user, "initdb", "-D", folder / "data", "-U", "anq", "-A", "trust"], check=True, capture_output=True
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*user, "postgres", "-D", folder / "data", "-p", str(port), "-k", "", "-h", "127.0.0.1", "-F"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(300):
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=0.1):
                        break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            server.send_signal(signal.SIGINT)
