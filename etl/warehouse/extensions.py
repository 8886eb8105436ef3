"""DuckDB's extensions, from their wheels: nothing is downloaded."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from etl.schema.sql import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def path_of(name: str) -> Path:
    """The file of an extension."""
    import duckdb

    return Path(str(files(f"duckdb_extension_{name}"))) / f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"


def load(connection: DuckDBPyConnection, *names: str) -> None:
    """Loads extensions, each after those that it needs."""
    for name in names:
        connection.execute(f"LOAD {literal(str(path_of(name)))}")
