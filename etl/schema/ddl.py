"""The statements that make an empty warehouse, through SQLAlchemy's MetaData."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.schema.model import SCHEMAS, released

if TYPE_CHECKING:
    import sqlalchemy as sa


@cache
def metadata() -> sa.MetaData:
    """SQLAlchemy's description of the warehouse: every table but the lake's own, with comments."""
    import sqlalchemy as sa

    types: dict[str, Any] = {
        "SMALLINT": sa.SmallInteger(),
        "INTEGER": sa.Integer(),
        "BIGINT": sa.BigInteger(),
        "DOUBLE": sa.Double(),
        "VARCHAR": sa.String(),
        "VARCHAR[]": sa.ARRAY(sa.String()),
        "INTEGER[]": sa.ARRAY(sa.Integer()),
        "INTEGER[][]": sa.ARRAY(sa.Integer(), dimensions=2),
        "BIGINT[]": sa.ARRAY(sa.BigInteger()),
        "DATE": sa.Date(),
        "TIMESTAMPTZ": sa.TIMESTAMP(timezone=True),
        "BOOLEAN": sa.Boolean(),
        "BLOB": sa.LargeBinary(),
    }
    described = sa.MetaData()
    for table in released():
        columns: list[sa.Column[Any]] = [
            sa.Column(
                column.name,
                types[column.sql],
                comment=column.comment,
                autoincrement=False,
                primary_key=column.name in table.primary_key,
                info={"compress": column.compress},
                nullable=not (column.constraints.get("required") or column.name in table.primary_key),
            )
            for column in table.columns
        ]
        sa.Table(
            table.name,
            described,
            *columns,
            comment=table.comment,
            schema=None if table.schema == "main" else table.schema,
        )
    return described


@cache
def digest() -> str:
    """Digest of what the tables are made from, and of the DuckDB whose hashes they hold: while it stays, so do they."""
    made_from = [*sorted(Path(__file__).parent.glob("*.py")), *sorted(SCHEMAS.glob("*.yaml"))]
    parts = (*(path.read_bytes() for path in made_from), version("duckdb").encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


@cache
def ddl() -> tuple[str, ...]:
    """The statements that make an empty warehouse: schemas, tables, comments.

    Long texts are declared USING COMPRESSION ZSTD, which halves the file and the time to write it.
    """
    import sqlalchemy as sa
    from sqlalchemy.ext.compiler import compiles
    from sqlalchemy.schema import CreateColumn, CreateTable, SetColumnComment, SetTableComment

    @compiles(CreateColumn, "duckdb")
    def compress(element: Any, compiler: Any, **options: Any) -> str:  # noqa: ANN401
        text: str = compiler.visit_create_column(element, **options)
        return text + " USING COMPRESSION ZSTD" if element.element.info["compress"] else text

    dialect = sa.create_engine("duckdb:///:memory:").dialect
    statements = ["CREATE SCHEMA ops", "CREATE SCHEMA search"]
    for table in metadata().sorted_tables:
        parts: list[Any] = [
            CreateTable(table),
            SetTableComment(table),
            *(SetColumnComment(column) for column in table.columns),
        ]
        statements += [str(part.compile(dialect=dialect)).strip() for part in parts]
    return tuple(statements)
