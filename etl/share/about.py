"""What is said of a release where it is put: what it holds, what is new, what is not in it, and its files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from etl.warehouse.query import connect
from etl.warehouse.release import Release

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_HELD_BACK = """
    SELECT archive, min(held_since), list(rule ORDER BY rule) FROM ops.held_back GROUP BY archive ORDER BY archive
"""
_ACCEPTED = "SELECT archive, rule, why, until_day FROM ops.acceptances ORDER BY ALL"


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release.

    Attributes:
        path: in the release's folder.
        bytes: its length.
        sha256: of its content.
        title: what it is, in French.
    """

    path: str
    bytes: int
    sha256: str
    title: str


class HeldBack(msgspec.Struct, frozen=True):
    """An archive of which the release has the last good state.

    Attributes:
        archive: 17/QE.
        since: when.
        rules: those that it breaks.
    """

    archive: str
    since: datetime
    rules: list[str]


class Accepted(msgspec.Struct, frozen=True):
    """What a person let in though a rule holds it back.

    Attributes:
        archive: 17/QE.
        rule: the rule.
        why: the reason that was given.
        until: the last day on which it holds; None when it is for bytes.
    """

    archive: str
    rule: str
    why: str
    until: date | None


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A release, as its `about.json` has it; that file is the last of its folder to be written.

    Attributes:
        release: its name.
        created_at: when it was made.
        fetched_at: when the newest of what it holds was fetched.
        made_up: whether any question of it is.
        first_day: of its questions; None when none has a day.
        rows: by table.
        before: the release before, of those that are there; None of the first.
        deltas: by table, how many rows more than that; None of the first.
        held_back: what is not in it as it last came.
        accepted: what a person let in.
        files: all but this one.
    """

    release: str
    created_at: datetime
    fetched_at: datetime
    made_up: bool
    first_day: date | None
    rows: dict[str, int]
    before: str | None
    deltas: dict[str, int] | None
    held_back: list[HeldBack]
    accepted: list[Accepted]
    files: list[File]


def about(warehouse: Path, release: Release, before: About | None, files: Sequence[File]) -> About:
    """What there is to say of a release.

    Args:
        warehouse: the folder.
        release: which one.
        before: the release before, where it is put.
        files: what is put of it.
    """
    with connect(warehouse, release) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        [(first_day,)] = connection.execute("SELECT min(question_date) FROM questions").fetchall()
        held_back = [HeldBack(*row) for row in _rows(connection, _HELD_BACK)]
        accepted = [Accepted(*row) for row in _rows(connection, _ACCEPTED)]
    return About(
        release=release.name,
        created_at=release.created_at,
        fetched_at=release.last_fetch,
        made_up=release.sample,
        first_day=first_day,
        rows=release.rows,
        before=before.release if before else None,
        deltas={name: rows - before.rows.get(name, 0) for name, rows in release.rows.items()} if before else None,
        held_back=held_back,
        accepted=accepted,
        files=list(files),
    )


def checksums(files: Sequence[File]) -> bytes:
    """The files' digests, as `sha256sum` writes and checks them."""
    return "".join(f"{file.sha256}  {file.path}\n" for file in files).encode()


def described(path: str, file: Path, title: str) -> File:
    """A file that is to be put as `path`."""
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return File(path=path, bytes=file.stat().st_size, sha256=sha256, title=title)


def _rows(connection: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()
