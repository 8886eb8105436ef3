"""Prints what is in quarantine: `anq quarantine list` and `anq quarantine show`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console

from etl.errors import UsageError
from etl.fetch import documents
from etl.settings import Settings
from etl.warehouse.query import connect

_COLUMNS = (
    "coalesce(legislature || '/', '') || question_type AS archive, question_number AS number, member, rule, error"
)
_SHOWN = 100  # characters of an error in the list


def show_list(settings: Settings) -> None:
    """Prints a line for each record that the current release has in quarantine.

    Raises:
        UsageError: there is no release yet.
    """
    rows = list(_rows(settings, f"SELECT {_COLUMNS} FROM ops.quarantine ORDER BY ALL"))
    console = Console(highlight=False)
    if not rows:
        console.print("quarantine: none")
        return
    wide = max(len(row[3]) for row in rows)
    for archive, number, member, rule, error in rows:
        name = f"{archive}/{number}" if number else member
        console.print(f"{name:<16} {rule:<{wide}}  {error[:_SHOWN]}", markup=False, soft_wrap=True)
    console.print(f"{len(rows)} set aside; `anq quarantine show RECORD` shows one, by the name it has here")


def show_one(settings: Settings, name: str) -> None:
    """Prints why a record is set aside, the values that break the rule, and its bytes.

    Args:
        settings: the home.
        name: archive and number, such as `17/QE/123`, or the member.

    Raises:
        UsageError: there is no such record, or no release yet.
    """
    records = list(
        _rows(
            settings,
            f"SELECT {_COLUMNS}, observed, source_sha256, raw FROM ops.quarantine "
            "WHERE archive || '/' || question_number = $1 OR member = $1 ORDER BY ALL",
            name,
        )
    )
    if not records:
        raise UsageError(f"nothing is in quarantine as {name}; `anq quarantine list` tells what is")
    console = Console(highlight=False)
    for archive, number, member, rule, error, observed, source, raw in records:
        fields = {
            "archive": archive,
            "number": number,
            "member": member,
            "rule": rule,
            "why": error,
            "values": observed,
        }
        for label, value in (fields | {"raw file": _raw_file(settings, source)}).items():
            if value is not None:
                console.print(f"{label:<9} {value}", markup=False, soft_wrap=True)
        text = "empty, or longer than 1 MiB: look at the raw file" if raw is None else raw.decode("utf-8", "replace")
        console.print(f"record    {text}\n", markup=False, soft_wrap=True)


def _raw_file(settings: Settings, sha256: str) -> Path:
    """The path of a raw file from the home: an archive, an issue or a single document."""
    places = [documents.folder(settings) / sha256, *settings.raw.glob(f"{sha256}.*")]
    return next((path for path in places if path.exists()), settings.raw / sha256).relative_to(settings.home)


def _rows(settings: Settings, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
    with connect(settings.warehouse) as connection:
        yield from connection.execute(query, values).fetchall()
