"""The ledger's files."""

from __future__ import annotations

from pathlib import Path

from etl.lake import ledger


def test_what_a_killed_try_left_goes_with_the_next(tmp_path: Path):
    folder = tmp_path / "ops/1"
    folder.mkdir(parents=True)
    (folder / ".run.json.4626.part").write_bytes(b"{")
    (folder / ".17_QE.json.4626.part").write_bytes(b"{")  # of a step that may be at work
    ledger.write(tmp_path, "1", "run", {})
    assert sorted(path.name for path in folder.iterdir()) == [".17_QE.json.4626.part", "run.json"]
