"""Damage to the lake: seen before anything is read, named, and put back from a release, with the history kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack
from datetime import datetime
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
from etl.warehouse.release import Release


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
    """A partition to read again.

    Attributes:
        key: legislature and type.
        states: what it is read from, one after the other: the archive that the release was made from, and the one that
            the lake last had. Of each the SHA-256, "" when only single documents tell of it, and when that came.
        left: what is left of it, where no release holds it: the lake still has the damaged one.
    """

    key: tuple[int, str]
    states: list[tuple[str, datetime]]
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
    named = [(stem_of(*key), key) for key in sorted(keys)] + [(name, None) for name in sorted(names)]
    for name, key in named:
        yield _look_at(lake, name, key, hashed=hashed is None or name in hashed)


def _look_at(lake: Path, name: str, key: tuple[int, str] | None, *, hashed: bool) -> Look:
    path = markers.partition_marker(lake, key) if key else markers.reference_marker(lake, name)
    try:
        marker = markers.partition(lake, key) if key else markers.reference(lake, name)
    except DamageError:
        return Look(name, key, None, {path: "is not a marker of the lake"})
    if marker is None:
        return Look(name, key, None, {path: "is missing"})
    faults = {file: fault for file in marker.every_file(lake) if (fault := files.fault_of(file, hashed=hashed))}
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
    again, holders = [], _Holders(settings)
    with locked(settings.warehouse / ".lock"):
        for seen in damaged(settings, hashed):
            for path, fault in seen.faults.items():
                run.say(f"{path.relative_to(settings.home)} {fault}")
            if seen.key:
                again.append(_partition(seen, seen.key, holders, run))
            else:
                _reference(seen, holders, run)
    return again


class _Holders:
    """The releases that are what was published, the newest first; each is held against its hash once."""

    def __init__(self, settings: Settings) -> None:
        self._warehouse = settings.warehouse
        self._whole: dict[str, bool] = {}

    def __iter__(self) -> Iterator[tuple[Release, Path]]:
        for release in releases.newest_first(self._warehouse):
            if release.name not in self._whole:
                self._whole[release.name] = releases.is_whole(self._warehouse, release)
            if self._whole[release.name]:
                yield release, releases.path_of(self._warehouse, release.name)


def damaged(settings: Settings, hashed: Collection[str] | None) -> Iterator[Look]:
    """What is damaged, each while nobody else changes it; the arguments are those of `look`."""
    for name, key in [(seen.name, seen.key) for seen in look(settings, hashed) if seen.faults]:
        with ExitStack() as stack:
            if key:
                stack.enter_context(partitions_locked(settings.lake, [key]))
            else:
                stack.enter_context(references_locked(settings.lake, "people"))
                stack.enter_context(references_locked(settings.lake, "journal"))
            seen = _look_at(settings.lake, name, key, hashed=True)
            if seen.faults:
                yield seen


def _partition(seen: Look, key: tuple[int, str], holders: _Holders, run: Run) -> PutBack:
    lake = run.settings.lake
    now = seen.marker if isinstance(seen.marker, Partition) else None
    known = [document.sha256 for document in documents.documents(key, run.settings)]
    for release, path in holders:
        held = release.partitions.get(seen.name)
        if held is None or (now and now.sample != held.sample):
            continue
        try:
            markers.commit(lake, restore.partition(path, lake, held, frozenset(known)))
        except DamageError as error:
            run.say(str(error))
            continue
        run.say(f"{seen.name} is put back as release {release.name} has it, and read again")
        states = [(marker.source_sha256, marker.fetched_at) for marker in (held, now) if marker]
        return PutBack(key, list(dict.fromkeys(states)))
    if now is None:
        markers.partition(lake, key)  # raises when it cannot be read
        raise DamageError(f"{seen.name}: its marker is missing")
    left, lost = _left(now, lake, seen.faults)
    run.say(f"{seen.name}: no release holds it, so it is read again from raw/; lost are {'; '.join(lost)}")
    return PutBack(key, [(now.source_sha256, now.fetched_at)], left)


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


def _reference(seen: Look, holders: _Holders, run: Run) -> None:
    lake = run.settings.lake
    for release, path in holders:
        held = release.references.get(seen.name)
        if held is None or (seen.marker and seen.marker.sample != held.sample):
            continue
        try:
            markers.commit(lake, restore.reference(path, lake, held))
        except DamageError as error:
            run.say(str(error))
            continue
        run.say(f"{seen.name} is put back as release {release.name} has it, and read again when it is next asked for")
        return
    markers.drop_reference(lake, seen.name)
    run.say(f"{seen.name}: no release holds it; it is read again when it is next asked for, and nothing is lost")
