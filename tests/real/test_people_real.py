"""The real people and bodies of ../shared/realdata, against values read in the raw files by eye."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import people as people_archive
from etl.lake import files, people
from tests.amo import ROOT
from tests.archives import zip_of

GOLDEN = json.loads((Path(__file__).parent / "golden" / "people.json").read_text("utf-8"))


@pytest.fixture
def rows(real, tmp_path) -> dict[str, list[dict[str, Any]]]:
    """Every row, dates as text; the root key and the namespaces, which the files have lost, are put back."""
    members = {
        f"json/{kind}/{path.name}": json.dumps({kind: {**ROOT, **json.loads(path.read_bytes())}}).encode()
        for kind in ("acteur", "organe")
        for path in sorted(real(f"amo/{kind}").iterdir())
    }
    raw = tmp_path / f"{'0' * 64}.zip"
    raw.write_bytes(zip_of(members))
    now = datetime(2026, 9, 22, tzinfo=UTC)
    staged = people.build(people_archive(), raw, lake_path=tmp_path / "lake", fetched_at=now, sample=False)
    assert (staged.records, staged.quarantined, staged.anomalies) == (44, 0, 0)
    found = {name: files.read(*staged.reference.paths(tmp_path / "lake", name)).to_pylist() for name in people.TABLES}
    return json.loads(json.dumps(found, default=str))


def test_deputies(rows):
    assert [list(row.values()) for row in rows["deputies"]] == GOLDEN["deputies"]


@pytest.mark.parametrize(("table", "key"), [("mandates", "mandate_id"), ("organs", "organ_id")])
def test_mandates_and_organs(rows, table, key):
    found = {row.pop(key): row for row in rows[table]}
    for name, expected in GOLDEN[table].items():
        assert {column: found[name][column] for column in expected} == expected, name


def test_nothing_kept_is_missing_and_nothing_else_is_there(rows):
    assert Counter(row["deputy_id"] for row in rows["mandates"]) == GOLDEN["mandates of each"]
    assert Counter(row["organ_type"] for row in rows["organs"]) == GOLDEN["organs by kind"]


def test_mandates_agree_with_the_tables_made_of_the_whole_archive(real, rows):
    """The CSVs were made apart, of all 3,034 acteurs."""
    mine = {row["mandate_id"]: row for row in rows["mandates"]}
    compared = 0
    with real("amo/mandats_deputes_L12_L17.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if found := mine.get(row["mandat_uid"]):
                compared += 1
                assert (found["deputy_id"], found["department"], found["department_number"]) == (
                    row["acteur"], row["departement"], row["numDepartement"],
                )  # fmt: skip
                assert (found["started_on"], found["ended_on"] or "") == (row["dateDebut"], row["dateFin"])
    with real("amo/mandats_GP.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if found := mine.get(row["mandat_uid"]):
                compared += 1
                assert (found["organ_id"], found["quality"]) == (row["organeRef"], row["codeQualite"])
    assert compared > 70
