"""Two runs on one home at a time: the later state of an archive stays, whichever run ends last, and each is told of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from etl.catalogue import archive, people
from etl.fetch import fetch, latest
from etl.files.lock import locked
from etl.lake import ledger, locks, markers
from etl.run import questions, references
from etl.settings import Settings
from tests import amo
from tests.archives import archive_of, question, site
from tests.e2e.command import Anq
from tests.files.test_lock import held as held_by_another
from tests.warehouse.days import day, query

BODY = amo.organe("PO1", "ASSEMBLEE", "Assemblée nationale")
SITS = amo.mandat("PM1", "ASSEMBLEE", "PO1", department="Gironde")
Put = Callable[[Path, bool], Any]


def put_questions(root: Path, later: bool) -> None:
    site(root, {"17/QE": archive_of(question(number=1, answered=date(2026, 3, 10) if later else None))})


def put_people(root: Path, later: bool) -> None:
    amo.put(root, amo.archive_of(amo.acteur("PA1", SITS, nom="Later" if later else "David"), BODY))


@pytest.mark.parametrize("taken_in", [False, True])
@pytest.mark.parametrize(
    ("put", "steps", "lock", "asked", "told"),
    [
        (
            put_questions,
            questions,
            "partitions_locked",
            archive(17, "QE"),
            ("SELECT status FROM questions", "answered"),
        ),
        (put_people, references, "references_locked", people(), ("SELECT last_name FROM deputies", "Later")),
    ],
    ids=["questions", "people"],
)
def test_a_run_that_waited_takes_the_later_state(put: Put, steps, lock, asked, told, taken_in, monkeypatch, anq: Anq, tmp_path):  # fmt: skip
    settings = Settings(tmp_path / "home", str(tmp_path / "site"))
    run = ("--home", settings.home, "--source", settings.source, "run")
    held = getattr(locks, lock)

    @contextmanager
    def waited(of, which):
        if which != "journal":
            monkeypatch.setattr(steps, lock, held)
            put(tmp_path / "site", True)
            if taken_in:
                assert anq(*run).exit_code == 0
            else:
                fetch(asked, settings, day(1))
        with held(of, which):
            yield

    put_questions(tmp_path / "site", False)
    put(tmp_path / "site", False)
    monkeypatch.setattr(steps, lock, waited)
    said = anq(*run)
    assert said.exit_code == 0, said.err
    assert query(settings.warehouse / "current.duckdb", told[0]) == [(told[1],)]
    name = "people" if lock == "references_locked" else asked.name
    before = markers.reference(settings.lake, name) if name == "people" else markers.partition(settings.lake, asked.key)
    last = latest(asked, settings)
    assert before and last and before.source_sha256 == last.sha256
    sources = ledger.read(settings.lake, ledger.runs(settings.lake))["ops.sources"]
    fetched = [one["sha256"] for one in sources if one["question_type"] == asked.question_type]
    assert len(set(fetched)) == len(fetched) == (2 if taken_in else 1)  # `fetch` alone tells nobody


@pytest.mark.parametrize("name", [".16-QE.lock", ".people.lock", ".journal.lock"])
def test_a_lock_that_is_never_given_back_holds_up_what_it_is_for_alone(name, monkeypatch, anq: Anq, tmp_path):
    root, home = tmp_path / "site", tmp_path / "home"
    site(root, {f"{number}/QE": archive_of(question(number, "QE", 1)) for number in (16, 17)})
    put_people(root, False)
    monkeypatch.setattr("etl.lake.locks.locked", partial(locked, give_up_after=0.2))
    lock = home / "lake" / name
    lock.parent.mkdir(parents=True)
    lock.touch()
    with held_by_another(lock) as process:
        said = anq("--home", home, "--source", root, "run")
    assert said.exit_code == 1
    assert f"{lock} was held for 0 seconds, now by " in said.err
    assert f"(process {process})" in said.err
    rows = query(
        home / "warehouse/current.duckdb", "SELECT legislature FROM questions UNION ALL SELECT 0 FROM deputies"
    )
    missing = {".16-QE.lock": 16, ".people.lock": 0}.get(name)
    assert {row[0] for row in rows} == {0, 16, 17} - {missing}
