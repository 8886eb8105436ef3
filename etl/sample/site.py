"""Writes the site: an archive for each legislature and type, streamed to its zip, in the Assembly's own tree."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from etl.files.aside import aside
from etl.files.cores import cores
from etl.files.mark import MARK
from etl.sample.amo import PATH as PEOPLE_PATH
from etl.sample.amo import files as people_files
from etl.sample.changes import amend, draw_changes
from etl.sample.compose import compose
from etl.sample.days import spread
from etl.sample.dice import Dice
from etl.sample.draw import KINDS, Draw
from etl.sample.facts import FOLDERS, LEGISLATURES, LIVE
from etl.sample.forms import Form
from etl.sample.question import Question
from etl.sample.weekly import write_issues

LEVEL = zlib.Z_BEST_SPEED
LARGE = 20_000
"""From this many questions on, two processes or more are worth their start."""


@dataclass(frozen=True)
class Archive:
    """An archive to write."""

    directory: Path
    seed: int
    legislature: int
    kind: str
    total: int
    changes: int = 0

    @property
    def path(self) -> Path:
        """Where it lies (docs/source/formats.md 1)."""
        folder, stem, _, _ = FOLDERS[self.kind]
        name = f"{stem}{LEGISLATURES[self.legislature].suffix}.json.zip"
        return self.directory / "static/openData/repository" / str(self.legislature) / "questions" / folder / name


def write_sample(directory: Path, questions: int = 3000, seed: int = 1, changes: int = 0) -> None:
    """Write a made-up open-data site under a directory, with the Assembly's tree.

    The records are the same bytes for the same arguments, on any machine and Python; so are the zips and the
    issues, as long as zlib is the same. An archive without a question is not written; the archive of people always is.

    Args:
        directory: where `static/openData/repository/…` and `OPENDATA/…` go.
        questions: over all archives, shared out as the real ones are.
        seed: another seed, another site.
        changes: how many records of the live archives differ, as on the next morning; the closed ones stay.
    """
    write_people(directory, seed)
    archives = [archive for archive in plan(directory, questions, seed, changes) if archive.total]
    archives.sort(key=lambda archive: -archive.total)
    written = sum(archive.total for archive in archives if (archive.legislature, archive.kind) == (LIVE, "QE"))
    write_issues(directory, written, seed, changes)
    if questions < LARGE:
        for archive in archives:
            write_archive(archive)
        return
    with ProcessPoolExecutor(cores(), mp_context=get_context("fork")) as pool:
        list(pool.map(write_archive, archives))


def plan(directory: Path, questions: int, seed: int, changes: int) -> list[Archive]:
    """The archives of a site and how many questions each holds."""
    keys = [(legislature, kind) for legislature in LEGISLATURES for kind in KINDS]
    counts = spread(questions, [LEGISLATURES[legislature].volumes[kind] for legislature, kind in keys])
    return [
        Archive(directory, seed, legislature, kind, count, changes if (legislature, kind) == (LIVE, "QE") else 0)
        for (legislature, kind), count in zip(keys, counts, strict=True)
    ]


def records(archive: Archive) -> Iterator[Question]:
    """The questions of an archive, texts included, by number."""
    draw, dice = Draw(archive.seed, archive.legislature, archive.kind, archive.total), Dice(0)
    changes = draw_changes(draw, archive.changes)
    for number in range(1, archive.total + changes.new + 1):
        question = draw.question(number)
        if number in changes.by_number:
            amend(question, changes.by_number[number])
        compose(draw, dice, question)
        yield question


def write_archive(archive: Archive) -> None:
    """Write an archive of questions."""
    with _zip_at(archive.path) as target:
        if archive.legislature == 14:
            _write_document(target, archive)
        else:
            _write_members(target, archive)


def write_people(directory: Path, seed: int) -> None:
    """Write the archive of people and bodies."""
    with _zip_at(directory / PEOPLE_PATH) as target:
        for name, node in people_files(seed):
            target.writestr(_member(name), json.dumps(node).encode(), compresslevel=LEVEL)


@contextmanager
def _zip_at(path: Path) -> Iterator[zipfile.ZipFile]:
    """A marked zip, written beside its place and moved there when it is whole."""
    with aside(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target:
        yield target
        target.comment = MARK


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # dated 1980, whenever it is written
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    return info


def _write_document(target: zipfile.ZipFile, archive: Archive) -> None:
    """The 14th: every question in one document."""
    form = Form(archive.legislature)
    _, stem, root, _ = FOLDERS[archive.kind]
    with target.open(f"{stem}_XIV.json", "w", force_zip64=archive.total > 200_000) as stream:
        before = b'{"%s": {"question": [' % root.encode()
        for question in records(archive):
            stream.write(before + json.dumps(form.question(question)).encode())
            before = b", "
        stream.write(b"]}}")


def _write_members(target: zipfile.ZipFile, archive: Archive) -> None:
    """The 15th and later: a document a question."""
    form = Form(archive.legislature)
    for question in records(archive):
        content = json.dumps({"question": form.question(question)})
        target.writestr(_member(f"json/{question.uid}.json"), content.encode(), compresslevel=LEVEL)
