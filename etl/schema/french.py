"""The schema `fr`: every table as a view under French names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etl.schema.model import tables
from etl.schema.sql import literal


def views() -> Iterator[str]:
    """The statements that make each table, of `ops` too, a view of the schema `fr` under French names."""
    for table in tables().values():
        if table.schema == "lake":
            continue
        columns = ", ".join(f'{one.name} AS "{one.name_fr}"' for one in table.columns)
        view = f"fr.{table.name_fr}"
        yield f"CREATE VIEW {view} AS SELECT {columns} FROM {table.schema}.{table.name}"
        yield f"COMMENT ON VIEW {view} IS {literal(in_french(table.description_fr))}"
        for one in table.columns:
            yield f'COMMENT ON COLUMN {view}."{one.name_fr}" IS {literal(in_french(one.description_fr))}'


def in_french(description: str) -> str:
    """The text, where tables and columns that it names between backquotes go by their French names."""
    names = {one.name: one.name_fr for table in tables().values() for one in table.columns}
    names |= {table.name: table.name_fr for table in tables().values()}
    return re.sub(r"`(\w+)`", lambda found: f"`{names.get(found[1], found[1])}`", description)
