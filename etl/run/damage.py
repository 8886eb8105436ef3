"""Damage to the lake: seen before anything is read, named, and put back from a release, with the history kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from etl.catalogue import stem_of
from etl.errors import DamageError
from etl.fetch import documents
from etl.files.lock import locked
from etl.lake import files, markers
from etl.lake.locks import partitions_locked, references_locked
from etl.lake.markers import CHUNK, VERSIONS, Partition, Reference, chunk_of
from etl.run.context import Run
from etl.settings import Settings
from etl.warehouse import release as releases
from etl.warehouse import restore


class Look(NamedTuple):
    """A partition, or a reference, as the lake has it.

    Attributes:
        name: of its marker, `17-QE` or `people`.
        key: legislature and type; None of a reference.
        marker: None when there is none that can be read.
        faults: by path, what is wrong with a file of it, its marker included.
    """

    name: str
    key: tuple[int, str] | None
    marker: Partition | Reference | None
    faults: dict[Path, str]


class PutBack(NamedTuple):
    """A partition to read again, from what its source last sent.

    Attributes:
        key: legislature and type.
        source_sha256: of the archive; "" when only single documents tell of it.
        fetched_at: when that came.
        left: what is left of it, where no release holds it: the lake still has the damaged one.
    """

    key: tuple[int, str]
    source_sha256: str
    fetched_at: datetime
    left: Partition | None = None


def look(settings: Settings, hashed: Collection[str] | None) -> Iterator[Look]:
    """Looks at each partition and reference that the lake holds, or that the last release was made of.

    Args:
        settings: the home.
        hashed: the names of those whose files are held against their hashes; None means all. Of the others it is seen
            whether each file is there, and ends as it should.
    """
    lake = settings.lake
    newest = next(releases.newest_first(settings.warehouse), None)
    keys, names = set(markers.keys(lake)), set(markers.names(lake))
    if newest and not (newest.sample and settings.source != "sample"):  # the sample makes room for real questions
        keys |= {held.key for held in newest.partitions.values()}
        names |= newest.references.keys()
    for key in sorted(keys):
        read = partial(markers.partition, lake, key)
        yield _look(lake, stem_of(*key), key, markers.partition_marker(lake, key), read, hashed)
    for name in sorted(names):
        yield _look(
            lake, name, None, markers.reference_marker(lake, name), partial(markers.reference, lake, name), hashed
        )


def _look(
    lake: Path,
    name: str,
    key: tuple[int, str] | None,
    path: Path,
    read: Callable[[], Partition | Reference | None],
    hashed: Collection[str] | None,
) -> Look:
    try:
        marker = read()
    except DamageError:
        return Look(name, key, None, {path: "is not a marker of the lake"})
    if marker is None:
        return Look(name, key, None, {path: "is missing"})
    is_hashed = hashed is None or name in hashed
    faults = {file: fault for file in marker.every_file(lake) if (fault := files.fault_of(file, hashed=is_hashed))}
    return Look(name, key, marker, faults)


def put_back(run: Run, hashed: Collection[str] | None) -> list[PutBack]:
    """Puts back what is damaged as the last whole release holds it, and names each file.

    Args:
        run: the run; it is told what was damaged, and what is lost.
        hashed: as `look` has it.

    Returns:
        The partitions to read again: the lake has them as the release holds them, or what is left is given.

    Raises:
        DamageError: no release and no archive has what is damaged.
    """
    settings = run.settings
    if not any(seen.faults for seen in look(settings, hashed)):
        return []
    again = []
    with locked(settings.warehouse / ".lock"):
        for name, key in [(seen.name, seen.key) for seen in look(settings, hashed) if seen.faults]:
            if key:
                with partitions_locked(settings.lake, [key]):
                    again += [_partition(seen, key, run) for seen in _still(settings, name)]
            else:
                with references_locked(settings.lake, "people"), references_locked(settings.lake, "journal"):
                    for seen in _still(settings, name):
                        _reference(seen, run)
    return again


def _still(settings: Settings, name: str) -> list[Look]:
    """What is damaged now that nobody else changes it: by its content, for it is to be mended."""
    return [seen for seen in look(settings, {name}) if seen.name == name and seen.faults]


def _partition(seen: Look, key: tuple[int, str], run: Run) -> PutBack:
    settings, lake = run.settings, run.settings.lake
    _name(seen, run)
    now = seen.marker if isinstance(seen.marker, Partition) else None
    known = [document.sha256 for document in documents.documents(key, settings)]
    for release in releases.newest_first(settings.warehouse):
        held = release.partitions.get(seen.name)
        if held is None or (now and now.sample != held.sample):
            continue
        try:
            path = releases.path_of(settings.warehouse, release.name)
            markers.commit(lake, restore.partition(path, lake, held, frozenset(known)))
        except DamageError as error:
            run.say(str(error))
            continue
        run.say(f"{seen.name} is put back as release {release.name} has it, and read again")
        last = now or held
        return PutBack(key, last.source_sha256, last.fetched_at)
    if now is None:
        markers.partition(lake, key)  # raises when it cannot be read
        raise DamageError(f"{seen.name}: its marker is missing")
    left, lost = _left(now, lake, seen.faults)
    run.say(f"{seen.name}: no release holds it, so it is read again from raw/; lost are {'; '.join(lost)}")
    return PutBack(key, now.source_sha256, now.fetched_at, left)


def _left(now: Partition, lake: Path, faults: Collection[Path]) -> tuple[Partition, list[str]]:
    """What is left of a partition without its damaged files, and what is lost when only the source can tell."""
    chunks, lost = {}, []
    for chunk, named in now.chunks.items():
        folders = {dataset: markers.partition_folder(lake, dataset, now.key) for dataset in named}
        whole = {dataset: name for dataset, name in named.items() if folders[dataset] / name not in faults}
        numbers = f"of questions {chunk * CHUNK:,} to {(chunk + 1) * CHUNK - 1:,}"
        if "sightings" not in whole:
            lost.append(f"{numbers}, when each was first seen and changed, and those that the source no longer has")
            continue
        if "questions" not in whole and "questions" in named:
            lost.append(f"{numbers}, when each changed, and those that the source no longer has")
            whole = {"sightings": whole["sightings"]}
        chunks[chunk] = whole
    folder = markers.partition_folder(lake, VERSIONS, now.key)
    versions = [name for name in now.versions if folder / name not in faults]
    gone = sorted({chunk_of(name) for name in now.versions if name not in versions})
    lost += [f"versions of questions {chunk * CHUNK:,} to {(chunk + 1) * CHUNK - 1:,}" for chunk in gone]
    left = msgspec.structs.replace(now, code="", chunks=chunks, versions=versions)
    return left, lost or ["only what the source no longer has"]


def _reference(seen: Look, run: Run) -> None:
    settings, lake = run.settings, run.settings.lake
    _name(seen, run)
    for release in releases.newest_first(settings.warehouse):
        held = release.references.get(seen.name)
        if held is None or (seen.marker and seen.marker.sample != held.sample):
            continue
        try:
            markers.commit(lake, restore.reference(releases.path_of(settings.warehouse, release.name), lake, held))
        except DamageError as error:
            run.say(str(error))
            continue
        run.say(f"{seen.name} is put back as release {release.name} has it, and read again when it is next asked for")
        return
    markers.drop_reference(lake, seen.name)
    run.say(f"{seen.name}: no release holds it; it is read again when it is next asked for, and nothing is lost")


def _name(seen: Look, run: Run) -> None:
    for path, fault in seen.faults.items():
        run.say(f"{path.relative_to(run.settings.home)} {fault}")
