"""Releases: immutable DuckDB files, and `current.duckdb`, a symlink that is swapped in one step."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from etl.errors import AnqError, UsageError
from etl.lake.decisions import all_acceptances, all_held_back
from etl.lake.markers import Partition, Reference, partitions, references

KEPT = 7  # releases, beside the current one


class Release(msgspec.Struct, kw_only=True):
    """What `releases/<name>.json` tells of `releases/<name>.duckdb`.

    Attributes:
        name: UTC time and the start of `sha256`.
        created_at: when.
        run_id: the run that made it.
        sha256: digest of the lake's state that it holds.
        schema: digest of what its tables were made from.
        rows: by table.
        partitions: by legislature and type, `17-QE`, the lake's marker that was loaded.
        references: the markers of what else was loaded, by name.
        runs: runs of the ledger that it holds.
        views: digest of what its views were made from.
        held_back: the archives of which it has the last good state, or nothing, since what came did not pass its check.
    """

    name: str
    created_at: datetime
    run_id: str
    sha256: str
    schema: str
    rows: dict[str, int]
    partitions: dict[str, Partition]
    references: dict[str, Reference] = {}
    runs: list[str]
    views: str = ""
    held_back: list[str] = []

    @property
    def sample(self) -> bool:
        """Whether any of it is made up."""
        return any(one.sample for one in (self.partitions | self.references).values())

    def to_dict(self) -> dict[str, Any]:
        """Name, rows and hashes, for an Airflow asset event."""
        return {
            "release": self.name,
            "sha256": self.sha256,
            "rows": self.rows,
            "held_back": self.held_back,
            "sources": {key: one.source_sha256 for key, one in (self.partitions | self.references).items()},
        }


def digest(lake: Path) -> str:
    """SHA-256 of the state of a lake."""
    digests = [*(one.digest for one in partitions(lake)), *(one.digest for one in references(lake))]
    digests += [f"{one.archive} {one.source_sha256} {rule.rule}" for one in all_held_back(lake) for rule in one.rules]
    digests += [f"{one.archive} {one.rule} {one.accepted_at}" for one in all_acceptances(lake)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def current_path(warehouse: Path) -> Path:
    """What readers open."""
    return warehouse / "current.duckdb"


def path_of(warehouse: Path, name: str) -> Path:
    """A release's DuckDB file."""
    return warehouse / "releases" / f"{name}.duckdb"


def releases(warehouse: Path) -> list[Release]:
    """Every release, oldest first.

    Raises:
        AnqError: what is told of one cannot be read.
    """
    paths = sorted((warehouse / "releases").glob("*.json"))
    found = []
    for path in paths:
        if path.with_suffix(".duckdb").exists():
            try:
                found.append(_told(path))
            except (OSError, msgspec.DecodeError) as error:
                raise AnqError(
                    f"{path} cannot be read ({error}); remove it, and that release is no longer listed"
                ) from error
    return found


def _told(path: Path) -> Release:
    return msgspec.json.decode(path.read_bytes(), type=Release)


def current_name(warehouse: Path) -> str | None:
    """The name of the release that readers see, whatever can be read of it; None before the first."""
    link = current_path(warehouse)
    return link.readlink().stem if link.is_symlink() else None


def current(warehouse: Path) -> Release | None:
    """The release that readers see, or None before the first.

    Raises:
        AnqError: `current.duckdb` points to what is no release.
    """
    name = current_name(warehouse)
    if name is None:
        return None
    told = path_of(warehouse, name).with_suffix(".json")
    if not told.exists():
        told = told.with_suffix(".part")  # `publish` was killed between the swap and its last line
    try:
        return _told(told)
    except (OSError, msgspec.DecodeError) as error:
        raise AnqError(
            f"{current_path(warehouse)} points to a release that cannot be read ({error}); "
            "swap in another with `anq rollback`"
        ) from error


def publish(warehouse: Path, candidate: Path, release: Release) -> None:
    """Makes a finished file the current release; a kill at any moment leaves the one before, whole."""
    path = path_of(warehouse, release.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_bytes(msgspec.json.encode(release))
    for written in (candidate, aside):
        with written.open("rb") as file:
            os.fsync(file.fileno())
    candidate.replace(path)
    swap(warehouse, release.name)
    aside.replace(path.with_suffix(".json"))  # listed once it has been current: what a kill left before is made again
    kept = {release.name, *(one.name for one in releases(warehouse)[-KEPT - 1 :])}
    for left in path.parent.iterdir():
        if left.stem not in kept:
            left.unlink()


def swap(warehouse: Path, name: str) -> None:
    """Points `current.duckdb` at a release; who has the one before open keeps it.

    Raises:
        UsageError: there is no such release.
    """
    path = path_of(warehouse, name)
    if not path.exists():
        raise UsageError(f"there is no release {name}; `anq releases` lists them")
    aside = warehouse / ".current.part"
    aside.unlink(missing_ok=True)
    aside.symlink_to(Path("releases") / path.name)
    aside.replace(current_path(warehouse))


def rollback(warehouse: Path, name: str | None = None) -> str:
    """Swaps back to a release.

    Args:
        warehouse: the folder.
        name: which one; None means the one before the current one.

    Returns:
        The release's name.

    Raises:
        UsageError: there is none to go back to.
    """
    if name is None:
        now = current_name(warehouse)
        before = [one.name for one in releases(warehouse) if now and one.name < now]
        if not before:
            raise UsageError("there is no release before the current one; `anq releases` lists them")
        name = before[-1]
    swap(warehouse, name.removesuffix(".duckdb"))
    return name.removesuffix(".duckdb")


def private_copy(warehouse: Path, base: Release | None) -> Path:
    """A file that only the loader opens: a copy of a release, or nothing yet."""
    candidate = warehouse / ".candidate.duckdb"
    warehouse.mkdir(parents=True, exist_ok=True)
    for left in warehouse.glob(".candidate.duckdb*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    if base is not None:
        shutil.copyfile(path_of(warehouse, base.name), candidate)
    return candidate


def name_of(now: datetime, sha256: str) -> str:
    """`20260901T063000Z-1a2b3c4d`."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{sha256[:8]}"
