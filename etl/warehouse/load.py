"""From the lake to a DuckDB file that nobody else opens: only what changed, then verified."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from etl.errors import DamageError
from etl.files.cores import cores
from etl.lake import decisions, ledger
from etl.lake.decisions import Acceptance, HeldBack
from etl.lake.files import fault_of
from etl.lake.markers import Partition, Reference, partition_folder, references
from etl.schema import Table, tables
from etl.schema.ddl import ddl, digest
from etl.schema.sql import literal
from etl.search import index
from etl.search.index import ChunkIndex
from etl.search.postings import POSTINGS
from etl.warehouse import fill, views
from etl.warehouse import release as releases
from etl.warehouse.derived import authors, families, joint, ministries, resemblance
from etl.warehouse.macros import CATALOGUE
from etl.warehouse.release import Release
from etl.warehouse.verify import counted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEDGER = ("ops.runs", "ops.sources", "ops.outcomes", "ops.checks")  # added to, run by run
STORAGE = "v1.4.0"  # the oldest DuckDB that reads a release; as small as the latest, which v1.2.0 would double
ROWS = 20_480  # of a row group: with ZSTD texts, a third of the time to write and half the size of DuckDB's own
ADDED = 4096  # rows of a row group that is added: DuckDB compresses the last one anew for each row that still fits in
GROWTH = 1.6  # bytes written for a byte of the lake that is read: 1.5 measured, with 20,000 questions
SLACK = 100e6  # bytes: what DuckDB writes ahead, and of each table a row group that is written again whole
MUCH = 100e6  # bytes of the lake, 50,000 questions: less is brought in line with it, whatever its share
THREADS = 4  # at most: each holds memory of its own
MEMORY = 300_000_000  # bytes, beside the keys: with more, a load is no quicker
KEYS = 300  # bytes of memory that a question's keys take
FEW = 10  # chunks: their index is made beside what else is derived; that of more would take a tenth more memory
LIGHT = 50_000  # questions that are inserted at once, then checkpointed: till then their keys are in memory


def load(
    lake: Path,
    warehouse: Path,
    partitions: Sequence[Partition],
    run: dict[str, Any],
    now: datetime,
    *,
    say: Callable[[str], None],
    anew: bool = False,
    approve: Callable[[Path], ledger.Rows] = lambda _: {},
) -> Release:
    """Makes a release of the lake's state and swaps it in.

    Args:
        lake: the lake.
        warehouse: the warehouse's folder.
        partitions: the lake's markers.
        run: the row of `ops.runs` for the run that this is.
        now: time of the release.
        say: told when the current release is not gone on from.
        anew: read the whole lake instead of adding what changed to a copy of the current release.
        approve: checks the finished file, which nobody has open, and gives rows for the ledger.

    Returns:
        The release, current now.

    Raises:
        DamageError: a file of the lake that is to be read is damaged.
        AnqError: there is no room on the disk; or whatever `approve` raises; or the file does not hold what the lake
            holds; there is no release then.
    """
    recorded, beside = ledger.runs(lake), {reference.name: reference for reference in references(lake)}
    base = None if anew else _base(warehouse, partitions, say)
    whole = _to_read(lake, partitions, beside, None)
    to_read = _to_read(lake, partitions, beside, base) if base else whole
    if base and to_read > max(MUCH, whole / 2):
        say(f"most of the lake is other than in release {base.name}: it is read anew, which is quicker")
        base, to_read = None, whole
    candidate = releases.private_copy(warehouse, base, _growth(to_read))
    if base and not releases.is_as_published(warehouse, base):  # looked at once it is copied, and can change no more
        say(f"release {base.name} is not as it was published, somebody wrote to it: the lake is read anew")
        base, candidate = None, releases.private_copy(warehouse, None, _growth(whole))
    if base is None:
        _refuse_damaged(lake, (*partitions, *beside.values()))
        candidate.write_bytes(_empty((*ddl(), *views.anew())))
    memory = MEMORY + KEYS * _questions(partitions)
    with _database(candidate, memory) as connection:
        with _attached(connection, candidate, f"ROW_GROUP_SIZE {ADDED if base else ROWS}"):
            connection.begin()
            _prepare(connection, base)
            _fill(connection, lake, partitions, beside, base)
            _derive(connection, lake, partitions, base, memory)
            _add_ledger(connection, lake, _unread(lake, recorded, base))
            _insert_rows(connection, tables()["ops.runs"], [run])
            held_back = decisions.all_held_back(lake)
            _note_decisions(connection, held_back, decisions.all_acceptances(lake))
            connection.commit()
        if approved := approve(candidate):
            connection.execute("SET max_vacuum_tasks = 0")  # if there was room to be made, it is
            with _attached(connection, candidate, f"ROW_GROUP_SIZE {ADDED}"):
                for name, rows in approved.items():
                    _insert_rows(connection, tables()[name], rows)
        with _attached(connection, candidate), ThreadPoolExecutor(1) as meanwhile:
            file = meanwhile.submit(releases.published, candidate)
            rows_by_table = counted(connection, partitions, beside.values())
    sha256 = releases.digest(lake)
    release = Release(
        name=releases.name_of(now, sha256),
        created_at=now,
        run_id=run["run_id"],
        sha256=sha256,
        schema=digest(),
        rows=rows_by_table,
        partitions={partition.stem: partition for partition in partitions},
        references=beside,
        runs=list(dict.fromkeys((*recorded, ledger.file_name(run["run_id"])))),
        views=views.digest(),
        held_back=[held.archive for held in held_back],
        file=file.result(),
    )
    releases.publish(warehouse, candidate, release)
    return release


def _refuse_damaged(lake: Path, markers: Collection[Partition | Reference]) -> None:
    """Reads nothing that is not what was written: a bit that was flipped may pass for another text."""
    files = [path for marker in markers for path in marker.every_file(lake)]
    if damaged := [f"{path} {fault}" for path in files if (fault := fault_of(path, hashed=True))]:
        raise DamageError(f"{'; '.join(damaged)}; no release was made, `anq rebuild` mends the lake and makes one")


def _base(warehouse: Path, partitions: Sequence[Partition], say: Callable[[str], None]) -> Release | None:
    """The release that a copy can go on from: the current one, unless its tables or its kind of source are others."""
    try:
        name = releases.current_name(warehouse)
        base = releases.read(releases.path_of(warehouse, name)) if name else None
    except DamageError as error:
        say(f"{error}: a new one is made from the lake")
        return None
    return base if base and base.schema == digest() and _goes_on(base, partitions) else None


def _goes_on(base: Release, partitions: Sequence[Partition]) -> bool:
    """Whether the lake still has each partition of a release, from the same kind of source."""
    now = {partition.stem: partition.sample for partition in partitions}
    return all(now.get(stem) == partition.sample for stem, partition in base.partitions.items())


def _growth(to_read: int) -> int:
    """The bytes that a load may write, beside the copy of its base."""
    return int(GROWTH * to_read + SLACK)


def _to_read(lake: Path, partitions: Sequence[Partition], beside: Mapping[str, Reference], base: Release | None) -> int:
    """The bytes of the lake's files of which something is not as the base has it."""
    known = {marker.digest for marker in (base.partitions | base.references).values()} if base else set()
    markers: list[Partition | Reference] = [*partitions, *beside.values()]
    differ = [marker for marker in markers if marker.digest not in known]
    return sum(path.stat().st_size for marker in differ for path in marker.every_file(lake))


@cache
def _empty(statements: tuple[str, ...]) -> bytes:
    """A file with all that is declared, in English and French: made once a process, as a small load takes less."""
    import duckdb

    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder, "empty.duckdb")
        with _attached(connection, path, f"STORAGE_VERSION '{STORAGE}'"):
            connection.begin()
            connection.execute(";\n".join(statements))
            for table in tables().values():
                _insert_rows(connection, table, [dict(zip(table.names, row, strict=True)) for row in table.rows])
            connection.commit()
        return path.read_bytes()


def _database(path: Path, memory: int) -> DuckDBPyConnection:
    """DuckDB, without a file yet.

    Args:
        path: the file that it will be given; what it spills is beside.
        memory: the most that it takes, in bytes.
    """
    import duckdb

    return duckdb.connect(
        config={
            "threads": min(cores(), THREADS),
            "memory_limit": f"{memory}B",
            "max_vacuum_tasks": 0,  # but when `index.make_room` says otherwise
            "temp_directory": f"{path}.tmp",
            "enable_external_file_cache": False,  # a file of the lake is read once
        }
    )


@contextmanager
def _attached(connection: DuckDBPyConnection, path: Path, written: str | None = None) -> Iterator[None]:
    """Has the file of a release open, and then no more; to be written with these options, else to be read."""
    # nothing is written ahead of a file that a kill does away with
    how = f"{written}, RECOVERY_MODE no_wal_writes" if written else "READ_ONLY"
    connection.execute(f"ATTACH {literal(str(path))} AS {CATALOGUE} ({how})")
    connection.execute(f"USE {CATALOGUE}")
    yield
    if written:
        connection.execute("CHECKPOINT")
    connection.execute("USE memory")
    connection.execute(f"DETACH {CATALOGUE}")


def _prepare(connection: DuckDBPyConnection, base: Release | None) -> None:
    """The copy's views and macros as they are declared now, and room in its index; what is to be noted of changes."""
    if base is not None:
        if base.views != views.digest():
            views.create(connection)
        index.make_room(connection)
    resemblance.watch(connection)
    joint.watch(connection)


def _fill(
    connection: DuckDBPyConnection,
    lake: Path,
    partitions: Sequence[Partition],
    beside: Mapping[str, Reference],
    base: Release | None,
) -> None:
    """Brings the tables that the lake's files hold in line with it: people first, who name the authors."""
    known = base.partitions if base else {}
    changed = fill.references(connection, lake, beside, base.references if base else {})
    for batch in _batches([partition for partition in partitions if partition.stem not in known]):
        fill.insert(connection, lake, batch)
        if _questions(batch) > LIGHT / 100:  # fewer are written with the rest
            _lighten(connection)
    for partition in partitions:
        if before := known.get(partition.stem):
            if before.digest != partition.digest:
                fill.update(connection, lake, partition, before)
            if not changed.isdisjoint(authors.TABLES):
                fill.correct_authors(connection, lake, partition)


def _batches(partitions: Sequence[Partition]) -> Iterator[list[Partition]]:
    """Partitions, as many at once as have LIGHT questions, or one that has more."""
    batch: list[Partition] = []
    for partition in partitions:
        if batch and _questions([*batch, partition]) > LIGHT:
            yield batch
            batch = []
        batch.append(partition)
    if batch:
        yield batch


def _questions(partitions: Sequence[Partition]) -> int:
    return sum(partition.rows["questions"] for partition in partitions)


def _lighten(connection: DuckDBPyConnection) -> None:
    """Writes what was inserted, which till then is in memory or, uncompressed, beside the file; its keys in memory."""
    connection.commit()
    connection.execute("CHECKPOINT")
    connection.begin()


def _derive(
    connection: DuckDBPyConnection, lake: Path, partitions: Sequence[Partition], base: Release | None, memory: int
) -> None:
    """What is worked out of several tables, where something moved; and the index, of which none of them knows."""
    rewritten = list(_rewritten(lake, partitions, base.partitions if base else {}))
    if len(rewritten) > FEW:
        _relate(connection, base)
        index.update(connection, rewritten, memory)
        return
    with connection.cursor() as other, ThreadPoolExecutor(1) as beside:
        other.execute(f"USE {CATALOGUE}")
        indexed = beside.submit(index.update, other, rewritten, memory)
        _relate(connection, base)
    indexed.result()


def _relate(connection: DuckDBPyConnection, base: Release | None) -> None:
    """The tables that tell how questions, answers and ministries go together."""
    joint.fill(connection, resemblance.TOUCHED if base else None)
    ministries.note(connection)
    families.fill(connection)
    resemblance.fill(connection, anew=base is None)


def _rewritten(lake: Path, now: Sequence[Partition], before: Mapping[str, Partition]) -> Iterator[ChunkIndex]:
    """The chunks whose index differs."""
    for partition in now:
        known = before.get(partition.stem)
        for chunk, files in partition.chunks.items():
            name = files.get(POSTINGS)
            if name != (known.chunks.get(chunk, {}).get(POSTINGS) if known else None):
                path = partition_folder(lake, POSTINGS, partition.key) / name if name else None
                yield ChunkIndex(*partition.key, chunk, path)


def _unread(lake: Path, recorded: Sequence[str], base: Release | None) -> list[str]:
    """The runs whose rows a release lacks; one that was not over when it was made may have written more since."""
    if base is None:
        return list(recorded)
    made_at = base.created_at.timestamp() * 1e9
    return [run for run in recorded if run not in base.runs or ledger.last_written(lake, run) > made_at]


def _add_ledger(connection: DuckDBPyConnection, lake: Path, runs: Sequence[str]) -> None:
    """Adds the rows of runs, in place of those that they had written before."""
    written = ledger.read(lake, runs)
    for name in LEDGER:
        rows = written.get(name, [])
        if not tables()[name].primary_key:
            again = _json(sorted({row["run_id"] for row in rows}))
            connection.execute(
                f"DELETE FROM {name} WHERE run_id IN (SELECT unnest(from_json({again}, '[\"VARCHAR\"]')))"
            )
        _insert_rows(connection, tables()[name], rows)


def _note_decisions(
    connection: DuckDBPyConnection, held_back: Sequence[HeldBack], acceptances: Sequence[Acceptance]
) -> None:
    """What waits, and what was accepted, as it now is."""
    for name, rows in (
        ("ops.held_back", [row for held in held_back for row in held.rows()]),
        ("ops.acceptances", [msgspec.structs.asdict(acceptance) for acceptance in acceptances]),
    ):
        connection.execute(f"DELETE FROM {name}")
        _insert_rows(connection, tables()[name], rows)


def _insert_rows(connection: DuckDBPyConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Adds rows; a row replaces the row with its key."""
    if rows:
        verb = "INSERT OR REPLACE" if table.primary_key else "INSERT"
        shape = _json([{column.name: column.sql for column in table.columns}])
        last = {tuple(row[name] for name in table.primary_key) or number: row for number, row in enumerate(rows)}
        # as a table's column, or DuckDB would work the rows out while it plans: half as long again
        given = f"(VALUES ({_json(list(last.values()))})) AS _(given)"
        items = f"SELECT unnest(from_json(given, {shape})) AS item FROM {given}"
        connection.execute(f"{verb} INTO {table.full_name} BY NAME SELECT unnest(item) FROM ({items})")


def _json(value: object) -> str:
    """JSON as an SQL text."""
    return literal(msgspec.json.encode(value).decode())
