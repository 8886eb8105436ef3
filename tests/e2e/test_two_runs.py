"""Two runs on one home at a time: the later state of an archive stays, whichever run ends last."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from etl import lake
from etl.catalogue import archive as archive_of_catalogue
from etl.fetch import fetch, latest
from etl.settings import Settings
from etl.steps import part, questions
from tests.archives import archive_of, question, site
from tests.e2e.command import Anq
from tests.warehouse.days import day, query

ASKED = archive_of_catalogue(17, "QE")


@pytest.fixture(params=["taken in by nobody", "taken in"])
def meanwhile(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, anq: Anq) -> None:
    """While the first run waits for its lock, another brings the answer."""

    @contextmanager
    def waited(keys, settings):
        monkeypatch.setattr(questions, "partitions_locked", part.partitions_locked)
        site(tmp_path / "site", {"17/QE": archive_of(question(number=1, answered=date(2026, 3, 10)))})
        if request.param == "taken in":
            assert anq("--home", settings.home, "--source", settings.source, "run").exit_code == 0
        else:
            fetch(ASKED, settings, day(1))
        with part.partitions_locked(keys, settings):
            yield

    monkeypatch.setattr(questions, "partitions_locked", waited)


def test_a_run_that_waited_takes_the_later_state(meanwhile: None, anq: Anq, tmp_path: Path) -> None:
    source = site(tmp_path / "site", {"17/QE": archive_of(question(number=1, answered=None))})
    settings = Settings(tmp_path / "home", str(source))
    said = anq("--home", settings.home, "--source", source, "run")
    assert said.exit_code == 0, said.err
    held, last = lake.partition(settings.lake, (17, "QE")), latest(ASKED, settings)
    assert held and last and held.source_sha256 == last.sha256
    assert query(settings.warehouse / "current.duckdb", "SELECT status FROM questions") == [("answered",)]
