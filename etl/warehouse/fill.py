"""The tables that the lake's files hold: filled from them, only where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from etl.lake.markers import VERSIONS, Partition, Reference
from etl.schema import KEY, Table, children, tables
from etl.schema.sql import literals, parquet
from etl.warehouse.derived import authors, joint, resemblance

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STATE = ("ops.anomalies", "ops.quarantine")  # replaced partition by partition, and reference by reference
#: Of the tables that several references fill, the column that says whose a row is.
OWNERS = dict.fromkeys(STATE, "question_type") | dict.fromkeys(joint.SOURCES, "issue")
_JOIN = " AND ".join(f"fresh.{name} = old.{name}" for name in KEY)
_RESOLVED = f"JOIN resolved ON {_JOIN.replace('old.', 'resolved.')}"
_SEEN = _JOIN.replace("old.", "seen.")
_BY_NAME = "union_by_name = true"


def references(
    connection: DuckDBPyConnection, lake: Path, now: Mapping[str, Reference], before: Mapping[str, Reference]
) -> set[str]:
    """Fills anew what a source has changed: its own rows, or the whole of a table that does not say whose they are.

    Args:
        connection: the warehouse.
        lake: the lake.
        now: by name, the markers of what is to be there.
        before: those of what is there.

    Returns:
        The tables that changed.
    """
    differ = {name for name in now.keys() | before.keys() if _digest(now, name) != _digest(before, name)}
    changed = {table for markers in (now, before) for name in differ & markers.keys() for table in markers[name].files}
    if not differ:
        return changed
    names = literals(sorted(differ))
    joint.note(connection, names)
    for table in sorted(changed):
        owner = OWNERS.get(table)
        connection.execute(f"DELETE FROM {table}" + (f" WHERE {owner} IN ({names})" if owner else ""))
        read = [reference for name, reference in now.items() if name in differ or not owner]
        _append(connection, tables()[table], [path for reference in read for path in reference.paths(lake, table)])
    joint.note(connection, names)
    return changed


def _digest(markers: Mapping[str, Reference], name: str) -> str | None:
    return markers[name].digest if name in markers else None


def insert(connection: DuckDBPyConnection, lake: Path, partitions: Sequence[Partition]) -> None:
    """Partitions that the warehouse does not hold yet."""
    if files := _files(lake, partitions, "questions"):
        rows = parquet(files, options=_BY_NAME)
        authors.resolve(connection, rows)
        resemblance.note(connection, rows, new=True)
        connection.execute(f"INSERT INTO questions SELECT {_columns()} FROM {_fresh(lake, partitions)} {_RESOLVED}")
    for table in (*children(), tables()[VERSIONS], *(tables()[name] for name in STATE)):
        _append(connection, table, _files(lake, partitions, table.full_name))


def _files(lake: Path, partitions: Sequence[Partition], dataset: str) -> list[Path]:
    return [path for partition in partitions for path in partition.files(lake, dataset)]


def update(connection: DuckDBPyConnection, lake: Path, partition: Partition, before: Partition) -> None:
    """A partition of which the warehouse holds an earlier state: rows that differ, with their children."""
    differing = {chunk: files for chunk, files in partition.chunks.items() if before.chunks.get(chunk) != files}
    touched = msgspec.structs.replace(partition, chunks=differing)
    if touched.files(lake, "questions"):
        _update_questions(connection, lake, touched)
    is_added_to = set(before.versions) <= set(partition.versions)  # but for a file that was mended
    new = [path for path in partition.files(lake, VERSIONS) if not (is_added_to and path.name in before.versions)]
    if not is_added_to:
        connection.execute(f"DELETE FROM {VERSIONS} WHERE (legislature, question_type) = {partition.key}")
    _append(connection, tables()[VERSIONS], new)
    for name in STATE:
        connection.execute(f"DELETE FROM {name} WHERE (legislature, question_type) = {partition.key}")
        _append(connection, tables()[name], partition.files(lake, name))


def _update_questions(connection: DuckDBPyConnection, lake: Path, touched: Partition) -> None:
    """Of these chunks, the questions whose record or times differ."""
    files = touched.files(lake, "questions")
    fresh = _fresh(lake, [touched])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE changed AS SELECT {', '.join(f'fresh.{name}' for name in KEY)} FROM {fresh} "
        f"LEFT JOIN questions AS old ON {_JOIN} WHERE old.uid IS NULL "
        "OR (old.record_sha256, old.first_seen_at, old.changed_at) "
        "<> (fresh.record_sha256, seen.first_seen_at, seen.changed_at) "
        "OR old.absent_since IS DISTINCT FROM seen.absent_since"
    )
    authors.resolve(connection, parquet(files, options=_BY_NAME), among="changed")
    resemblance.note(connection, "changed")
    connection.execute(f"DELETE FROM questions AS fresh USING changed AS old WHERE {_JOIN}")
    connection.execute(f"INSERT INTO questions SELECT {_columns()} FROM {fresh} {_RESOLVED}")
    for table in children():
        connection.execute(f"DELETE FROM {table.full_name} AS fresh USING changed AS old WHERE {_JOIN}")
        if paths := touched.files(lake, table.name):
            rows = f"{parquet(paths, options=_BY_NAME)} AS fresh SEMI JOIN changed AS old ON {_JOIN}"
            connection.execute(f"INSERT INTO {table.full_name} BY NAME SELECT fresh.* FROM {rows}")


def correct_authors(connection: DuckDBPyConnection, lake: Path, partition: Partition) -> None:
    """Names the authors of a partition's questions again: the tables of people changed."""
    if files := partition.files(lake, "questions"):
        authors.correct(connection, parquet(files, options=_BY_NAME))


def _fresh(lake: Path, partitions: Sequence[Partition]) -> str:
    """The questions of these partitions, joined with when they were seen."""
    rows = parquet(_files(lake, partitions, "questions"), options=_BY_NAME)
    sightings = parquet(_files(lake, partitions, "sightings"), options=_BY_NAME)
    seen = f"(SELECT * FROM {sightings} WHERE first_seen_at IS NOT NULL)"
    return f"{rows} AS fresh JOIN {seen} AS seen ON {_SEEN}"


def _columns() -> str:
    """The columns of `questions`, each from where it is."""
    held = dict.fromkeys(authors.COLUMNS, "resolved")
    columns = tables()["questions"].columns
    return ", ".join(
        f"{held.get(column.name, 'seen' if column.kept_in else 'fresh')}.{column.name}" for column in columns
    )


def _append(connection: DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    if files:
        rows = parquet(files, options=_BY_NAME)
        connection.execute(f"INSERT INTO {table.full_name} BY NAME SELECT * FROM {rows}")
