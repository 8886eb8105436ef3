"""What a source gives beside the questions: loaded whole, anew when it changed, gone when it is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.lake import files, markers
from etl.lake.markers import Reference
from etl.schema import tables
from etl.warehouse import release as releases
from etl.warehouse.load import load

NOW = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)


def commit(root: Path, name: str, organs: list[tuple[str, str]]) -> None:
    empty = {**dict.fromkeys(tables()["organs"].names), "organ_type": "MINISTERE"}
    rows = [{**empty, "organ_id": organ_id, "name": label} for organ_id, label in organs]
    file = files.write(files.arrow("organs", rows), root / "organs", name)
    told = Reference(
        name=name, sample=False, source_sha256="0" * 64, fetched_at=NOW, code="", files={"organs": file},
        rows={"organs": len(rows)},
    )  # fmt: skip
    markers.commit(root, told)


def released(home: Path, hour: int, *, anew: bool = False) -> list[tuple[str, str]]:
    now = NOW.replace(hour=hour)
    run = {"run_id": f"{hour}", "started_at": now, "seconds": None, "source": "", "state": "released", "release": ""}
    load(home / "lake", home / "warehouse", [], run, now, say=print, anew=anew)
    with duckdb.connect(str(releases.current_path(home / "warehouse")), read_only=True) as connection:
        return connection.execute("SELECT organ_id, name FROM organs ORDER BY ALL").fetchall()


def test_tables_follow_their_sources(tmp_path):
    root = tmp_path / "lake"
    commit(root, "people", [("PO1", "Eau"), ("PO2", "Mer")])
    assert released(tmp_path, 5) == [("PO1", "Eau"), ("PO2", "Mer")]
    commit(root, "more", [("PO3", "Air")])
    commit(root, "people", [("PO1", "Eaux")])
    assert released(tmp_path, 6) == [("PO1", "Eaux"), ("PO3", "Air")]
    assert released(tmp_path, 7, anew=True) == [("PO1", "Eaux"), ("PO3", "Air")]
    assert len(list((root / "organs").iterdir())) == 2
    markers.drop_reference(root, "more")
    assert released(tmp_path, 8) == [("PO1", "Eaux")]
    assert [path.name.partition("-")[0] for path in (root / "organs").iterdir()] == ["people"]
