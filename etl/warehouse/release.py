"""Releases: immutable DuckDB files, and `current.duckdb`, a symlink that is swapped in one step.

A release is a folder, `releases/<name>/`, with `anq.duckdb` and `release.json`; DuckDB calls the catalogue as the file.
Earlier ones are two files, `releases/<name>.duckdb` and `.json`; they are still listed, and can be swapped in.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from etl.errors import AnqError, DamageError, UsageError
from etl.files.sealed import seal, unseal
from etl.lake.decisions import all_acceptances, all_held_back
from etl.lake.markers import Partition, Reference, partitions, references

KEPT = 7  # releases, beside the current one
FILE, NOTE = "anq.duckdb", "release.json"
_UNLISTED = "release.part"  # NOTE, until the release has been current


class Published(msgspec.Struct, frozen=True):
    """A release's file as it was published.

    Attributes:
        size: bytes.
        modified_ns: when it was last written, in nanoseconds since 1970.
        sha256: of its content.
    """

    size: int
    modified_ns: int
    sha256: str


class Release(msgspec.Struct, kw_only=True):
    """What is known of a release without opening it, as its `release.json` has it.

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
        file: its file; None of a release that was made before this was kept.
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
    file: Published | None = None

    @property
    def sample(self) -> bool:
        """Whether any of it is made up."""
        return any(marker.sample for marker in (self.partitions | self.references).values())

    @property
    def last_fetch(self) -> datetime:
        """When the newest of what it holds came: the day that the licence asks for."""
        return max(marker.fetched_at for marker in (self.partitions | self.references).values())

    def to_dict(self) -> dict[str, Any]:
        """Name, rows and hashes, for an Airflow asset event."""
        return {
            "release": self.name,
            "sha256": self.sha256,
            "rows": self.rows,
            "held_back": self.held_back,
            "sources": {key: marker.source_sha256 for key, marker in (self.partitions | self.references).items()},
        }


def digest(lake: Path) -> str:
    """SHA-256 of the state of a lake."""
    digests = [*(one.digest for one in partitions(lake)), *(one.digest for one in references(lake))]
    digests += [f"{one.archive} {one.source_sha256} {rule.rule}" for one in all_held_back(lake) for rule in one.rules]
    digests += [f"{one.archive} {one.rule} {one.accepted_at}" for one in all_acceptances(lake)]
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def fetched_at(lake: Path, release: Release) -> datetime:
    """When the newest archive of questions came whose state a release has; without any, of people or issues.

    An archive that came anew and holds the same counts: its content is as fresh as that.
    """
    loaded = release.sha256 == digest(lake)
    questions = partitions(lake) if loaded else list(release.partitions.values())
    others = references(lake) if loaded else list(release.references.values())
    return max(marker.fetched_at for marker in questions or others)


def current_path(warehouse: Path) -> Path:
    """What readers open."""
    return warehouse / "current.duckdb"


def named_path(warehouse: Path) -> Path:
    """What clients open that call a catalogue as the path they are given and not as the file it leads to."""
    return warehouse / FILE


def path_of(warehouse: Path, name: str) -> Path:
    """A release's DuckDB file."""
    earlier = warehouse / "releases" / f"{name}.duckdb"
    return earlier if earlier.exists() else warehouse / "releases" / name / FILE


def note_of(path: Path) -> Path:
    """Where the Release of a DuckDB file is written."""
    return path.with_name(NOTE) if path.name == FILE else path.with_suffix(".json")


def _name_of(path: Path) -> str:
    """The name of the release that has a DuckDB file."""
    return path.parent.name if path.name == FILE else path.stem


def releases(warehouse: Path) -> list[Release]:
    """Every release that has been current, oldest first; one whose file or note is damaged is none."""
    return list(newest_first(warehouse))[::-1]


def newest_first(warehouse: Path) -> Iterator[Release]:
    """Every release that has been current, each read when it is asked for; one that is damaged is none."""
    for name in reversed(names(warehouse)):
        path = path_of(warehouse, name)
        if note_of(path).exists():
            try:
                yield read(path)
            except DamageError:  # `anq verify` names it, and it goes with the next release
                continue


def names(warehouse: Path) -> list[str]:
    """The names of what lies among the releases, whole or not, oldest first."""
    return sorted({left.name if left.is_dir() else left.stem for left in (warehouse / "releases").glob("*")})


def is_left(path: Path) -> bool:
    """Whether a DuckDB file, or what should hold it, is left from a run that was killed before it was current."""
    return note_of(path).with_suffix(".part").exists()


def read(path: Path) -> Release:
    """What is known of the release that has a DuckDB file.

    Raises:
        DamageError: its note cannot be read, or its file is missing or cut short.
    """
    note = note_of(path)
    if not note.exists():
        note = note.with_suffix(".part")  # `publish` was killed between the swap and its last line
    try:
        release = msgspec.json.decode(unseal(note.read_bytes()), type=Release)
        size = path.stat().st_size
    except (OSError, msgspec.DecodeError) as error:
        raise DamageError(f"release {_name_of(path)} cannot be read ({error})") from error
    if release.file is not None and size < release.file.size:
        raise DamageError(f"release {release.name} is cut short: {path} has {size:,} bytes, not {release.file.size:,}")
    return release


def current_name(warehouse: Path) -> str | None:
    """The name of the release that readers see, even if nothing of it can be read; None before the first."""
    link = current_path(warehouse)
    return _name_of(link.readlink()) if link.is_symlink() else None


def current(warehouse: Path) -> Release | None:
    """The release that readers see, or None before the first.

    Raises:
        DamageError: `current.duckdb` points to what is no whole release.
    """
    name = current_name(warehouse)
    if name is None:
        return None
    try:
        return read(path_of(warehouse, name))
    except DamageError as error:
        raise DamageError(
            f"{current_path(warehouse)} leads to a release that is damaged ({error}); "
            "`anq run` makes one from the lake, `anq rollback` swaps in an earlier one"
        ) from error


def published(path: Path) -> Published:
    """A finished file as it is published."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Published(path.stat().st_size, path.stat().st_mtime_ns, sha256)


def is_as_published(warehouse: Path, release: Release) -> bool:
    """Whether a release's file is the one that was published: by size and time, else by content.

    False of a release of which this was not kept. A file beside it, as a reader that writes leaves, counts too.
    """
    path = path_of(warehouse, release.name)
    if release.file is None or not path.exists() or path.with_name(f"{path.name}.wal").exists():
        return False
    stat = path.stat()
    if (stat.st_size, stat.st_mtime_ns) == (release.file.size, release.file.modified_ns):
        return True
    return stat.st_size == release.file.size and published(path).sha256 == release.file.sha256


def is_whole(warehouse: Path, release: Release) -> bool:
    """Whether a release's file has the content that was published; True of one of which this was not kept."""
    return release.file is None or published(path_of(warehouse, release.name)).sha256 == release.file.sha256


def publish(warehouse: Path, candidate: Path, release: Release) -> None:
    """Makes a finished file the current release, which nobody can write; a kill at any moment leaves the one before.

    Args:
        warehouse: the folder.
        candidate: the file, as `private_copy` gave it.
        release: what is known of it.
    """
    path = warehouse / "releases" / release.name / FILE
    path.parent.parent.mkdir(exist_ok=True)
    unlisted = candidate.with_name(_UNLISTED)
    unlisted.write_bytes(seal(msgspec.json.encode(release)))
    for written in (candidate, unlisted):
        with written.open("rb") as file:
            os.fsync(file.fileno())
    candidate.chmod(0o444)
    remove(path.parent)  # left by a kill
    candidate.parent.rename(path.parent)
    swap(warehouse, release.name)
    path.with_name(_UNLISTED).rename(path.with_name(NOTE))  # what a kill left before this is made again
    path.parent.chmod(0o555)
    for left in superfluous(warehouse):
        remove(left)


def superfluous(warehouse: Path, kept: int = KEPT) -> list[Path]:
    """What is in `releases/` beside the current release and the newest others, with what kills left there.

    Args:
        warehouse: the folder.
        kept: how many others.
    """
    now = current_name(warehouse)
    others = [release.name for release in releases(warehouse) if release.name != now]
    names = {now, *(others[-kept:] if kept else ())}
    folder = warehouse / "releases"
    return [left for left in folder.glob("*") if (left.name if left.is_dir() else left.stem) not in names]


def swap(warehouse: Path, name: str) -> None:
    """Points `current.duckdb` at a release, and `anq.duckdb` at that; who has the one before open keeps it.

    Raises:
        UsageError: there is no such release.
    """
    path = path_of(warehouse, name)
    if not path.exists():
        raise UsageError(f"there is no release {name}; `anq releases` lists them")
    for link, target in (named_path(warehouse), current_path(warehouse)), (current_path(warehouse), path):
        aside = warehouse / ".current.part"
        aside.unlink(missing_ok=True)
        aside.symlink_to(target.relative_to(warehouse))
        aside.replace(link)


def rollback(warehouse: Path, name: str | None = None) -> str:
    """Swaps back to a release.

    Args:
        warehouse: the folder.
        name: which one; None means the one before the current one.

    Returns:
        The release's name.

    Raises:
        UsageError: there is none to go back to.
        DamageError: it is not whole.
    """
    if name is None:
        now = current_name(warehouse)
        before = [release.name for release in releases(warehouse) if now and release.name < now]
        if not before:
            raise UsageError("there is no release before the current one; `anq releases` lists them")
        name = before[-1]
    name = name.removesuffix(".duckdb")
    if name in names(warehouse):
        read(path_of(warehouse, name))
    swap(warehouse, name)
    return name


def private_copy(warehouse: Path, base: Release | None, growth: int) -> Path:
    """A file that only the loader opens: a copy of a release, or nothing yet.

    Args:
        warehouse: the folder.
        base: the release.
        growth: bytes that will be written beside the copy.

    Raises:
        AnqError: there is no room for both; nothing was written.
    """
    candidate = warehouse / ".candidate" / FILE
    warehouse.mkdir(parents=True, exist_ok=True)
    for left in abandoned(warehouse):
        remove(left)
    _refuse_without_room(warehouse, growth + (path_of(warehouse, base.name).stat().st_size if base else 0))
    candidate.parent.mkdir()
    if base is not None:
        shutil.copyfile(path_of(warehouse, base.name), candidate)
    return candidate


def _refuse_without_room(warehouse: Path, needed: int) -> None:
    free = shutil.disk_usage(warehouse).free
    if free < needed:
        from rich.filesize import decimal

        raise AnqError(
            f"a release may need {decimal(needed)}, and {warehouse} has {decimal(free)} left on its disk; nothing was "
            "written, what was published before still is. Make room: `anq prune`, or `anq prune --keep-releases 0`, "
            "which leaves the current release alone; run again"
        )


def abandoned(warehouse: Path) -> list[Path]:
    """The private copies that killed loads and readers left."""
    return [*warehouse.glob(".candidate*"), *warehouse.glob(".reading-*")]


def remove(path: Path) -> None:
    """Removes a file, or a folder with what is in it, though nobody can write it."""
    if path.is_dir():
        path.chmod(0o755)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def name_of(now: datetime, sha256: str) -> str:
    """`20260901T063000Z-1a2b3c4d`."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{sha256[:8]}"
