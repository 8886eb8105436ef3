"""Tables, declared once in schemas/*.yaml: from them come Arrow schemas, DDL, French views and the dictionary.

The files are Frictionless Table Schemas with keys of ours beside: `sql` (the DuckDB type), `name_fr` and
`description_fr`, `since` (the first legislature that has it), `source` (the path in the source), `kept_in` (a lake
dataset that holds the column instead).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
KEY = ("legislature", "question_type", "question_number")
LICENCE = "Assemblée nationale, data.assemblee-nationale.fr, Licence Ouverte / Etalab 2.0"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column as its schema declares it."""

    name: str
    name_fr: str
    type: str
    sql: str
    description: str
    description_fr: str
    source: str
    since: int
    constraints: dict[str, Any] = field(default_factory=dict)
    compress: bool = False
    kept_in: str | None = None

    @property
    def comment(self) -> str:
        """English — French."""
        return f"{self.description} — {self.description_fr}"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table: columns, key, and its schema: `main`, `ops`, `search`, or `lake` for a dataset that is no table."""

    name: str
    name_fr: str
    description: str
    description_fr: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    schema: str = "main"
    rows: tuple[tuple[Any, ...], ...] = ()
    parent: str | None = None

    @property
    def full_name(self) -> str:
        """`questions`, `ops.runs`."""
        return self.name if self.schema == "main" else f"{self.schema}.{self.name}"

    @property
    def comment(self) -> str:
        """English — French."""
        return f"{self.description} — {self.description_fr}"

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [column.name for column in self.columns]

    @property
    def lake_columns(self) -> tuple[Column, ...]:
        """The columns that the table's own Parquet files hold."""
        return tuple(column for column in self.columns if column.kept_in is None)

    def arrow(self) -> pa.Schema:
        """The Arrow schema of the table's Parquet files."""
        return _arrow_schema(self)


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def _columns(declared: dict[str, Any]) -> tuple[Column, ...]:
    return tuple(Column(**one) for one in declared["fields"])


def _rank() -> Column:
    return Column(
        "rank",
        "rang",
        "integer",
        "INTEGER",
        "Order in the source, 1 first.",
        "Ordre dans la source, 1 d'abord.",
        "order",
        7,
        {"required": True, "minimum": 1},
    )


@cache
def tables() -> dict[str, Table]:
    """Every declared table by full name, parents before children.

    A child (`child_of`) gets its parent's key and `rank`; a history (`history_of`) gets all its parent's columns.
    """
    declared = [_read(path) for path in sorted((ROOT / "schemas").glob("*.yaml"))]
    questions = next(_columns(one) for one in declared if one["name"] == "questions")
    key = tuple(column for column in questions if column.name in KEY)
    found: dict[str, Table] = {}
    for one in sorted(declared, key=lambda one: (one["name"] != "questions", one.get("schema", "main") != "main")):
        columns, primary_key = _columns(one), tuple(one.get("primaryKey", ()))
        if "child_of" in one:
            columns, primary_key = (*key, _rank(), *columns), (*KEY, "rank")
        elif "history_of" in one:
            past = (replace(column, kept_in=None, constraints={}) for column in questions if column.name not in KEY)
            columns = (*key, *columns, *past)
        table = Table(
            one["name"],
            one["name_fr"],
            one["description"],
            one["description_fr"],
            columns,
            primary_key,
            one.get("schema", "main"),
            tuple(tuple(row) for row in one.get("rows", ())),
            one.get("child_of") or one.get("history_of"),
        )
        found[table.full_name] = table
    return found


def children() -> list[Table]:
    """The tables that hold what repeats in a question, keyed by its key and `rank`."""
    return [table for table in tables().values() if table.parent == "questions" and "rank" in table.primary_key]


@cache
def _arrow_schema(table: Table) -> pa.Schema:
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
    for table in tables().values():
        if table.schema == "lake":
            continue
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
    """Digest of all that the tables are made from: while it stays, so do they."""
    made_from = [Path(__file__), *sorted((ROOT / "schemas").glob("*.yaml"))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in made_from)).hexdigest()[:16]


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


def french() -> Iterator[str]:
    """The statements that make each table, of `ops` too, a view of the schema `fr` under French names."""
    for table in tables().values():
        if table.schema == "lake":
            continue
        columns = ", ".join(f'{one.name} AS "{one.name_fr}"' for one in table.columns)
        view = f"fr.{table.name_fr}"
        yield f"CREATE VIEW {view} AS SELECT {columns} FROM {table.schema}.{table.name}"
        yield f"COMMENT ON VIEW {view} IS {_quoted(in_french(table.description_fr))}"
        for one in table.columns:
            yield f'COMMENT ON COLUMN {view}."{one.name_fr}" IS {_quoted(in_french(one.description_fr))}'


def in_french(description: str) -> str:
    """The text, where tables and columns that it names between backquotes go by their French names."""
    names = {one.name: one.name_fr for table in tables().values() for one in table.columns}
    names |= {table.name: table.name_fr for table in tables().values()}
    return re.sub(r"`(\w+)`", lambda found: f"`{names.get(found[1], found[1])}`", description)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def dictionary() -> str:
    """The data dictionary, Markdown: every table and column, in English and in French."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `make docs` from schemas/; do not edit.",
        "",
        f"Data: {LICENCE}.",
        "",
    ]
    for table in tables().values():
        if table.schema == "lake":
            continue
        key = ", ".join(table.primary_key) or "none"
        lines += [
            f"## {table.full_name}",
            "",
            table.description,
            "",
            f"*{table.description_fr}*",
            "",
            f"Primary key: {key}. In French: `fr.{table.name_fr}`.",
            "",
            "| column | in `fr` | type | since | description | description (français) | source |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in table.columns:
            cells = (
                f"`{column.name}`",
                f"`{column.name_fr}`",
                column.sql,
                str(column.since),
                column.description,
                column.description_fr,
                f"`{column.source}`",
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)
