"""One chunk of a partition, the worker's part: records in, one Parquet file a dataset out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from etl.lake import files, history
from etl.lake.history import Before, Comparison
from etl.lake.job import Built, Job
from etl.lake.markers import VERSIONS, partition_folder
from etl.lake.reading import Good, Reading
from etl.lake.rows import keyed
from etl.normalise.rows import Row
from etl.schema import children
from etl.search.merge import merged
from etl.search.postings import POSTINGS, ROW_GROUP, postings

if TYPE_CHECKING:
    import pyarrow as pa


def build(job: Job) -> Built:
    """Builds the chunk's files; the same job gives the same files."""
    import pyarrow as pa

    before, reading = Before(job.before), Reading(job)
    before.read()
    reading.read(before.from_archive)
    different = history.compare(reading.good, before, job)
    datasets = _datasets(reading, different, before, job)
    versions, changed = files.arrow(VERSIONS, different.versions), len(different.changed)
    index, was, replaced = before.table(POSTINGS), before.table("questions"), set(different.good)
    del before, reading, different  # the tables hold it all now, and the index takes as much memory
    with ThreadPoolExecutor(1) as beside:  # Arrow compresses the rows while the index is made
        written = beside.submit(_write_all, job, datasets | {VERSIONS: versions})
        index = _index(job, datasets["questions"], index, was, replaced)
        names = _write_all(job, {POSTINGS: index})
        names = written.result() | names
    version = names.pop(VERSIONS, None)
    pa.default_memory_pool().release_unused()
    return Built(files=names, versions=version, changed=changed)


def _datasets(reading: Reading, different: Comparison, before: Before, job: Job) -> dict[str, pa.Table]:
    """By dataset, the chunk's rows, but for the index."""
    key = (job.legislature, job.question_type)
    new = different.good
    tables = {"questions": before.with_new("questions", new, [_question(good, job) for good in new.values()])}
    for table in children():
        rows = [keyed(key, number, row) for number, good in new.items() for row in good.rows.children[table.name]]
        tables[table.name] = before.with_new(table.name, new, rows)
    numbers = tables["questions"]["question_number"].to_pylist()
    anomalies = history.anomalies([*reading.anomalies, *different.anomalies], reading.numbers, before)
    quarantine = history.quarantine(reading.quarantine, before, job)
    sightings = history.sightings(numbers, different.changed, reading.bad, before, job)
    return tables | {
        "sightings": files.arrow("sightings", sightings),
        "ops.anomalies": files.arrow("ops.anomalies", anomalies),
        "ops.quarantine": files.arrow("ops.quarantine", quarantine),
    }


def _index(job: Job, questions: pa.Table, index: pa.Table | None, was: pa.Table | None, replaced: set[int]) -> pa.Table:
    """The chunk's index: gone on from, or made anew where that is as quick."""
    key = (job.legislature, job.question_type, job.chunk)
    if index is None or was is None or 2 * len(replaced) > len(questions):
        return postings(questions, *key)
    return merged(index, was, questions, replaced, key)


def _question(good: Good, job: Job) -> Row:
    sha256 = good.entry.document or job.sha256
    return {"source_sha256": sha256, "source_member": good.entry.member, **good.rows.question}


def _write_all(job: Job, tables: dict[str, pa.Table]) -> dict[str, str]:
    """By dataset, the file written; none where there are no rows, but for sightings."""
    return {name: _write(job, name, table) for name, table in tables.items() if len(table) or name == "sightings"}


def _write(job: Job, dataset: str, table: pa.Table) -> str:
    folder = partition_folder(Path(job.lake), dataset, (job.legislature, job.question_type))
    stem = f"{job.chunk:05d}"
    if dataset == VERSIONS:
        stem = f"{job.fetched_at:%Y%m%dT%H%M%S}-{stem}"
    return files.write(table, folder, stem, ROW_GROUP if dataset == POSTINGS else None)
