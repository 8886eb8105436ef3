"""The index of a release, written in as many parts as its memory asks for."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from etl.schema.ddl import ddl
from etl.search import index
from etl.search.index import ChunkIndex
from etl.search.postings import ROW_GROUP, postings
from tests.search.test_merge import questions

WORDS = [chr(ord("a") + word % 26) * (2 + word // 26) for word in range(1000)]


def test_parts_make_the_same_rows(tmp_path: Path):
    chunks = []
    for chunk in range(3):
        asked = {number: (None, " ".join(WORDS[number::7]), None) for number in range(1 + chunk, 30)}
        path = tmp_path / f"{chunk}.parquet"
        pq.write_table(postings(questions(asked), 17, "QE", chunk), path, row_group_size=ROW_GROUP)
        chunks.append(ChunkIndex(17, "QE", chunk, path))
    at_once = index.SORTED * sum(chunk.path.stat().st_size for chunk in chunks) + 1
    made = []
    for memory, parts in ((at_once, 1), (at_once // 5 + 1, 5)):
        assert len(list(index._ranges([chunk.path for chunk in chunks], memory))) == parts
        with duckdb.connect() as connection:
            for statement in ddl():
                connection.execute(statement)
            index.update(connection, chunks, memory)
            made.append(connection.execute("FROM search.postings").fetchall())
    assert made[0] == made[1] == sorted(made[0], key=lambda row: (row[3], row[:3]))
    assert len(made[0]) > 2000
