"""The lake: Parquet, one dataset a table, partitioned by legislature and type, sorted by number.

A partition is cut into chunks of 2,500 numbers, each a file a table, named by its content. What belongs to a
partition is told by its marker, `lake/_partitions/17-QE.json`, replaced in one step: a file that no marker names is
left from a killed
run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl.errors import AnqError
from etl.schema import children, tables

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 2_500  # numbers a file: what a worker holds at a time
TEXTS = ("question_text", "answer_text", "text", "erratum", "raw")
#: The tables that a chunk holds.
TABLES = ("questions", *(table.name for table in children()))
#: The datasets that a chunk consists of.
DATASETS = (*TABLES, "sightings", "ops.anomalies", "ops.quarantine")
VERSIONS = "question_versions"


class Partition(msgspec.Struct, kw_only=True):
    """One partition's marker.

    Attributes:
        legislature: 14 for the XIVth.
        question_type: QE, QG or QOSD.
        sample: whether it was read from the made-up sample.
        source_sha256: the archive that it is the state of.
        fetched_at: when that archive was fetched.
        code: digest of the code that read it.
        chunks: by chunk, the file of each dataset.
        versions: files of `question_versions`, oldest first.
        rows: rows of each dataset; `absent` counts the questions that the archive no longer holds.
    """

    legislature: int
    question_type: str
    sample: bool
    source_sha256: str
    fetched_at: datetime
    code: str
    chunks: dict[int, dict[str, str]]
    versions: list[str]
    rows: dict[str, int]

    @property
    def key(self) -> tuple[int, str]:
        """Legislature and type."""
        return self.legislature, self.question_type

    @property
    def digest(self) -> str:
        """SHA-256 of what it holds."""
        files = [name for chunk in sorted(self.chunks) for name in sorted(self.chunks[chunk].values())]
        return hashlib.sha256(msgspec.json.encode((self.key, files, self.versions))).hexdigest()

    def files(self, lake: Path, dataset: str) -> list[Path]:
        """The dataset's files, by chunk."""
        folder = partition_folder(lake, dataset, self.key)
        if dataset == VERSIONS:
            return [folder / name for name in self.versions]
        return [folder / self.chunks[chunk][dataset] for chunk in sorted(self.chunks) if dataset in self.chunks[chunk]]


def partition_folder(lake: Path, dataset: str, key: tuple[int, str]) -> Path:
    """`lake/questions/legislature=17/question_type=QE`."""
    return lake / dataset / f"legislature={key[0]}" / f"question_type={key[1]}"


def _marker(lake: Path, key: tuple[int, str]) -> Path:
    return lake / "_partitions" / f"{key[0]}-{key[1]}.json"


def partition(lake: Path, key: tuple[int, str]) -> Partition | None:
    """The partition as it was last committed, or None.

    Raises:
        AnqError: its marker cannot be read.
    """
    path = _marker(lake, key)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Partition)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise AnqError(
            f"{path}: not a partition's marker ({error}); delete it, and the next run reads its archive again"
        ) from error


def partitions(lake: Path) -> list[Partition]:
    """Every partition, by legislature and type."""
    keys = [path.stem.split("-") for path in (lake / "_partitions").glob("*.json")]
    found = (partition(lake, (int(legislature), question_type)) for legislature, question_type in keys)
    return sorted((one for one in found if one), key=lambda one: one.key)


def arrow(dataset: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of a dataset, as Arrow.

    Raises:
        KeyError: a row lacks a column.
    """
    import pyarrow as pa

    schema, rows = tables()[_declared(dataset)].arrow(), list(rows)
    return pa.table(
        [pa.array([row[name] for row in rows], field.type) for name, field in zip(schema.names, schema, strict=True)],
        schema=schema,
    )


def write(table: pa.Table, folder: Path, stem: str) -> str:
    """Writes a file named by its content; the same rows give the same name and bytes.

    Returns:
        The file's name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    dictionary = [name for name in table.schema.names if name not in (*TEXTS, "uid", "record_sha256", "analyses")]
    pq.write_table(table, sink, compression="zstd", compression_level=3, use_dictionary=dictionary, store_schema=True)
    content = sink.getvalue()
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        aside = path.with_suffix(f".{os.getpid()}.part")
        aside.write_bytes(content)
        aside.replace(path)
    return name


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """One file of the lake."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read(columns)


def as_declared(dataset: str, table: pa.Table) -> pa.Table:
    """A dataset's rows with the columns declared now; one that was added since they were written is NULL."""
    import pyarrow as pa

    schema = tables()[_declared(dataset)].arrow()
    if table.schema.equals(schema):
        return table
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(len(table), field.type) for field in schema
    ]
    return pa.table(columns, schema=schema)


def commit(lake: Path, staged: Partition) -> None:
    """Makes `staged` the partition, in one step, then removes the files that it no longer names."""
    path = _marker(lake, staged.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}.part")
    with aside.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(staged)))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sweep(lake, staged.key)


def drop(lake: Path, key: tuple[int, str]) -> None:
    """Forgets a partition and removes its files."""
    _marker(lake, key).unlink(missing_ok=True)
    sweep(lake, key)


def sweep(lake: Path, key: tuple[int, str]) -> None:
    """Removes the partition's files that its marker does not name: what a killed or stopped run left."""
    kept = partition(lake, key)
    for dataset in (*DATASETS, VERSIONS):
        named = {path.name for path in kept.files(lake, dataset)} if kept else set()
        for path in partition_folder(lake, dataset, key).glob("*"):
            if path.name not in named:
                path.unlink()
    for path in (lake / "_partitions").glob(f"{key[0]}-{key[1]}.*.part"):
        path.unlink()


def _declared(dataset: str) -> str:
    return "lake.sightings" if dataset == "sightings" else dataset
