"""The ledger: what each run did, as JSON beside the lake's datasets; each release holds it as tables of `ops`.

A step writes one file, `lake/ops/<run>/<step>.json`, whole or not at all; steps of one run may write at the same time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import msgspec

from etl.errors import DamageError
from etl.files.aside import sweep_aside, write_aside
from etl.files.sealed import seal, unseal

Rows = dict[str, list[dict[str, Any]]]


def file_name(text: str) -> str:
    """A run's id, or an archive's name, as the name of a file."""
    return re.sub(r"[^A-Za-z0-9.+-]", "_", text)


def write(lake: Path, run_id: str, step: str, rows: Rows) -> None:
    """Writes a step's rows, by table, in place of those that the same step of the run wrote before."""
    path = lake / "ops" / file_name(run_id) / f"{file_name(step)}.json"
    sweep_aside(path)  # of a try that was killed
    write_aside(path, seal(msgspec.json.encode(rows)))


def runs(lake: Path) -> list[str]:
    """The runs that wrote rows, by their names in the ledger, oldest first."""
    return sorted((path.name for path in (lake / "ops").glob("*")), key=lambda name: last_written(lake, name))


def last_written(lake: Path, run: str) -> int:
    """When a run last wrote rows, in nanoseconds since 1970."""
    return max((path.stat().st_mtime_ns for path in (lake / "ops" / run).glob("[!.]*.json")), default=0)


def read(lake: Path, only: Collection[str]) -> Rows:
    """The rows of these runs, by table.

    Raises:
        DamageError: a file of them cannot be read.
    """
    by_table: Rows = {}
    for run in only:
        for path in sorted((lake / "ops" / run).glob("[!.]*.json")):
            for table, rows in _read_step(path).items():
                by_table.setdefault(table, []).extend(rows)
    return by_table


def _read_step(path: Path) -> Rows:
    try:
        return msgspec.json.decode(unseal(path.read_bytes()), type=Rows)
    except msgspec.DecodeError as error:
        raise DamageError(
            f"{path} cannot be read ({error}); delete it: what that step of the run told is lost, and nothing else"
        ) from error


def last(lake: Path, table: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """The last rows of each step for a table, with the run that wrote them, newest first."""
    by_step: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for path in sorted((lake / "ops").glob("*/*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
        if path.name not in by_step:  # so that few files are read, however old the ledger is
            rows = _read_step(path).get(table)
            if rows:
                by_step[path.name] = path.parent.name, rows
    return list(by_step.values())


def total(rows: Iterable[dict[str, Any]], column: str) -> int:
    """Sum of a column; NULL counts as 0."""
    return sum(row[column] or 0 for row in rows)
