"""One partition of the lake, built from one archive: parsed and normalised chunk by chunk, on all cores.

Only records whose bytes changed are read; the rest of a chunk is carried over from the file before. So are a question
that vanished from its archive (it is marked absent, never deleted), one that now arrives bad, and one that lost its
answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from etl.errors import AnqError, SourceError
from etl.lake import ceiling, files, markers
from etl.lake.code import code_digest
from etl.lake.job import DOCUMENTS, Built, Job
from etl.lake.markers import DATASETS, VERSIONS, Partition
from etl.lake.plan import Inputs, plan
from etl.parse import archive as zipped
from etl.parse.archive import Contents
from etl.parse.record import Entry


@dataclass(frozen=True)
class Staged:
    """A partition that is on disk and not yet committed."""

    partition: Partition
    records: int
    changed: int
    quarantined: int
    anomalies: int


@dataclass(frozen=True)
class Building:
    """A partition whose chunks are being built.

    Attributes:
        inputs: what it is made from.
        lake: the lake.
        before: the partition as it was; None when there was none of the same kind of source.
        new: as it is to be, but for the chunks.
        records: in the archive and the single documents.
        document: where the archive's document was inflated to, if it is one.
        chunks: by chunk, what its worker will have made.
    """

    inputs: Inputs
    lake: Path
    before: Partition | None
    new: Partition
    records: int
    document: Path
    chunks: dict[int, Future[Built]]


def code() -> str:
    """Digest of the code that reads questions."""
    return code_digest("etl.lake.chunk")


def documents_digest(documents: Sequence[Entry]) -> str:
    """Digest of the single documents that a partition is made from; "" of none."""
    names = "".join(str(entry.document) for entry in documents)
    return hashlib.sha256(names.encode()).hexdigest()[:16] if names else ""


def start(inputs: Inputs, lake: Path, pool: Executor) -> Building:
    """Compares the source with the lake and hands what changed to the workers; `finish` waits for them.

    Args:
        inputs: what the partition is made from.
        lake: the lake; what a killed run left in it of this partition is removed.
        pool: workers.

    Raises:
        SourceError: the zip is not an archive of questions.
        AnqError: the zip is gone, or a worker died before.
    """
    archive, path = inputs.archive, inputs.path
    if path and not path.exists():
        raise AnqError(f"{archive.name}: {path} is gone, so it cannot be read again; `anq run` fetches it anew")
    before = inputs.left or markers.partition(lake, archive.key)
    if before is not None and before.sample != inputs.sample:
        before = None
    markers.sweep(lake, archive.key)
    new = _new(inputs, before)
    document = lake / f".{archive.stem}.document"
    document.parent.mkdir(parents=True, exist_ok=True)
    try:
        archived = (
            zipped.contents(path, archive.name, document, archive.form) if path else Contents(document, False, [])
        )
        contents = replace(archived, entries=[*archived.entries, *inputs.documents])
        chunks = {job.chunk: pool.submit(build, job) for job in plan(inputs, contents, lake, before, new)}
    except BrokenProcessPool as error:  # by a chunk of another archive
        document.unlink(missing_ok=True)
        raise _killed(archive.name) from error
    except SourceError:
        document.unlink(missing_ok=True)
        raise
    return Building(inputs, lake, before, new, len(contents.entries), document, chunks)


def finish(building: Building) -> Staged:
    """Waits for the workers.

    Raises:
        SourceError: the archive holds no good question, or too many bad ones.
        AnqError: a worker died.
    """
    new, lake, changed = building.new, building.lake, 0
    try:
        for chunk in sorted(building.chunks):
            built = building.chunks[chunk].result()
            new.chunks[chunk] = built.files
            changed += built.changed
            if built.versions:
                new.versions.append(built.versions)
    except BrokenProcessPool as error:
        raise _killed(building.inputs.archive.name) from error
    finally:
        for future in building.chunks.values():
            future.cancel()
        building.document.unlink(missing_ok=True)
    new.rows = counted(lake, new)
    new.last_issue = _last_issue(new.files(lake, "questions"))
    _refuse_if_broken(building)
    return Staged(new, building.records, changed, new.rows["ops.quarantine"], new.rows["ops.anomalies"])


def build(job: Job) -> Built:
    """Builds a chunk, in a worker, which imports what that takes."""
    from etl.lake import chunk

    return chunk.build(job)


def _new(inputs: Inputs, before: Partition | None) -> Partition:
    """The partition as it is to be, with the chunks that it has."""
    sha256, documents = inputs.path.stem if inputs.path else "", documents_digest(inputs.documents)
    fetched_at = inputs.fetched_at
    if before is not None and (before.source_sha256, before.documents) != (sha256, documents):
        # a task that is run again keeps its run's time
        fetched_at = max(fetched_at, before.fetched_at + timedelta(microseconds=1))
    return Partition(
        legislature=inputs.archive.legislature,
        question_type=inputs.archive.question_type,
        sample=inputs.sample,
        source_sha256=sha256,
        documents=documents,
        fetched_at=fetched_at,
        code=code(),
        chunks=dict(before.chunks) if before else {},
        versions=list(before.versions) if before else [],
        rows={},
    )


def _killed(name: str) -> AnqError:
    return AnqError(f"{name}: a worker was killed, by want of memory perhaps; nothing was changed, run again")


def _refuse_if_broken(building: Building) -> None:
    new, records, quarantined = building.new, building.records, building.new.rows["ops.quarantine"]
    if building.inputs.refused or not ceiling.is_over(quarantined, records, "unreadable"):
        return
    table = files.rows(new.files(building.lake, "ops.quarantine"), ["member", "error"])
    markers.sweep(building.lake, new.key)
    raise SourceError(
        ceiling.refusal(
            building.inputs.archive.name,
            quarantined,
            records,
            f"{table[0]['member']}: {table[0]['error']}" if table else "it holds none",
            f"{new.source_sha256}.zip",
        )
    )


def counted(lake: Path, new: Partition) -> dict[str, int]:
    """The rows of a partition's files, by dataset; `absent` counts the questions that the archive does not hold."""
    import pyarrow.parquet as pq

    rows = {
        dataset: sum(pq.read_metadata(file).num_rows for file in new.files(lake, dataset))
        for dataset in (*DATASETS, VERSIONS)
    }
    return {**rows, "absent": sum(_not_in_archive(file) for file in new.files(lake, "sightings"))}


def _last_issue(paths: Sequence[Path]) -> date | None:
    import pyarrow.compute as pc

    days = [pc.max(files.read(path, ["question_date"])["question_date"]).as_py() for path in paths]
    return max((day for day in days if day), default=None)


def _not_in_archive(sightings: Path) -> int:
    import pyarrow.compute as pc

    seen = files.read(sightings, ["member", "first_seen_at", "absent_since"])
    is_elsewhere = pc.or_(pc.is_valid(seen["absent_since"]), pc.starts_with(seen["member"], DOCUMENTS))
    return pc.sum(pc.and_(pc.is_valid(seen["first_seen_at"]), is_elsewhere)).as_py() or 0
