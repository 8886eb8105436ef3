"""Which raw files the lake still needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from etl.lake import decisions, files, markers
from etl.lake.markers import Partition


def needed(lake: Path, archive: str, key: tuple[int, str]) -> set[str]:
    """The SHA-256 of the raw files of an archive that the lake needs.

    They are: what it was read from, for it may be read again; what is held back, or was accepted; what holds a record
    that is set aside, and the question that its archive no longer has, whose record is nowhere else.

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
    for path in partition.files(lake, "ops.quarantine"):
        yield from files.read(path, ["source_sha256"])["source_sha256"].to_pylist()
    for questions, sightings in zip(
        partition.files(lake, "questions"), partition.files(lake, "sightings"), strict=True
    ):
        seen = files.read(sightings, ["question_number", "absent_since"]).to_pylist()
        absent = {row["question_number"] for row in seen if row["absent_since"]}
        if absent:
            rows = files.read(questions, ["question_number", "source_sha256"]).to_pylist()
            yield from (row["source_sha256"] for row in rows if row["question_number"] in absent)
