"""Rows of `ops.anomalies` and `ops.quarantine`, as every source writes them."""

from __future__ import annotations

from etl.normalise.rows import Row
from etl.parse.record import Anomaly

VALUE = 200  # characters of an anomaly's value that are kept
KEPT_RAW = 1 << 20  # bytes of a record that quarantine keeps; a longer one is in the raw file


def keyed(key: tuple[int | None, str], number: int | None, row: Row) -> Row:
    """A row behind the key of a question, or of the archive or issue when `number` is None."""
    legislature, question_type = key
    return {"legislature": legislature, "question_type": question_type, "question_number": number, **row}


def anomaly_row(key: tuple[int | None, str], number: int | None, anomaly: Anomaly) -> Row:
    """An anomaly as a row, its value cut to VALUE characters."""
    value = anomaly.value and anomaly.value[:VALUE]
    return keyed(key, number, {"kind": anomaly.kind, "level": anomaly.level, "what": anomaly.what, "value": value})
