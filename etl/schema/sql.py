"""Values as SQL has them, quoted in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

Value = str | int | float | date | Sequence["Value"] | Mapping[str, "Value"] | None


def literal(text: str) -> str:
    """A text: `l'eau` is `'l''eau'`. Not a bound parameter, for which DuckDB would import pandas."""
    return "'" + text.replace("'", "''") + "'"


def value(of: Value) -> str:
    """A value of any kind: a date is `DATE '2025-01-07'`, a list `[1, NULL]`, a struct `{'a': true}`."""
    match of:
        case str():
            return literal(of)
        case date():
            return f"DATE '{of}'"
        case float():  # also when it is no number, or without end
            return f"DOUBLE '{of}'"
        case Mapping():
            return "{" + ", ".join(f"{literal(name)}: {value(item)}" for name, item in of.items()) + "}"
        case Sequence():
            return f"[{values(of)}]"
        case _:
            return "NULL" if of is None else str(of)


def literals(texts: Iterable[str]) -> str:
    """Texts with commas between, as after IN (."""
    return ", ".join(literal(text) for text in texts)


def values(of: Iterable[Value]) -> str:
    """Values with commas between, as after VALUES (."""
    return ", ".join(map(value, of))


def identifier(name: str) -> str:
    """A name in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def parquet(files: Iterable[Path | str], *, options: str = "") -> str:
    """`read_parquet` of these files, as it stands after FROM; the folders' names add no columns.

    Args:
        files: their paths.
        options: further named arguments of `read_parquet`, such as `union_by_name = true`.
    """
    listed = literals(str(path) for path in files)
    return f"read_parquet([{listed}], hive_partitioning = false{options and f', {options}'})"
