"""What a run's summary says beyond its steps: what the current release holds, and what changed since the one before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.lake import ledger
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse.query import connect
from etl.warehouse.release import Release

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
        "by_anomaly": _anomalies(settings.warehouse, now, before),
        "by_quarantine": _quarantine(settings.warehouse, now, before),
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


def _anomalies(warehouse: Path, now: Release | None, before: Release | None) -> list[dict[str, Any]]:
    if now is None:
        return []
    kinds = _query(warehouse, now, _ANOMALIES)
    counts: Counts = {row[:3]: row[3] for row in kinds}
    examples = {row[:3]: row[4] for row in kinds}
    old = counts if before is now else _before(warehouse, before, _ANOMALIES_BEFORE)
    return [
        {
            **dict(zip(("kind", "level", "what"), key, strict=True)),
            "rows": counts.get(key, 0),
            "delta": None if old is None else _difference(key, counts, old),
            "example": examples.get(key),
        }
        for key in {**counts, **(old or {})}
    ]


def _quarantine(warehouse: Path, now: Release | None, before: Release | None) -> list[dict[str, Any]]:
    if now is None:
        return []
    records = _query(warehouse, now, _QUARANTINE)
    counts: Counts = {rule: rows for rule, rows, _ in records}
    old = counts if before is now else _before(warehouse, before, _QUARANTINE_BEFORE)
    return [
        {
            "rule": rule,
            "rows": counts.get(rule, 0),
            "delta": None if old is None else _difference(rule, counts, old),
            "examples": [example for other, _, example in records if other == rule],
        }
        for rule in {**counts, **(old or {})}
    ]


def _before(warehouse: Path, before: Release | None, query: str) -> Counts | None:
    """The counts of the release before; None when there is none, or it has other columns."""
    import duckdb

    if before is None:
        return None
    try:
        return dict(_query(warehouse, before, query))
    except (duckdb.BinderException, duckdb.CatalogException):
        return None


def _query(warehouse: Path, release: Release, query: str) -> list[tuple[Any, ...]]:
    with connect(warehouse, release) as connection:
        return connection.execute(query).fetchall()
