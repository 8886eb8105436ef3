"""Rows of `ops.anomalies` and `ops.quarantine`, as every source writes them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from etl.parse.record import Anomaly

if TYPE_CHECKING:
    from etl.normalise.rows import Row

VALUE = 200  # characters of an anomaly's value that are kept
KEPT_RAW = 1 << 20  # bytes of a record that quarantine keeps; a longer one is in the raw file

Key = tuple[int | None, str]
"""Legislature and type of an archive, or None and the name of an issue."""


def keyed(key: Key, number: int | None, row: Row) -> Row:
    """A row behind the key of a question, or of the archive or issue when `number` is None."""
    legislature, question_type = key
    return {"legislature": legislature, "question_type": question_type, "question_number": number, **row}


def anomaly_row(key: Key, number: int | None, anomaly: Anomaly) -> Row:
    """An anomaly as a row, its value cut to VALUE characters."""
    value = anomaly.value and anomaly.value[:VALUE]
    return keyed(key, number, {"kind": anomaly.kind, "level": anomaly.level, "what": anomaly.what, "value": value})


class _Kind(NamedTuple):
    """What anomalies must have in common to be counted together; each unknown code is counted by itself."""

    kind: str
    level: str
    what: str
    code: str | None


class AnomalyCount:
    """The anomalies of a source in which one oddity is in hundreds of entries: how many of each kind, and the first."""

    def __init__(self) -> None:
        self._count: Counter[_Kind] = Counter()
        self._first: dict[_Kind, tuple[str | None, str | None]] = {}

    def add(self, anomaly: Anomaly, member: str | None = None) -> None:
        """Counts an anomaly.

        Args:
            anomaly: what was odd.
            member: the archive's member that has it; None of a source that is one document.
        """
        code = anomaly.value if anomaly.kind == "unknown_code" else None
        kind = _Kind(anomaly.kind, anomaly.level, anomaly.what, code)
        self._count[kind] += 1
        self._first.setdefault(kind, (anomaly.value, member))

    def rows(self, key: Key) -> list[Row]:
        """Rows of `ops.anomalies`, one a kind and field: `hier (2 in all, first in acteur/PA1.json)`."""
        rows = []
        for kind in sorted(self._count, key=str):
            value, member = self._first[kind]
            where = f", first in {member}" if member else ""
            counted = f"{(value or '')[:VALUE]} ({self._count[kind]} in all{where})"
            rows.append(keyed(key, None, {"kind": kind.kind, "level": kind.level, "what": kind.what, "value": counted}))
        return rows
