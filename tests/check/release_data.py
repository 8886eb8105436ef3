"""A good release, really made from the sample, whose Parquet files and tables a test may spoil one fault at a time."""

from __future__ import annotations

import pickle
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pyarrow.parquet as pq

from etl.catalogue import PEOPLE, archive
from etl.check import CheckJob
from etl.check.jobs import archive_job, reference_job, release_job
from etl.lake import markers
from etl.run import publish
from etl.settings import Settings
from tests.work import run_of

from .conftest import Data, job

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)


@dataclass(frozen=True)
class GoodRelease:
    """What a run on the sample left: the lake, and a release."""

    home: Path
    folder: Path

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    def job(self, name: str) -> CheckJob:
        """The job that checks a part of the release again: nothing has changed since."""
        if name == "release":
            return release_job(self._candidate(), NOW)
        if "/" not in name:
            one = markers.reference(self.lake, name)
            assert one is not None
            return reference_job(name, one, one, lake_path=self.lake, now=NOW)
        legislature, question_type = name.split("/")
        part = markers.partition(self.lake, (int(legislature), question_type))
        assert part is not None
        return archive_job(archive(*part.key), part, part, lake_path=self.lake, now=NOW, made_up=True)

    def data(self, name: str) -> Data:
        """The rows of an archive, of people or of an issue, with themselves as the last release."""
        asked = self.job(name)
        said = {one: getattr(asked, one) for one in asked.__struct_fields__ if one != "files"}
        return Data({table: pickle.loads(_rows(tuple(files))) for table, files in asked.files.items()}, said)

    def spoilt(self, data: Data) -> CheckJob:
        """The job of rows that a test has changed; a table that it left alone stays where it is."""
        files = self.job(data.job["archive"]).files
        same = {
            name: files[name] for name, rows in data.rows.items() if pickle.dumps(rows) == _rows(tuple(files[name]))
        }
        return job(data, self._new_folder(), same)

    def spoilt_release(self, *statements: str) -> CheckJob:
        """The job of a release in which these statements were run."""
        candidate = self._candidate()
        with duckdb.connect(str(candidate)) as connection:
            for statement in statements:
                connection.execute(statement)
        return release_job(candidate, NOW)

    def _candidate(self) -> Path:
        return Path(shutil.copyfile(self.home / "warehouse" / "current.duckdb", self._new_folder() / "anq.duckdb"))

    def _new_folder(self) -> Path:
        return Path(mkdtemp(dir=self.folder))


@cache
def _rows(files: tuple[str, ...]) -> bytes:
    """Pickled: unpickling is the quickest copy."""
    return pickle.dumps([row for file in files for row in pq.ParquetFile(file).read().to_pylist()])


def make(home: Path, folder: Path, sampled: Path) -> GoodRelease:
    """Makes a checked release of the lake of the warehouse `sampled`."""
    shutil.copytree(sampled.parent, home, symlinks=True)
    publish.rebuild(run_of(Settings(home=home, source="sample"), NOW, "good"))
    return GoodRelease(home, folder)


__all__ = ["NOW", "PEOPLE", "GoodRelease", "make"]
