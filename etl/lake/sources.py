"""Which raw files the lake still needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etl.lake import decisions, files, markers
from etl.lake.markers import Partition, partition_folder


def needed(lake: Path, archive: str, key: tuple[int, str]) -> set[str]:
    """The SHA-256 of the raw files of an archive that the lake needs.

    They are: what it was read from, for it may be read again; what is held back, or was accepted; what holds a record
    that is set aside; and what holds the record, which is nowhere else, of a question that stays as it was: its archive
    no longer has it, or has it in a record that is set aside.

    Args:
        lake: the lake.
        archive: its name, `17/QE` or `17/people`.
        key: its legislature and type.
    """
    partition = markers.partition(lake, key)
    held = decisions.held_back(lake, archive)
    return {
        *(reference.source_sha256 for reference in markers.references(lake)),
        *([held.source_sha256] if held else []),
        *(decision.source_sha256 or "" for decision in decisions.acceptances(lake, archive)),
        *(_sources(lake, partition) if partition else ()),
    }


def _sources(lake: Path, partition: Partition) -> Iterator[str]:
    yield partition.source_sha256
    for chunk in partition.chunks:
        quarantine = _read(lake, partition, chunk, "ops.quarantine", ["question_number", "source_sha256"])
        yield from (row["source_sha256"] for row in quarantine)
        seen = _read(lake, partition, chunk, "sightings", ["question_number", "absent_since"])
        kept_as_they_were = {
            row["question_number"] for row in (*quarantine, *(row for row in seen if row["absent_since"]))
        }
        if kept_as_they_were:
            questions = _read(lake, partition, chunk, "questions", ["question_number", "source_sha256"])
            yield from (row["source_sha256"] for row in questions if row["question_number"] in kept_as_they_were)


def _read(lake: Path, partition: Partition, chunk: int, dataset: str, columns: list[str]) -> list[dict[str, Any]]:
    """The rows of a chunk; none of a dataset that it does not have."""
    name = partition.chunks[chunk].get(dataset)
    return files.read(partition_folder(lake, dataset, partition.key) / name, columns).to_pylist() if name else []
