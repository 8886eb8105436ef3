"""Files of the lake won back from a release, which holds their rows: its history is kept with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from etl.errors import DamageError
from etl.lake import files
from etl.lake.job import DOCUMENTS
from etl.lake.markers import CHUNK, VERSIONS, Partition, Reference, chunk_of, partition_folder
from etl.lake.partition import counted
from etl.schema import tables
from etl.schema.sql import literal
from etl.search.postings import POSTINGS, ROW_GROUP, postings
from etl.warehouse.derived import authors
from etl.warehouse.fill import OWNERS
from etl.warehouse.verify import kept

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_ORDERS = {
    VERSIONS: "question_number, valid_from",
    "ops.anomalies": "question_number, kind, what, value",
    "ops.quarantine": "question_number, member, error",
}


def partition(database: Path, lake: Path, held: Partition, documents: Collection[str]) -> Partition:
    """A partition as a release holds it: files that are whole are kept, the others written anew.

    Where a record lies is not in a release, so that `size` and `crc32` of sightings that are written anew are 0: the
    next look at the archive reads these records again.

    Args:
        database: the release's DuckDB file.
        lake: the lake.
        held: the marker that the release was loaded from.
        documents: the single documents of its questions, by SHA-256.

    Returns:
        Its marker, which counts once it is committed.

    Raises:
        DamageError: the release cannot be read either.
    """
    with _opened(database) as connection:
        rows = _PartitionRows(connection, lake, held, documents)
        chunks = {chunk: rows.chunk(chunk) for chunk in held.chunks}
        restored = msgspec.structs.replace(held, code="", chunks=chunks, versions=rows.versions())
    return msgspec.structs.replace(restored, rows=counted(lake, restored))


def reference(database: Path, lake: Path, held: Reference) -> Reference:
    """Whole tables, or an issue, as a release holds them; as `partition`."""
    with _opened(database) as connection:
        named, rows = dict(held.files), dict(held.rows)
        for table, name in held.files.items():
            if files.fault_of(lake / table / name, hashed=True):
                owner = OWNERS.get(table)
                where = f" WHERE {owner} = {literal(held.name)}" if owner else ""
                order = _ORDERS.get(table) or ", ".join(tables()[table].primary_key)
                won = _table(connection, table, f"(SELECT * FROM {kept(table)}){where}", order)
                named[table], rows[table] = files.write(won, lake / table, held.name), len(won)
    return msgspec.structs.replace(held, code="", files=named, rows=rows)


@contextmanager
def _opened(database: Path) -> Iterator[DuckDBPyConnection]:
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True, config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            yield connection
    except duckdb.Error as error:
        raise DamageError(f"{database} cannot be read ({error})") from error


class _PartitionRows:
    """What a release has of a partition, chunk by chunk."""

    def __init__(self, connection: DuckDBPyConnection, lake: Path, held: Partition, documents: Collection[str]) -> None:
        self._connection, self._lake, self._held, self._documents = connection, lake, held, documents

    def chunk(self, chunk: int) -> dict[str, str]:
        """By dataset, the chunk's file."""
        named = {}
        for dataset, name in self._held.chunks[chunk].items():
            folder = partition_folder(self._lake, dataset, self._held.key)
            group = ROW_GROUP if dataset == POSTINGS else None
            is_whole = files.fault_of(folder / name, hashed=True) is None
            rows = None if is_whole else self._dataset(dataset, chunk)
            named[dataset] = name if rows is None else files.write(rows, folder, f"{chunk:05d}", group)
        return named

    def versions(self) -> list[str]:
        """The files of `question_versions`, oldest first."""
        folder = partition_folder(self._lake, VERSIONS, self._held.key)
        # two archives may have come in one second, of which alone a name tells
        stems = [name.rpartition("-")[0] for name in self._held.versions]
        damaged = {
            stem
            for stem, name in zip(stems, self._held.versions, strict=True)
            if files.fault_of(folder / name, hashed=True)
        }
        anew = {stem: files.write(self._versions(stem), folder, stem) for stem in damaged}
        return list(dict.fromkeys(anew.get(stem, name) for stem, name in zip(stems, self._held.versions, strict=True)))

    def _versions(self, stem: str) -> pa.Table:
        """The versions that ended when a file's archive came."""
        second = int(datetime.strptime(stem.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp())
        ended = f" AND epoch_us(valid_to) // 1000000 = {second}"
        return self._rows(VERSIONS, chunk_of(stem), ended)

    def _dataset(self, dataset: str, chunk: int) -> pa.Table:
        if dataset == "sightings":
            return self._sightings(chunk)
        if dataset == POSTINGS:
            return postings(self._rows("questions", chunk), *self._held.key, chunk)
        return self._rows(dataset, chunk)

    def _sightings(self, chunk: int) -> pa.Table:
        """A sighting a question, which carries its times."""
        columns = ("question_number", "source_sha256", "source_member", "first_seen_at", "changed_at", "absent_since")
        query = f"SELECT {', '.join(columns)} FROM questions WHERE {self._where(chunk)} ORDER BY question_number"
        rows = []
        for row in self._connection.execute(query).fetchall():
            number, sha256, member, first_seen_at, changed_at, absent_since = row
            rows.append(
                {
                    "legislature": self._held.legislature,
                    "question_type": self._held.question_type,
                    "question_number": number,
                    "member": f"{DOCUMENTS}{sha256}" if sha256 in self._documents else member,
                    "size": 0,
                    "crc32": 0,
                    "good": True,
                    "first_seen_at": first_seen_at,
                    "changed_at": changed_at,
                    "absent_since": absent_since,
                }
            )
        return files.arrow("sightings", rows)

    def _rows(self, dataset: str, chunk: int, where: str = "") -> pa.Table:
        order = _ORDERS.get(dataset) or ", ".join(tables()[dataset].primary_key)
        held = authors.UNRESOLVED if dataset == "questions" else kept(dataset)
        source = f"(SELECT * FROM {held}) WHERE {self._where(chunk)}{where}"
        return _table(self._connection, dataset, source, order)

    def _where(self, chunk: int) -> str:
        """Which rows are a chunk's; those that tell of the archive as a whole are the first one's."""
        whole = " OR question_number IS NULL" if chunk == min(self._held.chunks) else ""
        legislature, question_type = self._held.key
        return (
            f"legislature = {legislature} AND question_type = {literal(question_type)} "
            f"AND (question_number // {CHUNK} = {chunk}{whole})"
        )


def _table(connection: DuckDBPyConnection, dataset: str, source: str, order: str) -> pa.Table:
    """Rows of a release as the lake's files have them; a column that it was made without is NULL."""
    won = connection.execute(f"SELECT * FROM {source} ORDER BY {order}").to_arrow_table()
    return files.as_declared(dataset, won)
