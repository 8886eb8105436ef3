"""The real questions of ../shared/realdata, all of them; a dozen against values read in the raw files by eye."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from etl.catalogue import archive
from etl.lake import files
from tests.archives import zip_of
from tests.work import build

GOLDEN = Path(__file__).parent / "golden"
SOURCES = {
    15: ("json/L15_Questions_gouvernement_XV.sample.json.zip", 500),
    16: ("json/L16_Questions_gouvernement.sample.json.zip", 400),
    17: ("json/QANR5L17QG1.json", 1),
}


@pytest.mark.parametrize("legislature", SOURCES)
def test_real_questions(real, tmp_path, pool, legislature):
    name, count = SOURCES[legislature]
    raw = tmp_path / f"{'0' * 64}.zip"
    if name.endswith(".zip"):
        shutil.copyfile(real(name), raw)
    else:
        raw.write_bytes(zip_of({"json/QANR5L17QG1.json": real(name).read_bytes()}))
    at = datetime(2026, 9, 22, tzinfo=UTC)
    built = build(archive(legislature, "QG"), raw, tmp_path / "lake", pool, at)
    assert (built.records, built.changed, built.quarantined, built.anomalies) == (count, count, 0, 0)

    def table(dataset: str) -> list[dict[str, object]]:
        parts = [files.read(path) for path in built.partition.files(tmp_path / "lake", dataset)]
        rows: list[dict[str, object]] = pa.concat_tables(parts).to_pylist() if parts else []
        return rows

    rows = {row["uid"]: row for row in table("questions")}
    assert len(rows) == count
    for row in rows.values():
        # a QG's text is in its answer, and it has no question date (docs/source/formats.md 2.2)
        assert (row["status"], row["closure_code"], row["closure_label"]) == ("answered", "REP_PUB", "Réponse publiée")
        assert row["question_text"] is row["question_date"] is row["signalled_on"] is row["reattributed_on"] is None
        assert row["closed_on"] == row["answer_date"]
        assert row["title"] == row["analyses"][0]
        assert row["ministry_asked"] == row["ministry"]
        assert None not in (row["answer_page"], row["answer_text"], row["deputy_id"], row["group_id"])
    assert len(table("attributions")) == len(table("answer_texts")) == count
    assert table("question_texts") == table("renewals") == []

    for expected in json.loads((GOLDEN / f"{legislature}-QG.json").read_text("utf-8")):
        letters, day = expected.pop("letters"), expected.pop("answer_date")
        row = rows[expected["uid"]]
        assert {key: row[key] for key in expected} == expected
        assert row["answer_date"] == date.fromisoformat(day)
        assert sum(map(str.isalnum, row["answer_text"])) == letters
