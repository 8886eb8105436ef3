"""The sample site: made once under the home folder, and again when its generator has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from etl.files.lock import locked
from etl.settings import Settings

QUESTIONS = 3000
SEED = 1
_GENERATOR = Path(__file__).parent.parent / "sample"


def sample_site(settings: Settings) -> Path:
    """The folder of the sample site; it is written aside and renamed, so it is whole whenever it is there."""
    site = settings.home / "sample"
    made_by = json.dumps({"questions": QUESTIONS, "seed": SEED, "generator": _generator_fingerprint()})
    with locked(settings.home / ".sample.lock"):
        if not _was_made_by(site, made_by):
            _make(site, made_by)
    return site


def _was_made_by(site: Path, made_by: str) -> bool:
    note = site / "made_by.json"
    return note.is_file() and note.read_text() == made_by


def _make(site: Path, made_by: str) -> None:
    from etl.sample import write_sample  # heavy, and seldom needed

    fresh, old = site.with_name(".sample.part"), site.with_name(".sample.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    write_sample(fresh, questions=QUESTIONS, seed=SEED)
    (fresh / "made_by.json").write_text(made_by)
    if site.exists():
        site.rename(old)
    fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _generator_fingerprint() -> str:
    digest = hashlib.sha256()
    for file in sorted(_GENERATOR.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()
