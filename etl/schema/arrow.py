"""Arrow schemas of the declared tables."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from etl.schema.model import Table

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def arrow(table: Table) -> pa.Schema:
    """The Arrow schema of a table's Parquet files."""
    import pyarrow as pa

    types = {
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "VARCHAR": pa.string(),
        "VARCHAR[]": pa.list_(pa.field("element", pa.string())),
        "INTEGER[]": pa.list_(pa.field("element", pa.int32())),
        "INTEGER[][]": pa.list_(pa.field("element", pa.list_(pa.field("element", pa.int32())))),
        "BIGINT[]": pa.list_(pa.field("element", pa.int64())),
        "DATE": pa.date32(),
        "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"),
        "BOOLEAN": pa.bool_(),
        "BLOB": pa.binary(),
    }
    return pa.schema(
        [
            pa.field(column.name, types[column.sql], nullable=not column.constraints.get("required", False))
            for column in table.lake_columns
        ]
    )
