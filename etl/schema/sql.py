"""Values as SQL has them, quoted in one place."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def literal(text: str) -> str:
    """A text: `l'eau` is `'l''eau'`. Not a bound parameter, for which DuckDB would import pandas."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts with commas between, as after IN (."""
    return ", ".join(literal(text) for text in texts)


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
