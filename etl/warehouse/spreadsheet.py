"""Rows for people with a spreadsheet: a CSV that French Excel opens by a double click, and XLSX.

Excel takes a text that begins with `=` for a formula, whoever wrote it; holds so many rows and letters and no more; and
has no lists and no instants with a zone. Numbers are written with the 15 digits that a double has for sure.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from etl.errors import UsageError
from etl.schema import LICENCE

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from etl.warehouse.release import Release

BATCH = 10_000
MOST_ROWS, MOST_LETTERS = 1_048_576, 32_767  # of a sheet, of a cell
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a cell must not begin with
_FIRST_DAY = date(1900, 3, 1)  # before it, Excel has a day that never was, or none
_LARGEST = 10**15  # a larger number would lose digits
_Cell = None | bool | int | float | date | datetime | str

_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


def rounded(value: float) -> float:
    """A number without the dust of binary fractions: 0.1 + 0.2 is 0.3."""
    return float(f"{value:.15g}")


def source_line(release: Release) -> str:
    """Whose the data are and of which day, in French, as the licence asks."""
    made_up = " ; questions inventées, à ne pas publier" if release.sample else ""
    return (
        f"Source : {LICENCE} ; dernière récupération le {release.last_fetch:%Y-%m-%d} ; version {release.name}{made_up}"
    )


def write_csv(rows: DuckDBPyRelation, path: Path, source: str) -> int:
    """Writes a CSV as French Excel has it: UTF-8 with a mark, semicolons, decimal commas, the source at the end.

    Args:
        rows: what to write.
        path: the file.
        source: as `source_line` gives it; it stands behind an empty line.

    Returns:
        How many cells were too long for Excel, and were cut.

    Raises:
        UsageError: there are more rows than a sheet has.
    """
    cut = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(map(_harmless, rows.columns))
        for row in _cells(rows, path):
            cut += sum(_is_long(cell) for cell in row)
            writer.writerow(map(_in_french, row))
        writer.writerows(([], [source]))
    return cut


def write_xlsx(rows: DuckDBPyRelation, path: Path, source: str, query: str) -> int:
    """Writes a workbook: a sheet of the rows, and a sheet with the source and the query.

    Args:
        rows: what to write.
        path: the file.
        source: as `source_line` gives it.
        query: the SQL.

    Returns:
        How many cells were too long for Excel, and were cut.

    Raises:
        UsageError: there are more rows than a sheet has.
    """
    import xlsxwriter

    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    cut = 0
    with path.open("wb") as file, xlsxwriter.Workbook(file, {"constant_memory": True, **plain}) as book:
        sheet, about = book.add_worksheet("Résultat"), book.add_worksheet("Source")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, rows.columns, bold)
        for number, row in enumerate(_cells(rows, path), 1):
            cut += sum(_is_long(cell) for cell in row)
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell[:MOST_LETTERS])
                elif isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, instant if isinstance(cell, datetime) else day)
                elif cell is not None:
                    sheet.write(number, column, cell)
        about.write_string(0, 0, source)
        about.write_string(2, 0, query[:MOST_LETTERS])
    return cut


def _cells(rows: DuckDBPyRelation, path: Path) -> Iterator[list[_Cell]]:
    count = 1  # the names
    while batch := rows.fetchmany(BATCH):
        count += len(batch)
        if count > MOST_ROWS:
            path.unlink(missing_ok=True)
            raise UsageError(f"there are more than {MOST_ROWS - 1:,} rows, and a sheet holds no more; narrow the query")
        yield from ([_cell(value) for value in row] for row in batch)


def _cell(value: object) -> _Cell:
    """A value as a sheet can hold it; instants in UTC, lists and structs as JSON, bytes in hexadecimal."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, date):
        return _day_or_instant(value)
    if isinstance(value, bytes):
        return value.hex()
    return _encoder.encode(value).decode() if isinstance(value, (list, tuple, dict)) else str(value)


def _number(value: int | float | Decimal) -> _Cell:
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else str(value)
    return rounded(float(value)) if math.isfinite(value) else str(value)


def _day_or_instant(value: date) -> _Cell:
    if not isinstance(value, datetime):
        return value if value >= _FIRST_DAY else str(value)
    instant = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return instant if instant.date() >= _FIRST_DAY else str(instant)


def _is_long(cell: _Cell) -> bool:
    return isinstance(cell, str) and len(cell) > MOST_LETTERS


def _in_french(cell: _Cell) -> str | int:
    """A cell as it is read where a decimal comma is usual."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "VRAI" if cell else "FAUX"
    if isinstance(cell, float):
        return f"{cell:.15g}".replace(".", ",")
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, (int, date)):
        return str(cell)
    return _harmless(cell)[:MOST_LETTERS]


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: behind an apostrophe, as one is typed."""
    return f"'{text}" if text.startswith(_FORMULA) else text
