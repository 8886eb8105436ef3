"""Whether a finished file holds what the lake holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from etl.errors import AnqError
from etl.lake.markers import VERSIONS, Partition, Reference
from etl.schema import children, released
from etl.schema.sql import literal, literals
from etl.search.postings import POSTINGS
from etl.warehouse.derived import families, ministries
from etl.warehouse.fill import STATE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def counted(
    connection: DuckDBPyConnection, partitions: Sequence[Partition], references: Collection[Reference]
) -> dict[str, int]:
    """Counts the rows of the file against those of the lake.

    Args:
        connection: the file.
        partitions: the lake's markers of questions.
        references: those of what is beside them.

    Returns:
        Rows by table.

    Raises:
        AnqError: they differ.
    """
    referred = {reference.name for reference in references}
    for name in ("questions", *(table.name for table in children()), VERSIONS, POSTINGS, *STATE):
        _compare(connection, name, partitions, referred if name in STATE else set())
    rows = rows_by_table(connection)
    given: Counter[str] = Counter()
    for reference in references:
        given.update(reference.rows)
    for name in STATE:
        given[name] += sum(partition.rows[name] for partition in partitions)
    for name, count in given.items():
        held = _count(connection, kept(name)) if name in STATE else rows[name]
        if held != count:
            raise AnqError(
                f"{name} holds {held} rows, the lake {count}; `anq rebuild` makes a release from the lake alone"
            )
    return rows


def rows_by_table(connection: DuckDBPyConnection, catalogue: str | None = None) -> dict[str, int]:
    """How many rows each table of a release has, asked at once.

    Args:
        connection: has the release attached.
        catalogue: the name that it is attached by; None for the current one.
    """
    of = f"{catalogue}." if catalogue else ""
    counts = " UNION ALL ".join(
        f"SELECT {literal(table.full_name)}, count(*) FROM {of}{table.schema}.{table.name}" for table in released()
    )
    return dict(connection.execute(counts).fetchall())


def _compare(
    connection: DuckDBPyConnection, name: str, partitions: Sequence[Partition], referred: Collection[str]
) -> None:
    """Counts a table's rows by partition; those of references are counted elsewhere."""
    query = f"SELECT legislature, question_type, count(*) FROM {kept(name)} GROUP BY ALL"
    held = {
        (legislature, question_type): rows for legislature, question_type, rows in connection.execute(query).fetchall()
    }
    for partition in partitions:
        if held.pop(partition.key, 0) != partition.rows[name]:
            raise AnqError(
                f"{partition.stem}: {name} does not hold the {partition.rows[name]} rows that the lake holds; "
                "no release was made, `anq rebuild` makes one from the lake alone"
            )
    stray = sorted(key for key in held if key[1] not in referred)
    if stray:
        raise AnqError(f"{name} holds rows of {stray}, the lake does not; `anq rebuild` makes a release anew")


def _count(connection: DuckDBPyConnection, rows: str) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM {rows}").fetchall()
    return int(count)


def kept(name: str) -> str:
    """A table, as SQL has it after FROM, without the rows that are worked out at load time."""
    worked_out = literals((families.KIND, ministries.KIND))
    return f"{name} WHERE kind NOT IN ({worked_out})" if name == "ops.anomalies" else name
