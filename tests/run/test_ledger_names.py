"""What the ledger calls an archive: the same in each of its tables, so that they join, and as `anq accept` takes it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from etl.warehouse.release import current_path


def test_what_was_checked_is_called_as_what_came_of_it(sampled: Path) -> None:
    with duckdb.connect(str(current_path(sampled)), read_only=True) as connection:
        checked = {name for (name,) in connection.execute("SELECT DISTINCT archive FROM ops.checks").fetchall()}
        prepared = {name for (name,) in connection.execute("SELECT DISTINCT archive FROM ops.outcomes").fetchall()}
    assert "17/people" in checked
    assert checked <= prepared
