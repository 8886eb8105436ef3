"""Homes after a first run, made once."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

FirstRun = Callable[[Path, Path, Callable[[], object]], None]


@pytest.fixture(scope="session")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """`first_run(HOME, SITE, RUN)`: the home as RUN leaves it, which is called once for all that begin on that site."""
    kept = tmp_path_factory.mktemp("first")

    def begin(home: Path, site: Path, run: Callable[[], object]) -> None:
        bodies = [path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()]
        after = kept / hashlib.sha256(b"\0".join(bodies)).hexdigest()
        if after.exists():
            shutil.copytree(after, home, symlinks=True)
        else:
            run()
            shutil.copytree(home, after, symlinks=True)

    return begin
