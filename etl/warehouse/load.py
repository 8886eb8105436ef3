"""From the lake to a DuckDB file: only what changed, in one transaction, then verified."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl import ops
from etl.errors import AnqError
from etl.lake import VERSIONS, Partition, Reference, references
from etl.schema import KEY, Table, children, ddl, digest, french, tables
from etl.warehouse import joint, ministries, people, resemblance, search, views
from etl.warehouse import release as releases
from etl.warehouse.release import Release

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STATE = ("ops.anomalies", "ops.quarantine")  # replaced partition by partition, and reference by reference
LEDGER = ("ops.runs", "ops.sources", "ops.outcomes", "ops.checks")  # added to, run by run
THREADS = 4  # at most: each holds memory of its own
LIGHT = 50_000  # questions after which an archive's end is checkpointed: till then their keys are in memory
#: Of the tables that several references fill, the column that says whose a row is.
_OWNERS = dict.fromkeys(STATE, "question_type") | dict.fromkeys(joint.SOURCES, "issue")
_JOIN = " AND ".join(f"fresh.{name} = old.{name}" for name in KEY)
_RESOLVED = "JOIN resolved ON resolved.question_number = fresh.question_number"


def load(
    lake: Path,
    warehouse: Path,
    partitions: Sequence[Partition],
    run: dict[str, Any],
    now: datetime,
    *,
    anew: bool = False,
    approve: Callable[[Path], ops.Rows] = lambda _: {},
) -> Release:
    """Makes a release of the lake's state and swaps it in.

    Args:
        lake: the lake.
        warehouse: the warehouse's folder.
        partitions: the lake's markers.
        run: the row of `ops.runs` for the run that this is.
        now: time of the release.
        anew: read the whole lake instead of adding what changed to a copy of the current release.
        approve: looks at the finished file, which nobody has open, and says what the ledger is told of it.

    Returns:
        The release, current now.

    Raises:
        AnqError: whatever `approve` raises; or the file does not hold what the lake holds; there is no release then.
    """
    base = None if anew else releases.current(warehouse)
    if base is not None and (base.schema != digest() or not _goes_on(base, partitions)):
        base = None
    candidate = releases.private_copy(warehouse, base)
    recorded, told = ops.runs(lake), {one.name: one for one in references(lake)}
    with _open(candidate) as connection:
        connection.begin()
        if base is None:
            for statement in ddl():
                connection.execute(statement)
        else:
            search.make_room(connection)
        resemblance.watch(connection)
        joint.watch(connection)
        changed = _references(connection, lake, told, base.references if base else {})
        inserted = 0
        for one in partitions:
            before = base.partitions.get(_key(one)) if base else None
            if before is None:
                _insert(connection, lake, one)
                inserted += one.rows["questions"]
                if base is None and inserted > LIGHT:
                    _lighten(connection)
                    inserted = 0
                continue
            if before.digest != one.digest:
                _update(connection, lake, one, before)
            if not changed.isdisjoint(people.TABLES) and (files := one.files(lake, "questions")):
                people.correct(connection, _parquet(files))
        joint.fill(connection, resemblance.TOUCHED if base else None)
        ministries.note(connection)
        resemblance.fill(connection, anew=base is None)
        search.update(connection, lake, partitions, base.partitions if base else {})
        _declared_rows(connection)
        views.create(connection)
        for statement in french():
            connection.execute(statement)
        search.create(connection)
        # a run that was not over when the last release was made may have said more since
        unread = [name for name in recorded if not base or name not in base.runs or _spoke_since(lake, name, base)]
        _ledger(connection, lake, unread)
        _insert_rows(connection, tables()["ops.runs"], [run])
        connection.commit()
        connection.execute("CHECKPOINT")
    told_of_it = approve(candidate)
    with _open(candidate) as connection:
        for name, said in told_of_it.items():
            _insert_rows(connection, tables()[name], said)
    rows = _verify(candidate, lake, partitions, told.values())
    sha256 = releases.digest(lake)
    release = Release(
        name=releases.name_of(now, sha256),
        created_at=now,
        run_id=run["run_id"],
        sha256=sha256,
        schema=digest(),
        rows=rows,
        partitions={_key(one): one for one in partitions},
        references=told,
        runs=list(dict.fromkeys((*recorded, ops.file_name(run["run_id"])))),
        views=views.digest(),
    )
    releases.publish(warehouse, candidate, release)
    return release


def _goes_on(base: Release, partitions: Sequence[Partition]) -> bool:
    """Whether the lake still has each partition of a release, from the same kind of source."""
    now = {_key(one): one.sample for one in partitions}
    return all(now.get(key) == one.sample for key, one in base.partitions.items())


def _lighten(connection: DuckDBPyConnection) -> None:
    """Writes what was inserted, for keys that no checkpoint has seen stay in memory."""
    connection.commit()
    connection.execute("CHECKPOINT")
    connection.begin()


def _key(one: Partition) -> str:
    return f"{one.legislature}-{one.question_type}"


def _open(path: Path, *, read_only: bool = False) -> DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": min(len(os.sched_getaffinity(0)), THREADS),
            "memory_limit": "600MB",  # of which the keys of a million questions take a half
            "max_vacuum_tasks": 0,  # but when `search.make_room` says otherwise
            "temp_directory": f"{path}.tmp",
        }
    )
    # small row groups with ZSTD texts: a third of the time to write and half the size of the defaults
    how = "READ_ONLY" if read_only else "STORAGE_VERSION 'latest', ROW_GROUP_SIZE 20480"
    connection.execute(f"ATTACH '{_quoted(path)}' AS warehouse ({how})")
    connection.execute("USE warehouse")
    return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _insert(connection: DuckDBPyConnection, lake: Path, one: Partition) -> None:
    """A partition that the file does not hold yet."""
    files = one.files(lake, "questions")
    if files:
        people.resolve(connection, _parquet(files))
        resemblance.note(connection, _parquet(files), new=True)
        connection.execute(
            f"INSERT INTO questions SELECT {_select('fresh')} FROM {_fresh(lake, one, files)} {_RESOLVED}"
        )
    for table in (*children(), tables()[VERSIONS], *(tables()[name] for name in STATE)):
        _append(connection, table, one.files(lake, table.full_name))


def _update(connection: DuckDBPyConnection, lake: Path, one: Partition, before: Partition) -> None:
    """A partition of which the file holds an earlier state: rows whose record or times differ, with their children."""
    chunks = [chunk for chunk, files in one.chunks.items() if before.chunks.get(chunk) != files]
    touched = Partition(
        **{
            **{name: getattr(one, name) for name in one.__struct_fields__},
            "chunks": {c: one.chunks[c] for c in chunks},
        }
    )
    files = touched.files(lake, "questions")
    if files:
        fresh = _fresh(lake, touched, files)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE changed AS SELECT {', '.join(f'fresh.{name}' for name in KEY)} FROM {fresh} "
            f"LEFT JOIN questions AS old ON {_JOIN} WHERE old.uid IS NULL "
            "OR (old.record_sha256, old.first_seen_at, old.changed_at) "
            "<> (fresh.record_sha256, seen.first_seen_at, seen.changed_at) "
            "OR old.absent_since IS DISTINCT FROM seen.absent_since"
        )
        updates = ", ".join(f"{name} = excluded.{name}" for name in tables()["questions"].names if name not in KEY)
        people.resolve(connection, _parquet(files), among="changed")
        resemblance.note(connection, "changed")
        connection.execute(
            f"INSERT INTO questions SELECT {_select('fresh')} FROM {fresh} {_RESOLVED} "
            f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {updates}"
        )
        for table in children():
            connection.execute(f"DELETE FROM {table.full_name} AS fresh USING changed AS old WHERE {_JOIN}")
            if paths := touched.files(lake, table.name):
                connection.execute(
                    f"INSERT INTO {table.full_name} BY NAME SELECT fresh.* FROM {_parquet(paths)} AS fresh "
                    f"SEMI JOIN changed AS old ON {_JOIN}"
                )
    _append(
        connection,
        tables()[VERSIONS],
        [path for path in one.files(lake, VERSIONS) if path.name not in before.versions],
    )
    for name in STATE:
        connection.execute(f"DELETE FROM {name} WHERE (legislature, question_type) = {one.key}")
        _append(connection, tables()[name], one.files(lake, name))


def _parquet(files: Sequence[Path]) -> str:
    paths = ", ".join(f"'{_quoted(path)}'" for path in files)
    return f"read_parquet([{paths}], hive_partitioning = false, union_by_name = true)"


def _fresh(lake: Path, one: Partition, files: Sequence[Path]) -> str:
    """The questions of these files, joined with when they were seen."""
    seen = f"(SELECT * FROM {_parquet(one.files(lake, 'sightings'))} WHERE first_seen_at IS NOT NULL)"
    return f"{_parquet(files)} AS fresh JOIN {seen} AS seen ON seen.question_number = fresh.question_number"


def _select(fresh: str) -> str:
    held = dict.fromkeys(people.COLUMNS, "resolved")
    columns = tables()["questions"].columns
    return ", ".join(f"{'seen' if one.kept_in else held.get(one.name, fresh)}.{one.name}" for one in columns)


def _references(
    connection: DuckDBPyConnection, lake: Path, now: Mapping[str, Reference], before: Mapping[str, Reference]
) -> set[str]:
    """Fills anew what a source has changed: its own rows, or the whole of a table that does not say whose they are.

    Returns:
        These tables.
    """
    digests = ({name: one.digest for name, one in told.items()}.items() for told in (now, before))
    differ = {name for name, _ in next(digests) ^ next(digests)}
    changed = {table for told in (now, before) for name in differ & told.keys() for table in told[name].files}
    quoted = ", ".join(f"'{name}'" for name in differ)
    if not differ:
        return changed
    joint.note(connection, quoted)
    for table in sorted(changed):
        owner = _OWNERS.get(table)
        connection.execute(f"DELETE FROM {table}" + (f" WHERE {owner} IN ({quoted})" if owner else ""))
        told = [one for name, one in now.items() if name in differ or not owner]
        _append(connection, tables()[table], [path for one in told for path in one.paths(lake, table)])
    joint.note(connection, quoted)
    return changed


def _append(connection: DuckDBPyConnection, table: Table, files: Sequence[Path]) -> None:
    if files:
        connection.execute(f"INSERT INTO {table.full_name} BY NAME SELECT * FROM {_parquet(files)}")


def _declared_rows(connection: DuckDBPyConnection) -> None:
    for table in tables().values():
        _insert_rows(connection, table, [dict(zip(table.names, row, strict=True)) for row in table.rows])


def _spoke_since(lake: Path, run: str, release: Release) -> bool:
    return ops.last_written(lake, run) > release.created_at.timestamp() * 1e9


def _ledger(connection: DuckDBPyConnection, lake: Path, runs: Sequence[str]) -> None:
    """Adds what runs said, in place of what they had said before."""
    found = ops.read(lake, runs)
    for name in LEDGER:
        rows = found.get(name, [])
        if not tables()[name].primary_key:
            again = _literal(sorted({row["run_id"] for row in rows}))
            connection.execute(
                f"DELETE FROM {name} WHERE run_id IN (SELECT unnest(from_json({again}, '[\"VARCHAR\"]')))"
            )
        _insert_rows(connection, tables()[name], rows)


def _insert_rows(connection: DuckDBPyConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Adds the ledger's rows; one with the key of another replaces it."""
    if rows:
        verb = "INSERT OR REPLACE" if table.primary_key else "INSERT"
        shape = _literal([{column.name: column.sql for column in table.columns}])
        last = {tuple(row[name] for name in table.primary_key) or number: row for number, row in enumerate(rows)}
        items = f"SELECT unnest(from_json({_literal(list(last.values()))}, {shape})) AS item"
        connection.execute(f"{verb} INTO {table.full_name} BY NAME SELECT unnest(item) FROM ({items})")


def _literal(value: object) -> str:
    """JSON as an SQL text: a bound parameter would have DuckDB import pandas."""
    return "'" + msgspec.json.encode(value).decode().replace("'", "''") + "'"


def _verify(
    candidate: Path, lake: Path, partitions: Sequence[Partition], references: Collection[Reference]
) -> dict[str, int]:
    """Counts what the file holds against the lake.

    Returns:
        Rows by table.
    """
    given: Counter[str] = Counter()
    for reference in references:
        given.update(reference.rows)
    referred = {reference.name for reference in references}
    names = ["questions", *(table.name for table in children()), VERSIONS, search.POSTINGS, *STATE]
    with _open(candidate, read_only=True) as connection:
        for name in names:
            counted = {
                (legislature, question_type): rows
                for legislature, question_type, rows in connection.execute(
                    f"SELECT legislature, question_type, count(*) FROM {_kept(name)} GROUP BY ALL"
                ).fetchall()
            }
            for one in partitions:
                if counted.pop(one.key, 0) != one.rows[name]:
                    raise AnqError(
                        f"{_key(one)}: {name} does not hold the {one.rows[name]} rows that the lake holds; "
                        "no release was made, `anq rebuild` makes one from the lake alone"
                    )
            if name in STATE:
                counted = {key: count for key, count in counted.items() if key[1] not in referred}
            if counted:
                raise AnqError(
                    f"{name} holds rows of {sorted(counted)}, the lake does not; `anq rebuild` makes a release anew"
                )
        rows = {
            table.full_name: connection.execute(f"SELECT count(*) FROM {table.full_name}").fetchall()[0][0]
            for table in tables().values()
            if table.schema != "lake"
        }
        kept = {name: connection.execute(f"SELECT count(*) FROM {_kept(name)}").fetchall()[0][0] for name in STATE}
    for name in STATE:
        given[name] += sum(one.rows[name] for one in partitions)
    for name, count in given.items():
        if (held := kept.get(name, rows[name])) != count:
            raise AnqError(
                f"{name} holds {held} rows, the lake {count}; `anq rebuild` makes a release from the lake alone"
            )
    return rows


def _kept(name: str) -> str:
    """A table, as SQL has it after FROM, without the rows that are worked out at load time."""
    return f"{name} WHERE kind <> '{ministries.KIND}'" if name == "ops.anomalies" else name
