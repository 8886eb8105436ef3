"""A release, or the rows of a query, as a folder of files with a Frictionless datapackage.json."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl.errors import UsageError
from etl.schema import LICENCE, Column, Table, tables
from etl.schema.sql import identifier, literal
from etl.warehouse import release as releases
from etl.warehouse import spreadsheet
from etl.warehouse.query import connect, tell_cut
from etl.warehouse.release import Release

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


def export(
    warehouse: Path, folder: Path, form: str, query: str | None, *, excel: bool = False, release: Release | None = None
) -> list[str]:
    """Writes every table of a release, or the rows of a query, in place of an earlier export.

    The files are written beside the folder, which is replaced at the end. A kill leaves the earlier export: in its
    place, or as `.<name>.old`, which the next export puts back.

    Args:
        warehouse: the warehouse's folder.
        folder: where to; it may be there when it is empty or an earlier export.
        form: "parquet" or "csv".
        query: SQL, or None for the tables.
        excel: write the CSV so that French Excel opens it by a double click.
        release: which one; None means the current one.

    Returns:
        The names of the files.

    Raises:
        UsageError: there is no release, it is of an earlier version, the folder holds something else, or the query
            cannot be run.
    """
    if excel and form != "csv":
        raise UsageError("--excel is a way to write CSV: add --format csv")
    folder = folder.resolve()
    _put_back(folder)
    _refuse_foreign(folder)
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    release = release or releases.current(warehouse)  # and not whatever a load swaps in meanwhile
    with connect(warehouse, release) as connection:
        assert release is not None
        aside.mkdir(parents=True)
        try:
            connection.execute("SET memory_limit = '2GB'")
            connection.execute(f"SET temp_directory = {literal(str(aside / 'tmp'))}")
            writer = _Writer(connection, aside, form, spreadsheet.source_line(release) if excel else None)
            exported = [table for table in tables().values() if table.schema in ("main", "ops")]
            if query is None:
                _refuse_older(connection, release.name, exported)
            resources = [writer.table(table) for table in exported] if query is None else [writer.query(query)]
            tell_cut(writer.cut)
            shutil.rmtree(aside / "tmp", ignore_errors=True)
            descriptor = msgspec.json.format(msgspec.json.encode(_package(release, resources)), indent=2)
            (aside / DESCRIPTOR).write_bytes(descriptor + b"\n")
            _replace(folder, aside)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return [resource["path"] for resource in resources]


def _refuse_older(connection: DuckDBPyConnection, name: str, exported: Sequence[Table]) -> None:
    """Stops before a release that lacks what schemas/ declare now: they describe what is exported."""
    there = "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = current_database()"
    columns = set(connection.execute(there).fetchall())
    for table in exported:
        for column in table.columns:
            if (table.schema, table.name, column.name) not in columns:
                raise UsageError(
                    f"release {name} is of an earlier version of anq, without {table.full_name}.{column.name}: "
                    "`anq rebuild` makes one of this version, from the lake; `--sql` exports rows of this one"
                )


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


def _package(release: Release, resources: list[dict[str, Any]]) -> dict[str, Any]:
    made_up = " The questions are made up by code: do not publish them as the Assembly's."
    return {
        "profile": "data-package",
        "name": "anq",
        "title": "Questions to the French Government, and their answers",
        "description": f"Release {release.name}; last fetch {release.last_fetch:%Y-%m-%d %H:%M} UTC. Source: {LICENCE}."
        + (made_up if release.sample else ""),
        "version": release.name,
        "created": f"{release.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "licenses": [_LICENCE],
        "sources": [_SOURCE],
        "resources": resources,
    }


class _Writer:
    """Writes rows as files of a folder, and gives what the package says of each.

    Attributes:
        cut: how many cells were too long for Excel.
    """

    def __init__(self, connection: DuckDBPyConnection, folder: Path, form: str, source: str | None) -> None:
        """Opens nothing yet.

        Args:
            connection: the release.
            folder: where to.
            form: "parquet" or "csv".
            source: the line that a CSV for Excel ends with; None for any other file.
        """
        self._connection, self._folder, self._form, self._source = connection, folder, form, source
        self.cut = 0

    def table(self, table: Table) -> dict[str, Any]:
        """Writes a table."""
        schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
        if table.primary_key:
            schema["primaryKey"] = list(table.primary_key)
        if table.parent:
            parent = tables()[table.parent]
            key = list(parent.primary_key)
            schema["foreignKeys"] = [{"fields": key, "reference": {"resource": parent.name, "fields": key}}]
        resource = self._write(f"FROM {table.full_name}", table.full_name.replace(".", "-"))
        return {**resource, "title": table.full_name, "description": table.comment, "schema": schema}

    def query(self, query: str) -> dict[str, Any]:
        """Writes the rows of a SELECT.

        Raises:
            UsageError: it cannot be run.
        """
        import duckdb

        try:
            [statement] = self._connection.extract_statements(query)
            if statement.type != duckdb.StatementType.SELECT:
                raise UsageError("only the rows of a SELECT can be exported")
            query = statement.query.strip().rstrip(";")
            rows = self._connection.sql(query)
            twice = sorted({name for name in rows.columns if rows.columns.count(name) > 1})
            if twice:
                raise UsageError(f"two columns are named {', '.join(twice)}; give each a name with AS")
            types = zip(rows.columns, rows.types, strict=True)
            fields = [{"name": name, "type": _type(str(sql))} for name, sql in types]
            resource = self._write(f"FROM ({query}\n)", "query")
        except duckdb.Error as error:
            raise UsageError(f"the query cannot be run: {error}") from error
        except ValueError:
            raise UsageError("one query at a time") from None
        return {**resource, "title": "The rows of a query", "description": query, "schema": {"fields": fields}}

    def _write(self, rows: str, name: str) -> dict[str, Any]:
        path = self._folder / f"{name}.{self._form}"
        if self._source is None:
            _copy(self._connection, rows, path, self._form)
        else:
            self.cut += spreadsheet.write_csv(self._connection.sql(rows), path, self._source)
        return _resource(path, self._form, is_table=self._form == "csv" and self._source is None)


def _field(column: Column) -> dict[str, Any]:
    """A column as the standard has it; rules that a release may break are no constraints of it."""
    constraints = {name: value for name, value in column.constraints.items() if name != "severity"}
    field = {"name": column.name, "type": column.type, "description": column.comment}
    return field | ({"constraints": constraints} if constraints and "severity" not in column.constraints else {})


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
    if sql == "DOUBLE":
        return f"CASE WHEN isfinite({column}) THEN printf('%.15g', {column})::DOUBLE ELSE {column} END AS {column}"
    written = {
        "array": f"to_json({column})",
        "object": f"to_json({column})",
        "datetime": f"strftime({column}::TIMESTAMPTZ AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')",
        "any": f"lower(hex({column}))",
    }.get(_type(sql), column)
    return f"{written} AS {column}"


def _resource(path: Path, form: str, *, is_table: bool) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # of any other file `frictionless` checks the digest: it would misread Parquet's lists and NULLs, and Excel's CSV
    kind = {"type": "table", "encoding": "utf-8"} if is_table else {"type": "file"}
    described = {"name": path.stem, "path": path.name, "format": form, "mediatype": _MEDIA_TYPE[form], **kind}
    return {**described, "bytes": path.stat().st_size, "hash": f"sha256:{digest}"}
