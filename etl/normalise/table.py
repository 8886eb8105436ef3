"""A table laid out on a grid, with every cell, and written as a GitHub Markdown table.

Markdown has no merged cells. A cell that spans several columns or rows is written again in each place that it covers:
left empty, they would put a figure under a heading that is not its own, and a heading over one of its columns only.
"""

from __future__ import annotations

from typing import Final

# Spans reach no further than this column, and add no more characters to a table, so that absurd spans cannot make a
# short text long.
_LAST_SPANNED_COLUMN: Final = 64
_MOST_REPEATED: Final = 50_000


class Grid:
    """Rows of cells being read: a spanning cell fills every place that it covers."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cells = 0
        self._below: list[int] = []  # for each column, how many rows to come are covered from above
        self._above: list[str] = []  # for each column, the text of the cell that covers it
        self._left = _MOST_REPEATED

    @property
    def row_is_open(self) -> bool:
        """Whether a row has begun and not ended."""
        return self._row is not None

    def start_row(self) -> None:
        """Begin a row; a row that is still open ends."""
        self.end_row()
        self._row, self._cells = [], 0

    def add(self, text: str, colspan: int = 1, rowspan: int = 1) -> None:
        """Put a cell in the first free place of the row; a row is begun when none is open."""
        if self._row is None:
            self.start_row()
        row = self._row
        assert row is not None
        while len(row) < len(self._below) and self._below[len(row)]:
            self._cover(row)
        self._cells += 1
        start = len(row)
        row.append(text)
        for _ in range(start + 1, min(start + colspan, _LAST_SPANNED_COLUMN)):
            row.append(self._repeated(text))
        if start < _LAST_SPANNED_COLUMN:
            missing = len(row) - len(self._below)
            self._below.extend([0] * missing)
            self._above.extend([""] * missing)
            self._below[start : len(row)] = [rowspan - 1] * (len(row) - start)
            self._above[start : len(row)] = [text] * (len(row) - start)

    def end_row(self) -> None:
        """End the row that is open, if any; a row without a cell of its own is dropped."""
        row = self._row
        if row is None:
            return
        self._row = None
        reach = max((column + 1 for column, rows in enumerate(self._below) if rows), default=0)
        while len(row) < reach:
            self._cover(row)
        if self._cells:
            self.rows.append(row)

    def _cover(self, row: list[str]) -> None:
        column = len(row)
        covered = self._below[column] > 0
        if covered:
            self._below[column] -= 1
        row.append(self._repeated(self._above[column]) if covered else "")

    def _repeated(self, text: str) -> str:
        self._left -= len(text)
        return text if self._left >= 0 else ""

    def to_markdown(self) -> str:
        """Write the grid, or nothing when it has no text; its first row is the header."""
        self.end_row()
        if not any(any(row) for row in self.rows):
            return ""
        width = max(map(len, self.rows))
        header, *body = self.rows
        full = min(width, _LAST_SPANNED_COLUMN)
        lines = [_line(header, width), "|" + " --- |" * width]
        lines.extend(_line(row, full) for row in body)
        return "\n".join(lines)


def _line(cells: list[str], width: int) -> str:
    cells = cells + [""] * (width - len(cells))
    return "".join(f"| {cell} " if cell else "| " for cell in cells) + "|"
