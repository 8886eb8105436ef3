"""Whole tables of one source, people or an issue, written as one reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from etl.lake import files
from etl.lake.markers import Reference

if TYPE_CHECKING:
    from etl.normalise.rows import Row


class Staged(NamedTuple):
    """A reference that is on disk and not yet committed.

    Attributes:
        reference: its marker.
        records: how many its source holds.
        changed: how many of them are new or changed.
    """

    reference: Reference
    records: int
    changed: int

    @property
    def quarantined(self) -> int:
        """Records that were set aside."""
        return self.reference.rows["ops.quarantine"]

    @property
    def anomalies(self) -> int:
        """Rows of `ops.anomalies`."""
        return self.reference.rows["ops.anomalies"]


def write(
    tables: Mapping[str, Sequence[Row]],
    lake_path: Path,
    *,
    name: str,
    sample: bool,
    source_sha256: str,
    fetched_at: datetime,
    code: str,
) -> Reference:
    """Writes the tables, each one file.

    Args:
        tables: by table, its rows in order.
        lake_path: the lake.
        name: of the reference, and the first part of its files' names.
        sample: whether the source is the made-up sample.
        source_sha256: of the raw file.
        fetched_at: when that was fetched.
        code: digest of the code that read it.

    Returns:
        The marker, which counts once it is committed.
    """
    return Reference(
        name=name,
        sample=sample,
        source_sha256=source_sha256,
        fetched_at=fetched_at,
        code=code,
        files={table: files.write(files.arrow(table, rows), lake_path / table, name) for table, rows in tables.items()},
        rows={table: len(rows) for table, rows in tables.items()},
    )
