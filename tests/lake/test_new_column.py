"""A lake written before a column was declared goes on; a question that cannot be read again has NULL there."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from etl.catalogue import archive
from etl.lake import files, markers
from tests.archives import archive_of, question
from tests.work import build

DAY = datetime(2026, 9, 1, 4, 30, tzinfo=UTC)


def _build(folder, pool, day, *numbers):
    raw = folder / f"{day.day:064}.zip"
    raw.write_bytes(archive_of(*(question(17, "QE", number) for number in numbers)))
    wanted = archive(17, "QE")
    return build(wanted, raw, folder / "lake", pool, day).partition


def test_a_column_is_added_to_a_lake_with_an_absent_question(tmp_path, pool):
    first = _build(tmp_path, pool, DAY, 1, 2)
    (path,) = first.files(tmp_path / "lake", "questions")
    table = pq.ParquetFile(path).read().drop_columns(["question_page"])
    hashes = pa.array(["0" * 64] * len(table))  # which cover every column, so they were others
    table = table.set_column(table.schema.get_field_index("record_sha256"), "record_sha256", hashes)
    first.chunks[0]["questions"] = files.write(table, path.parent, "00000")
    first.code = "as it was before"
    markers.commit(tmp_path / "lake", first)

    (path,) = _build(tmp_path, pool, DAY.replace(day=2), 1).files(tmp_path / "lake", "questions")

    rows = pq.ParquetFile(path).read(["question_number", "question_page"]).to_pylist()
    assert rows == [
        {"question_number": 1, "question_page": 101},
        {"question_number": 2, "question_page": None},
    ]
