"""Shared by every test: real data where they lie beside the checkout, and a steady Hypothesis."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from etl.docs.pages import sample_warehouse
from etl.files.lock import locked
from etl.lake.workers import workers
from etl.sample import write_sample
from etl.settings import Settings
from tests import work
from tests.e2e.command import Anq, command
from tests.e2e.driver import Days, write_days
from tests.warehouse import life
from tests.warehouse.days import Home

for name in ("ANQ_NOTIFY", "ANQ_PING", "ANQ_PUBLISH", "ANQ_LAKEHOUSE", "ANQ_DATAGOUV_KEY", "ANQ_STORE"):
    os.environ.pop(name, None)  # no test tells whom its machine's operator would have told, nor shares with them
# a shell ignores it in what it runs in the background, and so would all that tests start and interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)

MadeOnce = Callable[[str, Callable[[Path], object]], Path]
SHARED = Path(__file__).parents[2] / "shared"

# the same examples every time, so that a red test stays red; no time limit, for machines that are busy
settings.register_profile(
    "anq",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("anq")


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Finds a file of ../shared/realdata, or skips the test and names what is missing."""

    def find(name: str) -> Path:
        path = SHARED / "realdata" / name
        if not path.exists():
            pytest.skip(f"no {path}")
        return path

    return find


@pytest.fixture(scope="session", autouse=True)
def pool() -> Iterator[Executor]:
    """The workers that build chunks, and the checking process: the same ones for all runs of this process."""
    with workers() as started, pytest.MonkeyPatch.context() as patch:
        patch.setattr("etl.run.intake.workers", lambda: nullcontext(started))
        patch.setattr("etl.run.context.Checker", work.checker)
        yield started


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """`made_once(NAME, MAKE)`: a folder that MAKE fills, in the first of pytest's processes that wants it; to read."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name: str, make: Callable[[Path], object]) -> Path:
        with locked(folder / f"{name}.lock"):
            if not (folder / f"{name}.made").exists():
                (folder / name).mkdir()
                make(folder / name)
                (folder / f"{name}.made").touch()
        return folder / name

    return once


@pytest.fixture(scope="session")
def sample(made_once: MadeOnce) -> Path:
    """The site of the sample, to read."""
    return made_once("sample", write_sample)


@pytest.fixture(scope="session")
def sampled(made_once: MadeOnce, pool: Executor) -> Path:
    """The warehouse of the bundled sample, to read."""
    return made_once("sampled", lambda folder: sample_warehouse(folder / "home", pool)) / "home/warehouse"


@pytest.fixture(scope="session")
def days(made_once: MadeOnce, pool: Executor) -> Days:
    """A site on two days, and a home after each of them, to read."""
    return Days(made_once("days", lambda folder: write_days(folder, pool)))


@pytest.fixture(scope="session")
def lived_once(made_once: MadeOnce, pool: Executor) -> Path:
    """A home after all the days of `life`, loaded each day, to read or to copy."""
    return made_once("lived", lambda folder: life.live(folder, len(life.DAYS), pool)) / "home"


@pytest.fixture(scope="session")
def two_days_lived(made_once: MadeOnce, pool: Executor) -> Path:
    """A home of two releases, of 13 and 14 questions, to read or to copy."""
    return made_once("two_days_lived", lambda folder: life.live(folder, 2, pool)) / "home"


@pytest.fixture
def anq(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Anq:
    """The command, in this process."""
    return command(monkeypatch, capsys)


@pytest.fixture
def home(tmp_path: Path, pool: Executor) -> Home:
    """An empty home."""
    return Home(Settings(tmp_path / "home", ""), pool)
