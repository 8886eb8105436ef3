"""What the lake holds: Parquet, one dataset a table, partitioned by legislature and type, sorted by number.

A partition is cut into chunks of 2,500 numbers, each a file a table, named by its content. What belongs to a
partition is told by its marker, `lake/_partitions/17-QE.json`, replaced in one step: a file that no marker names is
left from a killed run. Tables that a source gives whole beside the questions (people, bodies, weekly issues) have a
marker a source, `lake/_references/people.json`.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from etl.catalogue import stem_of
from etl.errors import DamageError
from etl.files.aside import sweep_aside, write_aside
from etl.files.sealed import seal, unseal
from etl.schema import children, tables

CHUNK = 2_500  # numbers a file: what a worker holds at a time
#: The tables that a chunk holds.
TABLES = ("questions", *(table.name for table in children()))
#: The datasets that a chunk consists of.
DATASETS = (*TABLES, "sightings", "search.postings", "ops.anomalies", "ops.quarantine")
VERSIONS = "question_versions"
_Marker = TypeVar("_Marker", bound=msgspec.Struct)


class Partition(msgspec.Struct, kw_only=True):
    """One partition's marker.

    Attributes:
        legislature: 14 for the XIVth.
        question_type: QE, QG or QOSD.
        sample: whether it was read from the made-up sample.
        source_sha256: the archive that it is the state of; "" when only single documents tell of it.
        documents: digest of the single documents that it is the state of, "" for none.
        fetched_at: when the archive, or the documents, came.
        code: digest of the code that read it; "" of one that was mended: all of it is read again.
        rules: digest of the rules that it passed.
        chunks: by chunk, the file of each dataset.
        versions: files of `question_versions`, oldest first.
        last_issue: the last day on which a question was published.
        rows: rows of each dataset; `absent` counts the questions that the archive does not hold, or no longer.
    """

    legislature: int
    question_type: str
    sample: bool
    source_sha256: str
    documents: str = ""
    fetched_at: datetime
    code: str
    rules: str = ""
    chunks: dict[int, dict[str, str]]
    versions: list[str]
    last_issue: date | None = None
    rows: dict[str, int]

    @property
    def key(self) -> tuple[int, str]:
        """Legislature and type."""
        return self.legislature, self.question_type

    @property
    def stem(self) -> str:
        """`17-QE`."""
        return stem_of(*self.key)

    @property
    def digest(self) -> str:
        """SHA-256 of what it holds."""
        files = [name for chunk in sorted(self.chunks) for name in sorted(self.chunks[chunk].values())]
        return hashlib.sha256(msgspec.json.encode((self.key, files, self.versions))).hexdigest()

    def files(self, lake: Path, dataset: str) -> list[Path]:
        """The dataset's files, by chunk."""
        folder = partition_folder(lake, dataset, self.key)
        if dataset == VERSIONS:
            return [folder / name for name in self.versions]
        return [folder / self.chunks[chunk][dataset] for chunk in sorted(self.chunks) if dataset in self.chunks[chunk]]

    def every_file(self, lake: Path) -> list[Path]:
        """The files of all datasets."""
        return [path for dataset in (*DATASETS, VERSIONS) for path in self.files(lake, dataset)]


class Reference(msgspec.Struct, kw_only=True):
    """The marker of what one source gives beside the questions, such as `people`: whole tables, or its part of them.

    Attributes:
        name: of the source, also the first part of its files' names.
        sample: whether it was read from the made-up sample.
        source_sha256: the archive that it is the state of.
        fetched_at: when that archive was fetched.
        code: digest of the code that read it; "" of one that was mended: it is read again.
        files: by table, its file.
        rows: by table.
    """

    name: str
    sample: bool
    source_sha256: str
    fetched_at: datetime
    code: str
    files: dict[str, str]
    rows: dict[str, int]

    @property
    def digest(self) -> str:
        """SHA-256 of what it holds."""
        return hashlib.sha256(msgspec.json.encode((self.name, sorted(self.files.items())))).hexdigest()

    def paths(self, lake: Path, table: str) -> list[Path]:
        """The file of a table; empty when it has none."""
        return [lake / table / self.files[table]] if table in self.files else []

    def every_file(self, lake: Path) -> list[Path]:
        """The files of all tables."""
        return [lake / table / name for table, name in self.files.items()]


def partition_folder(lake: Path, dataset: str, key: tuple[int, str]) -> Path:
    """`lake/questions/legislature=17/question_type=QE`."""
    return lake / dataset / f"legislature={key[0]}" / f"question_type={key[1]}"


def chunk_of(name: str) -> int:
    """The chunk that a file of `question_versions` is of: 2 of `20260922T043000-00002-1a2b….parquet`."""
    return int(name.split("-")[1])


def partition_marker(lake: Path, key: tuple[int, str]) -> Path:
    """Where a partition's marker lies."""
    return lake / "_partitions" / f"{stem_of(*key)}.json"


def partition(lake: Path, key: tuple[int, str]) -> Partition | None:
    """The partition as it was last committed, or None.

    Raises:
        DamageError: its marker cannot be read.
    """
    return _read_marker(partition_marker(lake, key), Partition)


def keys(lake: Path) -> list[tuple[int, str]]:
    """The legislatures and types of which there is a marker, in order."""
    stems = (path.stem.split("-") for path in (lake / "_partitions").glob("[!.]*.json"))
    return sorted((int(legislature), question_type) for legislature, question_type in stems)


def partitions(lake: Path) -> list[Partition]:
    """Every partition, by legislature and type.

    Raises:
        DamageError: a marker cannot be read.
    """
    return [read for key in keys(lake) if (read := partition(lake, key))]


def names(lake: Path) -> list[str]:
    """The names of the references of which there is a marker, in order."""
    return sorted(path.stem for path in (lake / "_references").glob("[!.]*.json"))


def references(lake: Path) -> list[Reference]:
    """Every reference, by name.

    Raises:
        DamageError: a marker cannot be read.
    """
    return [read for name in names(lake) if (read := reference(lake, name))]


def reference(lake: Path, name: str) -> Reference | None:
    """The reference as it was last committed, or None.

    Raises:
        DamageError: its marker cannot be read.
    """
    return _read_marker(reference_marker(lake, name), Reference)


def reference_marker(lake: Path, name: str) -> Path:
    """Where a reference's marker lies."""
    return lake / "_references" / f"{name}.json"


def _read_marker(path: Path, kind: type[_Marker]) -> _Marker | None:
    try:
        return msgspec.json.decode(unseal(path.read_bytes()), type=kind)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise DamageError(
            f"{path}: not a marker of the lake ({error}); `anq run` mends it from a release; if none holds it, "
            "delete it, and the next run reads its archive again"
        ) from error


def commit(lake: Path, staged: Partition | Reference) -> None:
    """Replaces the marker by `staged` in one step, then removes the files that it no longer names."""
    content = seal(msgspec.json.format(msgspec.json.encode(staged)))
    if isinstance(staged, Partition):
        write_aside(partition_marker(lake, staged.key), content, durable=True)
        sweep(lake, staged.key)
    else:
        write_aside(reference_marker(lake, staged.name), content, durable=True)
        sweep_reference(lake, staged.name)


def drop(lake: Path, key: tuple[int, str]) -> None:
    """Forgets a partition, and removes its files."""
    partition_marker(lake, key).unlink(missing_ok=True)
    sweep(lake, key)


def drop_reference(lake: Path, name: str) -> None:
    """Forgets a reference, and removes its files."""
    reference_marker(lake, name).unlink(missing_ok=True)
    sweep_reference(lake, name)


def sweep(lake: Path, key: tuple[int, str]) -> None:
    """Removes the partition's files that its marker does not name: what a killed or stopped run left."""
    kept = partition(lake, key)
    for dataset in (*DATASETS, VERSIONS):
        named = {path.name for path in kept.files(lake, dataset)} if kept else set()
        for path in partition_folder(lake, dataset, key).glob("*"):
            if path.name not in named:
                path.unlink()
    sweep_aside(partition_marker(lake, key))


def sweep_reference(lake: Path, name: str) -> None:
    """Removes the reference's files that its marker does not name: what a killed or stopped run left."""
    kept = reference(lake, name)
    named = set(kept.files.values()) if kept else set()
    for table in tables():
        for path in (*(lake / table).glob(f"{name}-*"), *(lake / table).glob(f".{name}-*.part")):
            if path.is_file() and path.name not in named:
                path.unlink()
    sweep_aside(reference_marker(lake, name))
