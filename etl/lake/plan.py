"""Which chunks of a partition are built again, and from what: the source's records against those read before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from etl.catalogue import Archive
from etl.lake import files
from etl.lake.job import Job, Place, Refusal, place_of
from etl.lake.markers import CHUNK, Partition, partition_folder
from etl.parse.archive import Contents
from etl.parse.record import Entry
from etl.search.postings import POSTINGS

_DAMAGED = "zip"  # the rule by which a record is set aside that is not what its zip says of it (etl/parse/archive.py)
_SIGHTING = ("member", "question_number", "size", "crc32", "good", "absent_since")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a partition is made from.

    Attributes:
        archive: which one, in the form of `path`.
        path: the raw zip, named by its SHA-256; None when there is none.
        documents: the single documents of its questions, the newest of a number first.
        documents_path: the folder where these lie.
        fetched_at: when the zip was fetched; the time of every change found in it.
        sample: whether it is the made-up sample.
        force: read every record again.
        again: read every record in quarantine again.
        refused: by number, why the check refuses a question.
        left: what is left of a damaged partition, to be gone on from instead of what the lake has.
    """

    archive: Archive
    path: Path | None
    documents: Sequence[Entry] = ()
    documents_path: Path | None = None
    fetched_at: datetime
    sample: bool
    force: bool = False
    again: bool = False
    refused: Mapping[int, Refusal] = field(default_factory=dict)
    left: Partition | None = None


def plan(inputs: Inputs, contents: Contents, lake: Path, before: Partition | None, new: Partition) -> Iterator[Job]:
    """The chunks to build, those with most to read first.

    Args:
        inputs: what the partition is made from.
        contents: the records of the archive and of the single documents.
        lake: the lake.
        before: the partition as it was.
        new: as it is to be; every record is read when other code read it before.
    """
    present: dict[int, set[Place]] = defaultdict(set)
    known: dict[int, set[Place]] = defaultdict(set)
    entries: dict[int, list[Entry]] = defaultdict(list)
    touched: set[int | None] = set(inputs.refused)
    for chunk, place, good in _seen(lake, before):
        known[chunk].add(place)
        if inputs.again and not good:
            touched.add(place.number)
    for row in _aside(lake, before):
        if row["rule"] == _DAMAGED:
            touched.add(row["question_number"])
        if row["question_number"] is None:  # `sightings` has no row of it
            known[0].add(Place(row["member"], None, 0, 0))  # never one that is present, so it is read, or goes
    for entry in contents.entries:
        present[_chunk_of(entry)].add(place_of(entry))
    for chunk in _with_oddities(lake, before):
        known[chunk].add(Place("", None, 0, 0))  # so that what the archive has no more is not told on
    first = min(present, default=None)
    # all records of a number that changed are read: which of two is kept must not depend on which came first
    touched |= {place.number for chunk in present.keys() | known.keys() for place in present[chunk] ^ known[chunk]}
    every = inputs.force or before is None or before.code != new.code
    for entry in contents.entries:
        if every or entry.number in touched:
            entries[_chunk_of(entry)].append(entry)
    for chunk in sorted(present.keys() | known.keys(), key=lambda chunk: -len(entries[chunk])):
        odd = contents.odd if chunk == first else []
        if every or entries[chunk] or present[chunk] != known[chunk] or odd:
            yield Job(
                chunk=chunk,
                legislature=new.legislature,
                question_type=new.question_type,
                form=inputs.archive.form,
                path=str(contents.path),
                item=contents.item,
                entries=entries[chunk],
                present=list(present[chunk]),
                sha256=new.source_sha256,
                documents=str(inputs.documents_path) if inputs.documents_path else None,
                fetched_at=new.fetched_at,
                lake=str(lake),
                before=_files(lake, before, chunk, every=every),
                odd=odd,
                refused={number: why for number, why in inputs.refused.items() if number // CHUNK == chunk},
                mended=before is not None and not before.code,
            )


def _chunk_of(entry: Entry) -> int:
    return (entry.number or 0) // CHUNK


def _files(lake: Path, before: Partition | None, chunk: int, *, every: bool) -> dict[str, str]:
    """By dataset, the chunk's file; but for the index when every record is read, for other code may have made it."""
    if before is None:
        return {}
    names = {name: file for name, file in before.chunks.get(chunk, {}).items() if not (every and name == POSTINGS)}
    return {dataset: str(partition_folder(lake, dataset, before.key) / name) for dataset, name in names.items()}


def damaged(lake: Path, partition: Partition | None) -> set[int | None]:
    """The questions that were set aside since their record is not what the zip says of it.

    When it is whole, its zip says the same of it: only a look at it tells.
    """
    return {row["question_number"] for row in _aside(lake, partition) if row["rule"] == _DAMAGED}


def _aside(lake: Path, partition: Partition | None) -> list[dict[str, Any]]:
    if partition is None or not partition.rows["ops.quarantine"]:
        return []
    return files.rows(partition.files(lake, "ops.quarantine"), ["question_number", "member", "rule"])


def _with_oddities(lake: Path, before: Partition | None) -> Iterator[int]:
    """The chunks that tell what was odd about the archive itself."""
    if before is None:
        return
    for chunk, names in before.chunks.items():
        if name := names.get("ops.anomalies"):
            path = partition_folder(lake, "ops.anomalies", before.key) / name
            if files.read(path, ["question_number"])["question_number"].null_count:
                yield chunk


def _seen(lake: Path, before: Partition | None) -> Iterator[tuple[int, Place, bool]]:
    """Chunk and place of each record that was there, and whether it could be read."""
    if before is None:
        return
    for chunk, names in before.chunks.items():
        table = files.read(partition_folder(lake, "sightings", before.key) / names["sightings"])
        columns = (table[name].to_pylist() for name in _SIGHTING)
        for member, number, size, crc32, good, absent in zip(*columns, strict=True):
            if absent is None:
                yield chunk, Place(member, number, size, crc32), good
