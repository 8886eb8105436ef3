"""One partition of the lake, built from one archive: parse and normalise, chunk by chunk, on all cores.

Only records whose bytes changed are read; the rest of a chunk is carried over from the file before. So are a question
that vanished from its archive (it is marked absent, never deleted), one that now arrives bad, and one that lost its
answer.
"""

from __future__ import annotations

import ctypes
import gc
import hashlib
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from etl import ceiling, lake
from etl.catalogue import Archive
from etl.errors import AnqError, SourceError
from etl.lake import CHUNK, DATASETS, VERSIONS, Partition
from etl.parse import archive as zipped
from etl.parse.archive import Contents
from etl.parse.record import Entry
from etl.schema import ROOT


@dataclass(frozen=True)
class Staged:
    """A partition that is on disk and not yet committed."""

    partition: Partition
    records: int
    changed: int
    quarantined: int
    anomalies: int


class Built(msgspec.Struct, gc=False):
    """What a worker made of a chunk.

    Attributes:
        files: by dataset, the chunk's file.
        versions: the file of what it adds to `question_versions`, if it adds any.
        changed: questions that are new or changed.
    """

    files: dict[str, str]
    versions: str | None
    changed: int


@cache
def code_digest(modules: tuple[str, ...] = ("chunk", "lake", "postings", "words")) -> str:
    """Digest of the code and schemas that make rows of records: when it differs, everything is read again.

    Args:
        modules: of etl/, beside all of parse/ and normalise/.
    """
    digest = hashlib.sha256()
    for folder, pattern in (("etl/parse", "*.py"), ("etl/normalise", "*.py"), ("schemas", "*.yaml")):
        for path in sorted((ROOT / folder).rglob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in modules:
        digest.update((ROOT / "etl" / f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def documents_digest(documents: Sequence[Entry]) -> str:
    """Digest of the single documents that a partition is made from; "" of none."""
    names = "".join(str(one.document) for one in documents)
    return hashlib.sha256(names.encode()).hexdigest()[:16] if names else ""


@contextmanager
def workers() -> Iterator[Executor]:
    """Processes that build chunks, one a core, forked before this process has threads of its own."""
    # what they all need is imported once, before the fork
    for name in ("etl.chunk", "numpy", "pyarrow.compute", "pyarrow.parquet", "Stemmer"):
        import_module(name)
    with ProcessPoolExecutor(
        len(os.sched_getaffinity(0)), mp_context=get_context("fork"), initializer=_start_worker
    ) as pool:
        pool.submit(int).result()
        yield pool


class _WithoutPandas:
    """Keeps pyarrow from importing pandas at its first conversion: a second a process, for nothing."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def end_with_parent() -> None:
    """Has a forked worker end when its parent is killed: it would wait for ever, and hold the parent's locks."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep_memory() -> None:
    """Has what is freed stay the process's: to be given pages anew takes a seventh of a worker's time."""
    if hasattr(_LIBC, "mallopt"):  # glibc
        _LIBC.mallopt(_M_MMAP_THRESHOLD, 1 << 25)
        _LIBC.mallopt(_M_TRIM_THRESHOLD, 1 << 30)


def _start_worker() -> None:
    end_with_parent()
    _keep_memory()
    gc.disable()  # records and rows hold no cycles; looking for them takes a fifth of a worker's time
    sys.meta_path.insert(0, _WithoutPandas)


class Building:
    """A partition whose chunks are being built."""

    def __init__(
        self,
        archive: Archive,
        path: Path | None,
        *,
        documents: Sequence[Entry] = (),
        documents_path: Path | None = None,
        lake_path: Path,
        fetched_at: datetime,
        sample: bool,
        pool: Executor,
        force: bool = False,
        again: bool = False,
        refused: Mapping[int, dict[str, Any]] = MappingProxyType({}),
    ) -> None:
        """Finds what changed and hands it to the workers.

        Args:
            archive: which one, in the form of `path`.
            path: the raw zip, named by its SHA-256; None when there is none.
            documents: what single documents tell of its questions, the newest of a number first.
            documents_path: the folder where these lie.
            lake_path: the lake.
            fetched_at: when the zip was fetched; the time of every change found in it.
            sample: whether it is the made-up sample.
            pool: workers.
            force: read every record again.
            again: read again what is in quarantine.
            refused: by number, why the check refuses a question: rule, error and observed values, as
                `ops.quarantine` has them.

        Raises:
            SourceError: the zip is not an archive of questions.
            AnqError: the zip is gone, or a worker died before.
        """
        if path and not path.exists():
            raise AnqError(f"{archive.name}: {path} is gone, so it cannot be read again; `anq run` fetches it anew")
        self.archive, self.lake, self.pool, self.refused = archive, lake_path, pool, refused
        before = lake.partition(lake_path, archive.key)
        if before is not None and before.sample != sample:
            before = None
        self.before = before
        lake.sweep(lake_path, archive.key)
        sha256, told = path.stem if path else "", documents_digest(documents)
        if before is not None and (before.source_sha256, before.documents) != (sha256, told):
            fetched_at = max(
                fetched_at, before.fetched_at + timedelta(microseconds=1)
            )  # a task run again keeps its run's time
        self.new = Partition(
            legislature=archive.legislature,
            question_type=archive.question_type,
            sample=sample,
            source_sha256=sha256,
            documents=told,
            fetched_at=fetched_at,
            code=code_digest(),
            chunks=dict(before.chunks) if before else {},
            versions=list(before.versions) if before else [],
            rows={},
        )
        self.aside = lake_path / f".{archive.legislature}-{archive.question_type}.document"
        self.aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            nothing = Contents(self.aside, False, [])
            found = zipped.contents(path, archive.name, self.aside, archive.form) if path else nothing
        except SourceError:
            self.aside.unlink(missing_ok=True)
            raise
        entries = [*found.entries, *documents]
        self.records = len(entries)
        every = force or before is None or before.code != self.new.code
        try:
            self.jobs: dict[int, Future[Built]] = {
                job.chunk: pool.submit(_build, job)
                for job in self._plan(replace(found, entries=entries), before, documents_path, every, again)
            }
        except BrokenProcessPool as error:  # by a chunk of another archive
            self.aside.unlink(missing_ok=True)
            raise self._killed() from error

    def _plan(
        self, found: Contents, before: Partition | None, documents: Path | None, every: bool, again: bool
    ) -> Iterator[Any]:
        from etl.chunk import Job, place_of

        now: dict[int, set[Any]] = defaultdict(set)
        entries: dict[int, list[Entry]] = defaultdict(list)
        known: dict[int, set[Any]] = defaultdict(set)
        touched = set[int | None](self.refused)
        for chunk, place, good in _sighted(self.lake, before):
            known[chunk].add(place)
            if again and not good:
                touched.add(place.number)
        for entry in found.entries:
            now[(entry.number or 0) // CHUNK].add(place_of(entry))
        first = min(now, default=None)
        # every record of a number that changed is read, so that the same one of two is kept whichever came when
        touched |= {place.number for chunk in now.keys() | known.keys() for place in now[chunk] ^ known[chunk]}
        for entry in found.entries:
            if every or entry.number in touched:
                entries[(entry.number or 0) // CHUNK].append(entry)
        for chunk in sorted(now.keys() | known.keys(), key=lambda chunk: -len(entries[chunk])):
            if every or entries[chunk] or now[chunk] != known[chunk] or (found.odd and chunk == first):
                yield Job(
                    chunk=chunk,
                    legislature=self.archive.legislature,
                    question_type=self.archive.question_type,
                    form=self.archive.form,
                    path=str(found.path),
                    item=found.item,
                    entries=entries[chunk],
                    present=list(now[chunk]),
                    sha256=self.new.source_sha256,
                    documents=str(documents) if documents else None,
                    fetched_at=self.new.fetched_at,
                    lake=str(self.lake),
                    before=self._files_before(before, chunk),
                    odd=found.odd if chunk == first else [],
                    refused={number: why for number, why in self.refused.items() if number // CHUNK == chunk},
                )

    def _files_before(self, before: Partition | None, chunk: int) -> dict[str, str]:
        if before is None:
            return {}
        return {
            dataset: str(lake.partition_folder(self.lake, dataset, before.key) / name)
            for dataset, name in before.chunks.get(chunk, {}).items()
        }

    def finish(self) -> Staged:
        """Waits for the workers.

        Raises:
            SourceError: the archive holds no good question, or too many bad ones.
            AnqError: a worker died.
        """
        changed = 0
        try:
            for chunk in sorted(self.jobs):
                built = self.jobs[chunk].result()
                self.new.chunks[chunk] = built.files
                changed += built.changed
                if built.versions:
                    self.new.versions.append(built.versions)
        except BrokenProcessPool as error:
            raise self._killed() from error
        finally:
            for job in self.jobs.values():
                job.cancel()
            self.aside.unlink(missing_ok=True)
        self.new.rows = _rows(self.lake, self.new)
        self.new.last_issue = _last_issue(self.new.files(self.lake, "questions"))
        quarantined = self.new.rows["ops.quarantine"]
        self._refuse_if_broken(quarantined)
        return Staged(self.new, self.records, changed, quarantined, self.new.rows["ops.anomalies"])

    def _killed(self) -> AnqError:
        return AnqError(
            f"{self.archive.name}: a worker was killed, by want of memory perhaps; nothing was changed, run again"
        )

    def _refuse_if_broken(self, quarantined: int) -> None:
        if self.refused or not ceiling.is_over(quarantined, self.records, "unreadable"):
            return
        table = [
            row
            for path in self.new.files(self.lake, "ops.quarantine")
            for row in lake.read(path, ["member", "error"]).to_pylist()
        ]
        lake.sweep(self.lake, self.archive.key)
        first = f"{table[0]['member']}: {table[0]['error']}" if table else "it holds none"
        raise SourceError(
            f"{self.archive.name}: {quarantined} of {self.records} records cannot be read "
            f"({ceiling.allowed(self.records, 'unreadable'):g} may be), so the archive is not what it claims to be. "
            f"First: {first}. Nothing of it was taken; look at raw/{self.new.source_sha256}.zip"
        )


def _build(job: Any) -> Built:  # noqa: ANN401
    import pyarrow as pa

    from etl.chunk import build

    built = build(job)
    pa.default_memory_pool().release_unused()
    return built


def _sighted(path: Path, before: Partition | None) -> Iterator[tuple[int, Any, bool]]:
    """Where each present record of the partition was last read, and whether it was good."""
    from etl.chunk import Place

    if before is None:
        return
    for chunk, files in before.chunks.items():
        table = lake.read(lake.partition_folder(path, "sightings", before.key) / files["sightings"])
        columns = (
            table[name].to_pylist() for name in ("member", "question_number", "size", "crc32", "good", "absent_since")
        )
        for member, number, size, crc32, good, absent in zip(*columns, strict=True):
            if absent is None:
                yield chunk, Place(member, number, size, crc32), good


def _rows(path: Path, staged: Partition) -> dict[str, int]:
    import pyarrow.parquet as pq

    counted = {
        dataset: sum(pq.read_metadata(file).num_rows for file in staged.files(path, dataset))
        for dataset in (*DATASETS, VERSIONS)
    }
    return {**counted, "absent": sum(_not_in_archive(file) for file in staged.files(path, "sightings"))}


def _last_issue(files: Sequence[Path]) -> date | None:
    import pyarrow.compute as pc

    days = [pc.max(lake.read(file, ["question_date"])["question_date"]).as_py() for file in files]
    return max((day for day in days if day), default=None)


def _not_in_archive(sightings: Path) -> int:
    from etl.chunk import DOCUMENTS

    columns = lake.read(sightings, ["member", "first_seen_at", "absent_since"]).to_pydict().values()
    seen = ((member, absent) for member, first_seen, absent in zip(*columns, strict=True) if first_seen)
    return sum(absent is not None or member.startswith(DOCUMENTS) for member, absent in seen)
