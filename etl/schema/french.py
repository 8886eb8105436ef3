"""The schema `fr`: every table as a view under French names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from etl.schema.model import released, tables
from etl.schema.sql import literal


def views() -> Iterator[str]:
    """The statements that make each table, of `ops` too, a view of the schema `fr` under French names."""
    for table in released():
        columns = ", ".join(f'{column.name} AS "{column.name_fr}"' for column in table.columns)
        view = f"fr.{table.name_fr}"
        yield f"CREATE VIEW {view} AS SELECT {columns} FROM {table.schema}.{table.name}"
        yield f"COMMENT ON VIEW {view} IS {literal(in_french(table.description_fr))}"
        for column in table.columns:
            yield f'COMMENT ON COLUMN {view}."{column.name_fr}" IS {literal(in_french(column.description_fr))}'


def in_french(description: str) -> str:
    """The text, where tables and columns that it names between backquotes go by their French names."""
    return re.sub(r"`(\w+)`", lambda match: f"`{_names().get(match[1], match[1])}`", description)


@cache
def _names() -> dict[str, str]:
    """By their English names, the French ones of all columns and tables."""
    names = {column.name: column.name_fr for table in tables().values() for column in table.columns}
    return names | {table.name: table.name_fr for table in tables().values()}
