"""Files of a home cut short, changed or gone: each is named, and a run mends it with its history or says what is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from etl.lake import markers
from etl.run import publish, questions, references
from etl.settings import Settings
from tests.warehouse import life
from tests.warehouse.days import contents, day
from tests.work import run_of

Rows = dict[str, list[tuple[Any, ...]]]
Damage = Callable[[Path], None]


def cut(path: Path) -> None:
    """As a full disk or a power cut leaves it."""
    _writable(path).write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    """One bit of it, as a bad disk does; size and time stay."""
    content, times = bytearray(path.read_bytes()), path.stat()
    content[len(content) // 2] ^= 1
    _writable(path).write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def remove(path: Path) -> None:
    _writable(path).unlink()


def _writable(path: Path) -> Path:
    path.parent.chmod(0o755)
    path.chmod(0o644)
    return path


class Lived:
    """A home after the days of `tests.warehouse.life`, and what its release then holds."""

    def __init__(self, root: Path) -> None:
        self.path, self.site = root / "home", root / "site"
        for number in range(len(life.DAYS)):
            life.site_of(self.site, number)
            run(self.path, self.site, number)
        self.rows = contents(self.path / "warehouse/current.duckdb")
        self.files = {path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file()}

    def copy(self, path: Path) -> Path:
        shutil.copytree(self.path, path, symlinks=True)
        return path


def run(home: Path, site: Path, number: int, **how: Any) -> list[str]:
    """A run, as the command does it; gives what it said."""
    said: list[str] = []
    now = run_of(Settings(home, str(site)), day(number), f"{number}", say=said.append, **how)
    questions.mend(now)
    outcomes = questions.prepare_all(questions.plan(now.settings), now)
    outcomes += [references.prepare_people(now), references.prepare_journal(now)]
    assert not [outcome.error for outcome in outcomes if outcome.error], said
    publish.publish(now)
    return said


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return Lived(tmp_path_factory.mktemp("lived"))


def rows(home: Path) -> Rows:
    return contents(home / "warehouse/current.duckdb")


@pytest.mark.parametrize("damage", [cut, remove, flip])
@pytest.mark.parametrize(
    "dataset", ["questions", "sightings", "question_texts", "search.postings", "question_versions"]
)
def test_a_lake_file_is_mended_with_its_history(lived, tmp_path, damage, dataset):
    home = lived.copy(tmp_path / "home")
    partition = markers.partition(home / "lake", (17, "QE"))
    path = partition.files(home / "lake", dataset)[0]
    damage(path)
    said = run(home, lived.site, 9, force=damage is flip)
    assert any(str(path.relative_to(home)) in line for line in said), said
    assert rows(home) == lived.rows
    now = markers.partition(home / "lake", (17, "QE"))
    assert (now.chunks, now.versions) == (partition.chunks, partition.versions)
