"""The floor: what anq's own reading, cleaning and indexing cost by themselves: `python -m benchmarks.floor SITE HOME`.

The tables of questions and the index of words, from the same records by the same functions, on all cores. Nothing is
checked, hashed, compared, kept or verified: no copy of the archives, no lake's markers, no history and no `sightings`,
no rules, no ledger, no report, no release. Neither people (so no authors by name) nor issues, and what is worked out
of several tables is left out too: likeness of texts, joint answers, ministries across renamings; and the views.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from etl.catalogue import archives
from etl.lake.files import arrow
from etl.lake.markers import CHUNK
from etl.lake.rows import keyed
from etl.lake.workers import workers
from etl.normalise.rows import draft, finish
from etl.parse.archive import contents, read
from etl.parse.bulk import form_of
from etl.parse.record import Entry
from etl.schema import children
from etl.schema.ddl import ddl
from etl.schema.sql import parquet
from etl.search.postings import POSTINGS, ROW_GROUP, postings

PARTS = ("e", "p")  # where the index is cut, so that each part is sorted within memory


class Chunk(NamedTuple):
    """Records to read: of which archive, from where, in which form, and the folder that takes their tables."""

    key: tuple[int, str]
    number: int
    path: str
    form: str
    item: str | None
    entries: Sequence[Entry]
    folder: str


def main(site: Path, home: Path) -> None:
    """Reads the site into files, and these into a database."""
    with workers() as pool:
        list(pool.map(_read, _chunks(site, home)))
    _load(home)


def _chunks(site: Path, home: Path) -> Iterator[Chunk]:
    numbers = count()
    for archive in archives():
        if (path := site / archive.path).exists():
            held = contents(path, archive.name, home / f"{archive.stem}.document", archive.form)
            of_chunk: dict[int, list[Entry]] = defaultdict(list)
            for entry in held.entries:
                of_chunk[(entry.number or 0) // CHUNK].append(entry)
            for number, entries in of_chunk.items():
                folder = home / f"{next(numbers):05d}"
                folder.mkdir()
                yield Chunk(archive.key, number, str(held.path), archive.form, held.item, entries, str(folder))


def _read(chunk: Chunk) -> None:
    """Writes the tables of a chunk."""
    form, folder = form_of(chunk.form), Path(chunk.folder)
    with Path(chunk.path).open("rb") as file:
        rows = [draft(form.read(read(file, entry), item=chunk.item)[0]) for entry in chunk.entries]
    finish(rows)
    tables = {"questions": _arrow("questions", (row.question for row in rows))}
    for table in children():
        tables[table.name] = _arrow(
            table.name,
            (
                keyed(chunk.key, row.question["question_number"], child)
                for row in rows
                for child in row.children[table.name]
            ),
        )
    del rows
    tables[POSTINGS] = postings(tables["questions"], *chunk.key, chunk.number)
    for name, table in tables.items():
        group = ROW_GROUP if name == POSTINGS else None
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=group, compression="zstd")


def _arrow(dataset: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    provenance = {"source_sha256": "", "source_member": ""} if dataset == "questions" else {}
    return arrow(dataset, [provenance | row for row in rows])


def _load(home: Path) -> None:
    """Fills the declared tables; the index by stem."""
    with duckdb.connect(config={"memory_limit": "400MB"}) as connection:
        connection.execute(f"ATTACH '{home / 'peer.duckdb'}' AS peer (ROW_GROUP_SIZE 20480); USE peer")
        for statement in ddl():
            connection.execute(statement)
        for name in ("questions", *(table.name for table in children())):
            columns = "*, epoch_ms(0) AS first_seen_at, epoch_ms(0) AS changed_at" if name == "questions" else "*"
            files = parquet(sorted(home.glob(f"*/{name}.parquet")))
            connection.execute(f"INSERT INTO {name} BY NAME SELECT {columns} FROM {files}")
        index = parquet(sorted(home.glob(f"*/{POSTINGS}.parquet")))
        for low, high in zip(("", *PARTS), (*PARTS, "\U0010ffff"), strict=True):
            connection.execute(
                f"INSERT INTO {POSTINGS} BY NAME FROM {index} WHERE stem >= '{low}' AND stem < '{high}' ORDER BY stem"
            )
        connection.execute(
            f"INSERT INTO search.words SELECT DISTINCT unnest(words || [stem || '-']), stem FROM {POSTINGS}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
