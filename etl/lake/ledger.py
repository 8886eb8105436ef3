"""The ledger: what each run did, as JSON beside the lake's datasets; every release has it as the schema `ops`.

A step writes one file, `lake/ops/<run>/<step>.json`, whole or not at all; several steps of a run may write at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec

from etl.files.aside import write_aside

Rows = dict[str, list[dict[str, Any]]]


def file_name(text: str) -> str:
    """A run's id, or an archive's name, as the name of a file."""
    return re.sub(r"[^A-Za-z0-9.+-]", "_", text)


def write(lake: Path, run_id: str, step: str, rows: Rows) -> None:
    """Writes what a step has to say, table by table; the same step said again replaces what it said."""
    write_aside(lake / "ops" / file_name(run_id) / f"{file_name(step)}.json", msgspec.json.encode(rows))


def runs(lake: Path) -> list[str]:
    """Every run that wrote something, as named in the ledger, oldest first."""
    return sorted((path.name for path in (lake / "ops").glob("*")), key=lambda name: last_written(lake, name))


def last_written(lake: Path, run: str) -> int:
    """When a run last wrote something, in nanoseconds since 1970."""
    return (lake / "ops" / run).stat().st_mtime_ns


def read(lake: Path, only: Collection[str]) -> Rows:
    """What these runs said, by table."""
    found: Rows = {}
    for run in only:
        for path in sorted((lake / "ops" / run).glob("*.json")):
            for table, rows in msgspec.json.decode(path.read_bytes(), type=Rows).items():
                found.setdefault(table, []).extend(rows)
    return found


def last(lake: Path, table: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """What each step last said to a table, with the run in which it did, newest first."""
    found: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for path in sorted((lake / "ops").glob("*/*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        if path.name not in found:  # so that few files are read, however old the ledger is
            rows = msgspec.json.decode(path.read_bytes(), type=Rows).get(table)
            if rows:
                found[path.name] = path.parent.name, rows
    return list(found.values())


def total(rows: Iterable[dict[str, Any]], column: str) -> int:
    """Sum of a column in which NULL counts for nothing."""
    return sum(row[column] or 0 for row in rows)
