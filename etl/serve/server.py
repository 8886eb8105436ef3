"""SQL over the network: the current release by DuckDB's Quack protocol, read-only, and nothing else of this machine.

Three doors are closed, each by itself enough for files: every query passes the guard (see `guard.py`) before DuckDB
runs it; DuckDB may open nothing but the releases' folder, and its settings are locked; releases are attached READ_ONLY.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from etl.errors import AnqError
from etl.files.holders import holders
from etl.schema.sql import literal
from etl.serve import token
from etl.serve.guard import Guard, Refused
from etl.serve.listen import LOCAL, in_url, listen
from etl.settings import Settings
from etl.warehouse import extensions
from etl.warehouse.macros import CATALOGUE
from etl.warehouse.query import connect
from etl.warehouse.release import current_name, path_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_POLL = 0.2  # seconds between two looks at current.duckdb
_GRACE = 5.0  # seconds that a replaced release stays attached, for queries that were just let through


def serve(settings: Settings, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves the current release, and each one that takes its place, until SIGTERM or SIGINT.

    Args:
        settings: the home.
        host: name or address to listen on.
        port: TCP port.
        say: called with each line for the person who started it.

    Raises:
        UsageError: there is no release yet.
        AnqError: the address cannot be listened on.
    """
    connect(settings.warehouse).close()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # before DuckDB's threads, which inherit it
    with TemporaryDirectory() as folder, _closed(Path(folder), settings.warehouse) as server:
        release = _Release(server, settings.warehouse)
        server.create_function("anq_guard", release.answer, ["VARCHAR", "VARCHAR"], "VARCHAR")
        release.follow()
        _listen(server, host, port, token.of(settings.home))
        say(_welcome(release.name, host, port, settings.home))
        while signal.sigtimedwait(_SIGNALS, _POLL) is None:
            if release.follow():
                say(f"now serving {release.name}")
        say("stopped")
        server.execute("CALL quack_stop(?)", [_uri(host, port)])


class _Release:
    """The release that is served. Each is attached under its own name, and each query begins with USE of that name.

    One name for all would change its file under a running transaction, an error that DuckDB does not survive.
    """

    _guard: Guard

    def __init__(self, server: DuckDBPyConnection, warehouse: Path) -> None:
        self.name = ""
        self._server, self._warehouse = server, warehouse
        self._count = 0
        self._replaced: list[tuple[float, str]] = []  # when, and the database's name

    def follow(self) -> bool:
        """Attaches the current release, and lets go of those before; their running queries go on with them.

        Returns:
            Whether it is another one.

        Raises:
            AnqError: it is the first, and somebody has it open for writing; a later one is then tried again.
        """
        import duckdb

        while self._replaced and time.monotonic() - self._replaced[0][0] > _GRACE:
            self._server.execute(f"DETACH {self._replaced.pop(0)[1]}")
        name = current_name(self._warehouse)
        if name is None or name == self.name or not path_of(self._warehouse, name).exists():
            return False
        path, database = path_of(self._warehouse, name).resolve(), f"{CATALOGUE}_{self._count + 1}"
        try:
            self._server.execute(f"ATTACH {literal(str(path))} AS {database} (READ_ONLY)")
        except duckdb.IOException as error:
            if self._count:
                return False
            who = ", ".join(holders(path)) or "a process of another user"
            raise AnqError(f"{path} cannot be opened, {who} has it open for writing: end that ({error})") from error
        if self._count:
            self._replaced.append((time.monotonic(), self._guard.database))
        self._count += 1
        self._guard = Guard.of(self._server.cursor().execute(f"USE {database}"))
        self.name = name
        return True

    def answer(self, _session: str, query: str) -> str:
        """What is run for a query: itself, or an error that says why not. Any failure in here refuses it too."""
        guard = self._guard
        try:
            guard.check(query)
        except Refused as refused:
            why = f"anq serve answers questions about the warehouse and does nothing else: {refused}"
            return f"SELECT error({literal(str(why))})"
        return f"USE {guard.database}; {query}"


def _closed(folder: Path, warehouse: Path) -> DuckDBPyConnection:
    """A DuckDB that may read the releases' folder and whose settings stay as they are.

    Its own database is an empty one, read-only as the releases are.
    """
    import duckdb

    path = folder / f"{CATALOGUE}.duckdb"
    duckdb.connect(path).close()
    half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2  # the loads want some too
    config: dict[str, str | bool | int | float | list[str]] = {
        "python_enable_replacements": False,
        "memory_limit": f"{half >> 20}MiB",
        "temp_directory": "",
    }
    server = duckdb.connect(path, read_only=True, config=config)
    extensions.load(server, "httpfs", "quack")  # Quack takes its random numbers from httpfs
    server.execute("SET GLOBAL quack_authorization_function = 'anq_guard'")  # queries fail until there is one
    server.execute(f"SET allowed_directories = [{literal(str((warehouse / 'releases').resolve()))}]")
    server.execute("SET enable_external_access = false")
    server.execute("SET lock_configuration = true")
    return server


def _listen(server: DuckDBPyConnection, host: str, port: int, secret: str) -> None:
    import duckdb

    try:
        # Quack shares a port with whoever has it, silently; this does not
        listen(host, port).close()
        server.execute(
            "CALL quack_serve(?, token := ?, allow_other_hostname := ?)", [_uri(host, port), secret, host not in LOCAL]
        )
    except (OSError, duckdb.Error) as error:
        raise AnqError(f"cannot listen on {host}, port {port}: {error}; --host and --port take others") from error


def _welcome(release: str, host: str, port: int, home: Path) -> str:
    local = host in LOCAL
    lines = (
        f"serving {release} on {_uri(host, port)}, read-only, until Ctrl-C; "
        f"the token is in {token.place(home)}. In DuckDB:",
        f"  ATTACH '{_uri(host, port)}' AS anq (TOKEN '…'{'' if local else ', DISABLE_SSL true'});",
        "  FROM anq.query('SELECT status, count(*) FROM questions GROUP BY ALL');",
    )
    open_to_others = "Token and rows cross the network in the clear: put a proxy with TLS before it, or a tunnel."
    return "\n".join(lines if local else (*lines, open_to_others))


def _uri(host: str, port: int) -> str:
    return f"quack:{in_url(host)}:{port}"
