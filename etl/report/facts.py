"""What a run's summary says beyond its steps: what the current release holds, and what changed since the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.lake import ledger
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse.query import connect
from etl.warehouse.release import Release

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Counts = dict[Any, int]

EXAMPLES, SHOWN = 20, 200  # examples of a rule, and characters of a value

_ANOMALIES = f"""
    SELECT kind, level, what, count(*) AS rows, min({{legislature: legislature, question_type: question_type,
           question_number: question_number, value: value[:{SHOWN}]}}) AS example
    FROM ops.anomalies GROUP BY ALL ORDER BY rows DESC, kind, what, level
"""
_ANOMALIES_BEFORE = "SELECT (kind, level, what), count(*) FROM ops.anomalies GROUP BY ALL"
_QUARANTINE = f"""
    SELECT rule, count(*) OVER (PARTITION BY rule) AS rows, {{legislature: legislature, question_type: question_type,
           question_number: question_number, member: member, error: error[:{SHOWN}]}} AS example
    FROM ops.quarantine
    QUALIFY row_number() OVER (PARTITION BY rule ORDER BY example) <= {EXAMPLES}
    ORDER BY rows DESC, rule, example
"""
_QUARANTINE_BEFORE = "SELECT rule, count(*) FROM ops.quarantine GROUP BY ALL"


def facts(settings: Settings, outcomes: Sequence[dict[str, Any]], release: Release | None) -> dict[str, Any]:
    """Counts rows, anomalies and quarantine in the current release, and what changed since the one before.

    Args:
        settings: the home.
        outcomes: rows of `ops.outcomes` of the run.
        release: the release that the run made; None when it made none, and nothing differs.

    Returns:
        The keys that join the summary. A `delta` is None when there is no release to compare with.
    """
    now = release or releases.current(settings.warehouse)
    earlier = [older for older in releases.releases(settings.warehouse) if release and older.name < release.name]
    before = now if release is None else earlier[-1] if earlier else None
    return {
        "release_now": now.name if now else None,
        "release_before": before.name if before else None,
        "sample": now is not None and now.sample,
        "fetched_at": max(_fetched(now), default=None) if now else None,
        "by_archive": _archives(outcomes, now, before),
        "by_table": _tables(now, before),
        **_faults(settings.warehouse, now, before),
    }


def _fetched(release: Release) -> list[datetime]:
    questions = [partition.fetched_at for partition in release.partitions.values()]
    return questions + [archive.fetched_at for archive in release.references.values()]


def _archives(outcomes: Sequence[dict[str, Any]], now: Release | None, before: Release | None) -> list[dict[str, Any]]:
    questions, absent = _rows(now, "questions"), _rows(now, "absent")
    old = _rows(before, "questions")
    names = {*questions, *old, *(row["archive"] for row in outcomes)} - {"release"}  # it is made of them all
    return [
        {
            "archive": name,
            **_outcome([row for row in outcomes if row["archive"] == name]),
            "questions": questions.get(name),
            "absent": absent.get(name),
            "delta": _difference(name, questions, old) if before and name in questions | old else None,
        }
        for name in sorted(names, key=place)
    ]


def _rows(release: Release | None, kind: str) -> Counts:
    """Rows of a kind ("questions", "absent") by archive ("17/QE")."""
    if release is None:
        return {}
    return {key.replace("-", "/"): partition.rows[kind] for key, partition in release.partitions.items()}


def place(archive: str) -> tuple[int, str]:
    """An archive's sort key: 7/QE before 14/QE, and what belongs to no legislature last."""
    return len(archive.partition("/")[0]), archive


def _difference(name: Any, now: Counts, before: Counts) -> int:  # noqa: ANN401
    """How many more there are now; a name that is missing counts 0."""
    return now.get(name, 0) - before.get(name, 0)


def _outcome(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """An archive's state, seconds and counts, from its steps; the counts are None when it was not read."""
    parsed = next((row for row in rows if row["step"] == "parse"), None)
    return {
        "state": _state({row["step"]: row["state"] for row in rows}),
        "seconds": ledger.total(rows, "seconds") if rows else None,
        **{name: parsed[name] if parsed else None for name in ("records", "changed", "quarantined", "anomalies")},
    }


def _state(steps: dict[str, str]) -> str:
    """An archive's state, from those of its steps."""
    failed = [step for step, state in steps.items() if state == "failed"]
    if failed:
        return f"{failed[-1]} failed"
    if "absent" in steps.values():
        return "absent"
    return "changed" if "check" in steps else "unchanged"


def _tables(now: Release | None, before: Release | None) -> list[dict[str, Any]]:
    held: Counts = dict(now.rows) if now else {}
    old: Counts = dict(before.rows) if before else {}
    return [
        {"table": name, "rows": rows, "delta": _difference(name, held, old) if before else None}
        for name, rows in held.items()
    ]


def _faults(warehouse: Path, now: Release | None, before: Release | None) -> dict[str, list[dict[str, Any]]]:
    """`by_anomaly` and `by_quarantine`."""
    if now is None:
        return {"by_anomaly": [], "by_quarantine": []}
    with connect(warehouse, now) as connection:
        kinds, records = (connection.execute(query).fetchall() for query in (_ANOMALIES, _QUARANTINE))
    anomalies: Counts = {row[:3]: row[3] for row in kinds}
    rules: Counts = {rule: rows for rule, rows, _ in records}
    old_anomalies, old_rules = (anomalies, rules) if before is now else _before(warehouse, before)
    examples = {row[:3]: row[4] for row in kinds}
    return {
        "by_anomaly": [
            dict(zip(("kind", "level", "what"), key, strict=True)) | count | {"example": examples.get(key)}
            for key, count in _counts(anomalies, old_anomalies)
        ],
        "by_quarantine": [
            {"rule": rule} | count | {"examples": [example for other, _, example in records if other == rule]}
            for rule, count in _counts(rules, old_rules)
        ],
    }


def _counts(now: Counts, old: Counts | None) -> Iterator[tuple[Any, dict[str, int | None]]]:
    for key in {**now, **(old or {})}:
        yield key, {"rows": now.get(key, 0), "delta": None if old is None else _difference(key, now, old)}


def _before(warehouse: Path, before: Release | None) -> list[Counts | None]:
    """The counts of the release before, of anomalies and of quarantine."""
    if before is None:
        return [None, None]
    with connect(warehouse, before) as connection:
        return [_held(connection, query) for query in (_ANOMALIES_BEFORE, _QUARANTINE_BEFORE)]


def _held(connection: DuckDBPyConnection, query: str) -> Counts | None:
    """The counts; None when the table has other columns."""
    import duckdb

    try:
        return dict(connection.execute(query).fetchall())
    except (duckdb.BinderException, duckdb.CatalogException):
        return None
