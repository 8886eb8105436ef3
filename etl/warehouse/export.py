"""A release, or the rows of a query, as a folder of files with a Frictionless datapackage.json."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl.errors import UsageError
from etl.schema import LICENCE, Column, Table, tables
from etl.schema.sql import identifier, literal
from etl.warehouse import release as releases
from etl.warehouse.query import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DESCRIPTOR = "datapackage.json"
_COPY = {
    "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480",
    "csv": "FORMAT csv, HEADER, QUOTE '\"', ESCAPE '\"'",
}
_MEDIA_TYPE = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv"}
#: Frictionless's type for each of DuckDB's, by how it begins; a type that is not here is exported as text.
_TYPES = {
    r".*\]|.*LIST": "array",
    r"STRUCT|MAP|UNION|JSON": "object",
    r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$": "integer",
    r"DECIMAL|DOUBLE|FLOAT": "number",
    r"TIMESTAMP": "datetime",
    r"DATE": "date",
    r"BOOLEAN": "boolean",
    r"BLOB": "any",
}
_LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte / Open Licence 2.0",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
}
_SOURCE = {"title": "Assemblée nationale", "path": "https://data.assemblee-nationale.fr"}


def export(warehouse: Path, folder: Path, form: str, query: str | None) -> list[str]:
    """Writes every table of the current release, or the rows of a query, in place of an earlier export.

    The files are written beside the folder, which is replaced at the end. A kill leaves the earlier export: in its
    place, or as `.<name>.old`, which the next export puts back.

    Args:
        warehouse: the warehouse's folder.
        folder: where to; it may be there when it is empty or an earlier export.
        form: "parquet" or "csv".
        query: SQL, or None for the tables.

    Returns:
        The names of the files.

    Raises:
        UsageError: there is no release, the folder holds something else, or the query cannot be run.
    """
    folder = folder.resolve()
    _put_back(folder)
    _refuse_foreign(folder)
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    release = releases.current(warehouse)  # and not whatever a load swaps in meanwhile
    with connect(warehouse, release) as connection:
        assert release is not None
        aside.mkdir(parents=True)
        try:
            connection.execute("SET memory_limit = '2GB'")
            connection.execute(f"SET temp_directory = {literal(str(aside / 'tmp'))}")
            resources = (
                [_query(connection, query, aside, form)]
                if query is not None
                else [
                    _table(connection, table, aside, form)
                    for table in tables().values()
                    if table.schema in ("main", "ops")
                ]
            )
            shutil.rmtree(aside / "tmp", ignore_errors=True)
            descriptor = msgspec.json.format(msgspec.json.encode(_package(release, resources)), indent=2)
            (aside / DESCRIPTOR).write_bytes(descriptor + b"\n")
            _replace(folder, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return [resource["path"] for resource in resources]


def _refuse_foreign(folder: Path) -> None:
    """Stops before a folder that holds anything that an export did not write."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder")
    there = {path.name for path in folder.iterdir()}
    try:
        package = msgspec.json.decode((folder / DESCRIPTOR).read_bytes())
        written = {DESCRIPTOR, *(resource["path"] for resource in package["resources"])}
        ours = written if package["name"].startswith("anq") else set()
    except (OSError, msgspec.DecodeError, KeyError, TypeError, AttributeError):
        ours = set()
    if foreign := sorted(there - ours):
        raise UsageError(f"{folder} holds {foreign[0]}, which no export wrote; name a new folder, or an empty one")


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _put_back(folder: Path) -> None:
    """Undoes half a replacement, if that is where an export was killed."""
    if _old(folder).exists() and not folder.exists():
        _old(folder).rename(folder)


def _replace(folder: Path, aside: Path) -> None:
    old = _old(folder)
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _package(release: releases.Release, resources: list[dict[str, Any]]) -> dict[str, Any]:
    fetched = max(marker.fetched_at for marker in (release.partitions | release.references).values())
    made_up = " The questions are made up by code: do not publish them as the Assembly's."
    return {
        "profile": "data-package",
        "name": "anq",
        "title": "Questions to the French Government, and their answers",
        "description": f"Release {release.name}; last fetch {fetched:%Y-%m-%d %H:%M} UTC. Source: {LICENCE}."
        + (made_up if release.sample else ""),
        "version": release.name,
        "created": f"{release.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "licenses": [_LICENCE],
        "sources": [_SOURCE],
        "resources": resources,
    }


def _table(connection: DuckDBPyConnection, table: Table, folder: Path, form: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.parent:
        parent = tables()[table.parent]
        key = list(parent.primary_key)
        schema["foreignKeys"] = [{"fields": key, "reference": {"resource": parent.name, "fields": key}}]
    name = table.full_name.replace(".", "-")
    path = folder / f"{name}.{form}"
    _copy(connection, f"FROM {table.full_name}", path, form)
    return {**_resource(path, form), "title": table.full_name, "description": table.comment, "schema": schema}


def _field(column: Column) -> dict[str, Any]:
    """A column as the standard has it; rules that a release may break are no constraints of it."""
    constraints = {name: value for name, value in column.constraints.items() if name != "severity"}
    field = {"name": column.name, "type": column.type, "description": column.comment}
    return field | ({"constraints": constraints} if constraints and "severity" not in column.constraints else {})


def _query(connection: DuckDBPyConnection, query: str, folder: Path, form: str) -> dict[str, Any]:
    import duckdb

    try:
        [statement] = connection.extract_statements(query)
        if statement.type != duckdb.StatementType.SELECT:
            raise UsageError("only the rows of a SELECT can be exported")
        query = statement.query.strip().rstrip(";")
        rows = connection.sql(query)
        twice = sorted({name for name in rows.columns if rows.columns.count(name) > 1})
        if twice:
            raise UsageError(f"two columns are named {', '.join(twice)}; give each a name with AS")
        fields = [{"name": name, "type": _type(str(sql))} for name, sql in zip(rows.columns, rows.types, strict=True)]
        path = folder / f"query.{form}"
        _copy(connection, f"FROM ({query}\n)", path, form)
    except duckdb.Error as error:
        raise UsageError(f"the query cannot be run: {error}") from error
    except ValueError:
        raise UsageError("one query at a time") from None
    return {**_resource(path, form), "title": "The rows of a query", "description": query, "schema": {"fields": fields}}


def _type(sql: str) -> str:
    return next((name for pattern, name in _TYPES.items() if re.match(pattern, sql)), "string")


def _copy(connection: DuckDBPyConnection, rows: str, path: Path, form: str) -> None:
    """Streams rows to a file; CSV has lists and structs as JSON, instants in UTC as ISO 8601, bytes in hexadecimal."""
    if form == "csv":
        columns = connection.sql(rows)
        cells = (_cell(name, str(sql)) for name, sql in zip(columns.columns, columns.types, strict=True))
        rows = f"SELECT {', '.join(cells)} {rows}"
    connection.execute(f"COPY ({rows}) TO {literal(str(path))} ({_COPY[form]})")


def _cell(name: str, sql: str) -> str:
    column = identifier(name)
    written = {
        "array": f"to_json({column})",
        "object": f"to_json({column})",
        "datetime": f"strftime({column}::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')",
        "any": f"lower(hex({column}))",
    }.get(_type(sql), column)
    return f"{written} AS {column}"


def _resource(path: Path, form: str) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # the cells of a Parquet file have their types: `frictionless` checks its digest, and would misread lists and NULLs
    kind = {"type": "table", "encoding": "utf-8"} if form == "csv" else {"type": "file"}
    described = {"name": path.stem, "path": path.name, "format": form, "mediatype": _MEDIA_TYPE[form], **kind}
    return {**described, "bytes": path.stat().st_size, "hash": f"sha256:{digest}"}
