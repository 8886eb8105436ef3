"""What a run's summary says beyond its steps: what readers see now, and how that differs from the release before."""

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
    """Rows, anomalies and quarantine as readers see them now, each with its difference to the release before.

    Args:
        settings: the home.
        outcomes: rows of `ops.outcomes` of the run.
        release: what the run made; None when it made none, so that nothing differs.

    Returns:
        What joins the summary. A `delta` is None when there is nothing to compare with.
    """
    now = release or releases.current(settings.warehouse)
    earlier = [one for one in releases.releases(settings.warehouse) if release and one.name < release.name]
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
    partitions, references = release.partitions.values(), release.references.values()
    return [*(one.fetched_at for one in partitions), *(one.fetched_at for one in references)]


def _archives(outcomes: Sequence[dict[str, Any]], now: Release | None, before: Release | None) -> list[dict[str, Any]]:
    held, old = _held(now), _held(before)
    names = {*held, *old, *(row["archive"] for row in outcomes)} - {"release"}  # it is made of them all
    return [
        {
            "archive": name,
            **_told([row for row in outcomes if row["archive"] == name]),
            "questions": held[name]["questions"] if name in held else None,
            "absent": held[name]["absent"] if name in held else None,
            "delta": _difference(name, *({key: rows["questions"] for key, rows in one.items()} for one in (held, old)))
            if before and name in held | old
            else None,
        }
        for name in sorted(names, key=place)
    ]


def _held(release: Release | None) -> dict[str, dict[str, int]]:
    return {key.replace("-", "/"): one.rows for key, one in release.partitions.items()} if release else {}


def place(archive: str) -> tuple[int, str]:
    """Where an archive stands in a list: 7/QE before 14/QE, and what is no legislature's last."""
    return len(archive.partition("/")[0]), archive


def _difference(name: Any, now: Counts, before: Counts) -> int:  # noqa: ANN401
    """How many more there are now, where what is not there counts 0."""
    return now.get(name, 0) - before.get(name, 0)


def _told(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a run's steps tell of one archive; counts are None when it was not read."""
    states = {row["step"]: row["state"] for row in rows}
    read = next((row for row in rows if row["step"] == "parse"), None)
    failed = [step for step, state in states.items() if state == "failed"]
    return {
        "state": f"{failed[-1]} failed"
        if failed
        else "absent"
        if "absent" in states.values()
        else "changed"
        if "check" in states
        else "unchanged",
        "seconds": ledger.total(rows, "seconds") if rows else None,
        **{name: read[name] if read else None for name in ("records", "changed", "quarantined", "anomalies")},
    }


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
    found = _query(warehouse, now, _ANOMALIES)
    counts: Counts = {row[:3]: row[3] for row in found}
    examples = {row[:3]: row[4] for row in found}
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
    found = _query(warehouse, now, _QUARANTINE)
    counts: Counts = {rule: rows for rule, rows, _ in found}
    old = counts if before is now else _before(warehouse, before, _QUARANTINE_BEFORE)
    return [
        {
            "rule": rule,
            "rows": counts.get(rule, 0),
            "delta": None if old is None else _difference(rule, counts, old),
            "examples": [example for other, _, example in found if other == rule],
        }
        for rule in {**counts, **(old or {})}
    ]


def _before(warehouse: Path, before: Release | None, query: str) -> Counts | None:
    """The counts of the release before; None when there is none, or it was made with other columns."""
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
