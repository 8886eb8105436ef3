"""PostgreSQL beside anq: a server of its own in a temporary folder, and rows of a release loaded into it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

PROGRAMS = Path("/usr/lib/postgresql")  # Debian's; the newest version there is run
KEY = "(legislature, question_type, question_number)"


@contextmanager
def server(folder: Path) -> Iterator[Any]:
    """A connection to a server in the folder, on a free port, with more memory than by default."""
    programs = max(PROGRAMS.iterdir(), key=lambda path: float(path.name)) / "bin"
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to be root
    data = folder / "postgres"
    data.mkdir()
    if owner:
        shutil.chown(data, owner)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [programs / "initdb", "-D", data / "data", "-A", "trust", "-U", "bench", "--locale=C.UTF-8"],
        user=owner, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": data, "shared_buffers": "1GB",
        "maintenance_work_mem": "512MB", "work_mem": "128MB", "max_wal_size": "8GB", "fsync": "off",
    }  # fmt: skip
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [programs / "postgres", "-D", data / "data", *arguments],
        user=owner,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _connect(port)
    finally:
        process.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
        process.wait()


def load(
    release: duckdb.DuckDBPyConnection,
    postgres: Any,  # noqa: ANN401
    folder: Path,
    table: str,
    query: str,
    columns: Mapping[str, str],
    *,
    generated: str = "",
    indexes: Sequence[str] = (),
) -> float:
    """Copies the rows of a query into a new table with their key as primary key.

    Args:
        release: where the query runs.
        postgres: where the table is made.
        folder: that both can read.
        table: its name.
        query: gives the columns in their order.
        columns: name and PostgreSQL type.
        generated: the definition of a column that PostgreSQL works out.
        indexes: what each is on, such as `(ministry, question_date)`.

    Returns:
        Seconds that PostgreSQL took.
    """
    rows = folder / f"{table}.csv"
    release.execute(f"COPY ({query}) TO '{rows}' (FORMAT csv, HEADER false)")  # an empty text is quoted, a NULL is not
    rows.chmod(0o644)
    started = time.perf_counter()
    definitions = [f"{name} {kind}" for name, kind in columns.items()] + ([generated] if generated else [])
    cursor = postgres.cursor()
    for statement in (
        f"CREATE TABLE {table} ({', '.join(definitions)})",
        f"COPY {table} ({', '.join(columns)}) FROM '{rows}' (FORMAT csv)",
        f"ALTER TABLE {table} ADD PRIMARY KEY {KEY}",
        *(f"CREATE INDEX ON {table} {index}" for index in indexes),
        f"VACUUM ANALYZE {table}",
    ):
        cursor.execute(statement)
    rows.unlink()
    return time.perf_counter() - started


def _connect(port: int) -> Any:  # noqa: ANN401
    for _ in range(100):
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=port, user="bench", dbname="postgres")
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            connection.autocommit = True
            return connection
    raise RuntimeError("PostgreSQL did not start")
