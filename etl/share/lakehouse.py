"""The current release in a DuckLake, where other data live: only changed rows are written, in one snapshot.

The DuckLake is attached as `anq`, the name under which the macros find their tables. What it cannot hold is left out:
primary keys, comments on macros and on columns of views. A macro's parameter without a value is the largest number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from etl.errors import AnqError, DamageError, UsageError
from etl.files.lock import locked
from etl.schema import Table, released
from etl.schema.ddl import digest
from etl.schema.sql import literal
from etl.warehouse import extensions, views
from etl.warehouse import release as releases
from etl.warehouse.macros import CATALOGUE
from etl.warehouse.release import Release
from etl.warehouse.verify import rows_by_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AUTHOR = "anq"  # of our snapshots
_NEW, _BEFORE = "release", "before"  # catalogues of the files
_LEFT_OUT = re.compile(r"COMMENT ON (MACRO|COLUMN)", re.IGNORECASE)
#: By variable of the environment, the part of DuckDB's secret: names, and no secret.
_S3 = {
    "AWS_ACCESS_KEY_ID": "KEY_ID",
    "AWS_SECRET_ACCESS_KEY": "SECRET",  # nosec B105
    "AWS_SESSION_TOKEN": "SESSION_TOKEN",  # nosec B105
}
#: In a catalogue's address: `password=…`, quoted or not, or `user:…@` in a URL.
_PASSWORD = re.compile(r"password\s*=\s*(?:'((?:\\.|[^'\\])*)'|(\S+))|:/+[^:@/\s]*:(\S*)@", re.IGNORECASE)
_SECRET = 4  # characters that a part of a password has at least, to be struck out


class _Made(msgspec.Struct, frozen=True):
    """What a snapshot of ours was made from, as its extra information.

    Attributes:
        schema: digest of the tables' columns.
        views: digest of the views.
        made_up: whether any question is.
    """

    schema: str
    views: str
    made_up: bool


class _Last(NamedTuple):
    """Our last snapshot: the release it has, and what it was made from."""

    release: str
    made: _Made


def bring(warehouse: Path, where: str, data: str | None, environment: Mapping[str, str]) -> str | None:
    """Brings the current release to a DuckLake, in one snapshot named after it, or does nothing when it has it.

    Args:
        warehouse: the warehouse's folder.
        where: `ducklake:` and its catalogue, as DuckDB attaches it.
        data: where its Parquet files go, when it is made now; None beside a catalogue that is a file.
        environment: has the AWS_… variables, for data in a bucket.

    Returns:
        The release's name; None when it is there already, or there is none yet.

    Raises:
        AnqError: the DuckLake cannot be written; it stays as it was.
        DamageError: it would not hold the release's rows.
        UsageError: the release is of another version of anq, or made up where real questions are.
    """
    import duckdb

    with locked(warehouse / ".lakehouse.lock"):
        release = releases.current(warehouse)
        if release is None:
            return None
        if release.schema != digest():
            raise UsageError(
                f"release {release.name} is of another version of anq, whose tables the DuckLake is not given: "
                "`anq rebuild` makes one of this version, from the lake"
            )
        try:
            with _attached(where, data, environment) as connection:
                last = _last(connection)
                made = _Made(release.schema, views.digest(), release.sample)
                if last == _Last(release.name, made):
                    return None
                if release.sample and last and not last.made.made_up:
                    raise UsageError(f"the DuckLake has real questions, and release {release.name} is made up")
                _write(connection, warehouse, release, last, made)
        except duckdb.Error as error:
            why = _without_password(where, str(error).replace(where, "ANQ_LAKEHOUSE").partition("\n")[0])
            raise AnqError(
                f"the DuckLake did not take release {release.name} ({why}), and is as it was: look at ANQ_LAKEHOUSE; "
                "`anq share` tries again, and so does the next run"
            ) from None  # its cause names the password, and Airflow logs causes
    return release.name


def _without_password(where: str, text: str) -> str:
    """A text in which no part of a catalogue's password is left."""
    for found in _PASSWORD.findall(where):
        password = "".join(found)
        parts = {password, *(part for part in re.split(r"\W+", password) if len(part) >= _SECRET)} - {""}
        for part in sorted(parts, key=len, reverse=True):
            text = text.replace(part, "…")
    return text


@contextmanager
def _attached(where: str, data: str | None, environment: Mapping[str, str]) -> Iterator[DuckDBPyConnection]:
    import duckdb

    with duckdb.connect() as connection:
        extensions.load(connection, "httpfs", "ducklake")
        if where.startswith("ducklake:postgres:"):
            extensions.load(connection, "postgres_scanner")
        if "AWS_ACCESS_KEY_ID" in environment:
            connection.execute(_secret(environment))
        path = f" (DATA_PATH {literal(data)})" if data else ""
        connection.execute(f"ATTACH {literal(where)} AS {CATALOGUE}{path}")
        yield connection


def _secret(environment: Mapping[str, str]) -> str:
    """The statement that tells DuckDB of the bucket's key."""
    said = {name: environment[variable] for variable, name in _S3.items() if variable in environment}
    said["REGION"] = environment.get("AWS_REGION", "us-east-1")
    parts = [f"{name} {literal(value)}" for name, value in said.items()]
    if endpoint := environment.get("AWS_ENDPOINT_URL"):
        scheme, _, host = endpoint.rstrip("/").partition("://")
        parts += [f"ENDPOINT {literal(host)}", "URL_STYLE 'path'", f"USE_SSL {scheme == 'https'}"]
    return f"CREATE SECRET (TYPE s3, {', '.join(parts)})"


def _last(connection: DuckDBPyConnection) -> _Last | None:
    """Our last snapshot; None before the first."""
    found = connection.execute(
        f"SELECT commit_message, commit_extra_info FROM {CATALOGUE}.snapshots() WHERE author = {literal(AUTHOR)} "
        "ORDER BY snapshot_id DESC LIMIT 1"
    ).fetchone()
    return _Last(found[0], msgspec.json.decode(found[1], type=_Made)) if found else None


def _write(connection: DuckDBPyConnection, warehouse: Path, release: Release, last: _Last | None, made: _Made) -> None:
    """Writes the difference to what is there."""
    connection.execute(f"ATTACH {literal(str(releases.path_of(warehouse, release.name)))} AS {_NEW} (READ_ONLY)")
    connection.execute("BEGIN")
    if last is None or last.made.schema != made.schema:
        _make(connection, anew=last is not None)
        old = CATALOGUE
    else:
        old = _before(connection, warehouse, last.release)
    for table in released():
        _bring(connection, table, old)
    if last is None or last.made.views != made.views:
        _make_views(connection)
    _verify(connection, release)
    said = f"{literal(AUTHOR)}, {literal(release.name)}, extra_info => {literal(msgspec.json.encode(made).decode())}"
    connection.execute(f"CALL {CATALOGUE}.set_commit_message({said})")
    connection.execute("COMMIT")


def _make(connection: DuckDBPyConnection, *, anew: bool) -> None:
    """Makes the tables, without rows; one that is there and not ours is an error of DuckDB's."""
    for schema in sorted({table.schema for table in released()} - {"main"}):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOGUE}.{schema}")
    for table in released():
        name = f"{CATALOGUE}.{table.schema}.{table.name}"
        if anew:
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(f"CREATE TABLE {name} AS FROM {_NEW}.{table.schema}.{table.name} LIMIT 0")
        connection.execute(f"COMMENT ON TABLE {name} IS {literal(table.comment)}")
        for column in table.columns:
            connection.execute(f"COMMENT ON COLUMN {name}.{column.name} IS {literal(column.comment)}")


def _before(connection: DuckDBPyConnection, warehouse: Path, name: str) -> str:
    """The catalogue that the release is held against: the file of the one that is there, else the DuckLake itself."""
    path = releases.path_of(warehouse, name)
    if not path.exists():
        return CATALOGUE
    connection.execute(f"ATTACH {literal(str(path))} AS {_BEFORE} (READ_ONLY)")
    # if they differ, somebody wrote to it
    return _BEFORE if _differ(connection, _BEFORE) is None else CATALOGUE


def _differ(connection: DuckDBPyConnection, catalogue: str) -> str | None:
    """A table of which the DuckLake does not have as many rows as a file."""
    here, there = rows_by_table(connection, catalogue), rows_by_table(connection, CATALOGUE)
    return next((name for name in here if here[name] != there[name]), None)


def _bring(connection: DuckDBPyConnection, table: Table, old: str) -> None:
    """Takes out the rows that are no longer there as they were, and puts in those that are new, by the rows' hashes."""
    name = f"{table.schema}.{table.name}"
    [(touched,)] = connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE touched AS
        SELECT hash FROM (SELECT hash(t) AS hash, 1 AS more FROM {_NEW}.{name} AS t
                          UNION ALL SELECT hash(t), -1 FROM {old}.{name} AS t)
        GROUP BY hash HAVING sum(more) <> 0
    """).fetchall()
    if not touched:
        return
    is_touched = "hash(t) IN (FROM touched)"
    if table.primary_key and old != CATALOGUE:  # of the DuckLake only the keys are read
        key = ", ".join(table.primary_key)
        gone = f"WHERE ({key}) IN (SELECT ({key}) FROM {old}.{name} AS t WHERE {is_touched})"
    else:
        gone = f"AS t WHERE {is_touched}"
    connection.execute(f"DELETE FROM {CATALOGUE}.{name} {gone}")
    connection.execute(f"INSERT INTO {CATALOGUE}.{name} SELECT t.* FROM {_NEW}.{name} AS t WHERE {is_touched}")


def _make_views(connection: DuckDBPyConnection) -> None:
    """Makes the views and macros anew, in place of those of their names."""
    connection.execute(f"USE {CATALOGUE}")
    connection.execute("CREATE SCHEMA IF NOT EXISTS fr")
    for statement in views.statements():
        if _LEFT_OUT.match(statement.strip()):
            continue
        made = statement.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)
        connection.execute(made.replace(":= NULL", f":= {2**63 - 1}", 1))
    connection.execute("USE memory")


def _verify(connection: DuckDBPyConnection, release: Release) -> None:
    if name := _differ(connection, _NEW):
        raise DamageError(f"the DuckLake would not hold the rows of {name} of release {release.name}")
