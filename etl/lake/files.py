"""Parquet files of the lake: written under the name of their content, and read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.errors import DamageError
from etl.files.aside import write_aside
from etl.schema import tables
from etl.schema.arrow import arrow as arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns of which hardly two values are alike: a dictionary of them would be as long.
_UNLIKE = (
    "question_text",
    "answer_text",
    "text",
    "erratum",
    "raw",
    "uid",
    "record_sha256",
    "analyses",
    "passages",
    "stem",
    "words",
    "numbers",
    "weights",
    "places",
)
#: Lists of numbers near each other: as differences they are a fifth shorter, and sooner written and read.
_NEAR = ("numbers.list.element", "weights.list.element", "places.list.element.list.element")
_END = b"PAR1"  # the last bytes of a Parquet file


def arrow(dataset: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows of a dataset, as Arrow.

    Raises:
        KeyError: a row lacks a column.
    """
    import pyarrow as pa

    schema, rows = arrow_schema(tables()[_declared(dataset)]), list(rows)
    return pa.table(
        [pa.array([row[name] for row in rows], field.type) for name, field in zip(schema.names, schema, strict=True)],
        schema=schema,
    )


def write(table: pa.Table, folder: Path, stem: str, rows: int | None = None) -> str:
    """Writes a file named by its content; the same rows give the same name and bytes.

    Args:
        table: its rows.
        folder: where.
        stem: first part of its name.
        rows: in a row group, the smallest part that can be read; None means all.

    Returns:
        The file's name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    # of small pages zstd makes a twentieth less than lz4, for half as much time again
    compression, level = ("zstd", 3) if rows is None else ("lz4", None)
    sink = pa.BufferOutputStream()
    names = table.schema.names
    pq.write_table(
        table,
        sink,
        row_group_size=rows,
        compression=compression,
        compression_level=level,
        use_dictionary=[name for name in names if name not in _UNLIKE],
        column_encoding={path: "DELTA_BINARY_PACKED" for path in _NEAR if path.partition(".")[0] in names},
        store_schema=True,
    )
    content = sink.getvalue()
    name = f"{stem}-{_digest(content)}.parquet"
    if fault_of(folder / name, hashed=True):  # mostly: it is missing
        write_aside(folder / name, content)
    return name


def read(path: Path, columns: list[str] | None = None) -> pa.Table:
    """The rows of a file of the lake.

    Raises:
        DamageError: it is missing, or not what was written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if fault := fault_of(path, hashed=True):
        raise DamageError(f"{path} {fault}; `anq rebuild` mends it, or says what is lost")
    return pq.ParquetFile(pa.memory_map(str(path))).read(columns)


def rows(paths: Iterable[Path], columns: list[str]) -> list[dict[str, Any]]:
    """The rows of files of the lake, one file after the other.

    Raises:
        DamageError: one is missing, or not what was written.
    """
    return [row for path in paths for row in read(path, columns).to_pylist()]


def fault_of(path: Path, *, hashed: bool) -> str | None:
    """What is wrong with a file of the lake; None when nothing is to be seen.

    Args:
        path: the file, whose name ends in its content's digest.
        hashed: hold its content against its name; else only see whether it ends as Parquet does.
    """
    try:
        with path.open("rb") as file:
            file.seek(-min(len(_END), file.seek(0, os.SEEK_END)), os.SEEK_END)
            if file.read() != _END:
                return "is cut short"
        is_whole = not hashed or path.stem.endswith(f"-{_digest(path.read_bytes())}")
    except FileNotFoundError:
        return "is missing"
    return None if is_whole else "holds other bytes than were written"


def _digest(content: bytes | memoryview | pa.Buffer) -> str:
    """The part of a file's name that tells its content."""
    return hashlib.sha256(content).hexdigest()[:12]


def as_declared(dataset: str, table: pa.Table) -> pa.Table:
    """A dataset's rows with the columns declared now; a column that they were written without is NULL."""
    import pyarrow as pa

    schema = arrow_schema(tables()[_declared(dataset)])
    if table.schema.equals(schema):
        return table
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(len(table), field.type) for field in schema
    ]
    return pa.table(columns, schema=schema)


def _declared(dataset: str) -> str:
    return "lake.sightings" if dataset == "sightings" else dataset
