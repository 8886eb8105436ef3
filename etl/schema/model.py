"""Tables, declared once in schemas/*.yaml: what each is called, its columns, its key.

The files are Frictionless Table Schemas with keys of ours beside: `sql` (the DuckDB type), `name_fr` and
`description_fr`, `since` (the first legislature that has it), `source` (the path in the source), `kept_in` (a lake
dataset that holds the column instead, or a table of people by which a load works it out).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
# a wheel has them in etl/declared/, a checkout beside etl/
_DECLARED = ROOT / "etl" / "declared" if (ROOT / "etl" / "declared").is_dir() else ROOT
SCHEMAS, EXPECTATIONS = _DECLARED / "schemas", _DECLARED / "expectations"
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


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = msgspec.yaml.decode(path.read_bytes())
    return loaded


def _columns(declared: dict[str, Any]) -> tuple[Column, ...]:
    return tuple(Column(**column) for column in declared["fields"])


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

    A child (`child_of`) gets its parent's key and `rank`; a history (`history_of`) gets its parent's columns, but for
    those that people give.
    """
    declared = [_read(path) for path in sorted(SCHEMAS.glob("*.yaml"))]
    questions = next(_columns(table) for table in declared if table["name"] == "questions")
    key = tuple(column for column in questions if column.name in KEY)
    by_name: dict[str, Table] = {}
    for described in sorted(declared, key=_parents_first):
        columns, primary_key = _columns(described), tuple(described.get("primaryKey", ()))
        if "child_of" in described:
            columns, primary_key = (*key, _rank(), *columns), (*KEY, "rank")
        elif "history_of" in described:
            past = (
                replace(column, kept_in=None, constraints={})
                for column in questions
                if column.name not in KEY and column.kept_in in (None, "sightings")
            )
            columns = (*key, *columns, *past)
        table = Table(
            described["name"],
            described["name_fr"],
            described["description"],
            described["description_fr"],
            columns,
            primary_key,
            described.get("schema", "main"),
            tuple(tuple(row) for row in described.get("rows", ())),
            described.get("child_of") or described.get("history_of"),
        )
        by_name[table.full_name] = table
    return by_name


def _parents_first(described: dict[str, Any]) -> tuple[bool, bool]:
    return described["name"] != "questions", described.get("schema", "main") != "main"


def released() -> list[Table]:
    """The tables that a release has: all but those that only the lake needs."""
    return [table for table in tables().values() if table.schema != "lake"]


def children() -> list[Table]:
    """The tables that hold what repeats in a question, keyed by its key and `rank`."""
    return [table for table in tables().values() if table.parent == "questions" and "rank" in table.primary_key]
