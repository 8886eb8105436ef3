"""SQL on the current release, read-only, and its rows in the form asked for."""

from __future__ import annotations

import csv
import math
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, TextIO

import msgspec

from etl.errors import UsageError
from etl.files.holders import holders
from etl.warehouse import spreadsheet
from etl.warehouse.release import Release, current, current_path, path_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

BATCH = 10_000


def connect(warehouse: Path, release: Release | None = None) -> DuckDBPyConnection:
    """A release, read-only.

    While another process has it open for writing, DuckDB opens it for nobody else: then a copy is read, and standard
    error says which process that is.

    Args:
        warehouse: the folder.
        release: which one; None means the current one.

    Raises:
        UsageError: there is none yet.
        DamageError: it is missing, or cut short.
    """
    import duckdb

    release = release or current(warehouse)
    path = path_of(warehouse, release.name) if release else current_path(warehouse)
    if not path.exists():
        raise UsageError(f"there is no release in {warehouse} yet; `anq run` makes one")
    path = path.resolve()
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        who = ", ".join(holders(path)) or "a process of another user"
        sys.stderr.write(f"{path} is open for writing by {who}: a copy is read; readers open it with read_only=True\n")
        return _connect_to_copy(warehouse, path)


def _connect_to_copy(warehouse: Path, path: Path) -> DuckDBPyConnection:
    """A copy of a release, read-only; nothing of it is left when the connection is closed."""
    import duckdb

    folder = Path(mkdtemp(prefix=".reading-", dir=warehouse))
    try:
        return duckdb.connect(shutil.copyfile(path, folder / path.name), read_only=True)
    finally:
        shutil.rmtree(folder)  # DuckDB has it open


def write(warehouse: Path, query: str, form: str, output: Path | None) -> None:
    """Runs a query and writes its rows.

    Args:
        warehouse: the warehouse's folder.
        query: SQL; of several statements, the rows of each that gives some follow one another in a table.
        form: "table", "csv", "json" (an array of objects), "parquet" or "xlsx".
        output: file to write, or None for standard output.

    Raises:
        UsageError: the query cannot be run, Parquet or XLSX would go to a terminal, or another form than a table would
            hold the rows of several statements.
    """
    import duckdb

    binary = {"parquet": "Parquet", "xlsx": "XLSX"}
    if form in binary and output is None:
        raise UsageError(f"{binary[form]} needs a file: add -o FILE")
    if not query.strip():
        raise UsageError("there is no query; give one in quotes, or on standard input")
    release = current(warehouse)  # and not whatever a load swaps in meanwhile
    with connect(warehouse, release) as connection:
        try:
            results = _results(connection, query)
            for number, rows in enumerate(results if form == "table" else _the_only(results, form)):
                if form == "parquet":
                    rows.write_parquet(str(output))
                elif form == "xlsx":
                    assert release is not None
                    source = spreadsheet.source_line(release)
                    tell_cut(spreadsheet.write_xlsx(rows, Path(str(output)), source, query))
                elif output is None:
                    _print(rows, form, sys.stdout)
                else:
                    with output.open("a" if number else "w", encoding="utf-8", newline="") as file:
                        _print(rows, form, file)
        except duckdb.Error as error:
            raise UsageError(f"the query cannot be run: {error}") from error
        except FileNotFoundError as error:
            raise UsageError(f"{output} cannot be written: there is no such folder") from error


def _results(connection: DuckDBPyConnection, query: str) -> Iterator[DuckDBPyRelation]:
    """The rows of each statement that gives some, asked for one after the other."""
    for statement in connection.extract_statements(query):
        rows = connection.sql(statement)
        if rows is not None:
            yield rows


def _the_only(results: Iterator[DuckDBPyRelation], form: str) -> list[DuckDBPyRelation]:
    """The result, or none; several are refused."""
    found = list(results)
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} queries give rows, and {form} holds those of one: give one, or leave --format out"
        )
    return found


def tell_cut(cells: int) -> None:
    """Says on standard error that cells were cut, if any were."""
    if cells:
        sys.stderr.write(f"{cells:,} cells were cut: Excel holds {spreadsheet.MOST_LETTERS:,} characters of each\n")


def _print(rows: DuckDBPyRelation, form: str, file: TextIO) -> None:
    if form == "table":
        with redirect_stdout(file):
            rows.show(max_rows=40 if file.isatty() else 1_000, max_width=shutil.get_terminal_size((160, 40)).columns)
    elif form == "csv":
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows.columns)
        while batch := rows.fetchmany(BATCH):
            writer.writerows(map(_cell, row) for row in batch)
    else:
        names = _distinct(rows.columns)
        before = "["
        while batch := rows.fetchmany(BATCH):
            for row in batch:
                file.write(f"{before}\n{_encode(dict(zip(names, row, strict=True)))}")
                before = ","
        file.write("[]\n" if before == "[" else "\n]\n")


_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def _encode(value: object) -> str:
    return _ENCODER.encode(value).decode()


def _cell(value: object) -> object:
    """A value as CSV has it: lists, structs and booleans as in JSON, bytes in hexadecimal, NULL as nothing."""
    if isinstance(value, float) and math.isfinite(value):
        return spreadsheet.rounded(value)
    if isinstance(value, bytes):
        return value.hex()
    return _encode(value) if isinstance(value, (list, tuple, dict, bool)) else value


def _distinct(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"two columns are named {', '.join(twice)}; JSON needs a name for each: add AS")
    return names
