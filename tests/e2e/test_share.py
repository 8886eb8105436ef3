"""`anq run` shares each release; what fails of it is told, ends the run with 1, and is done by the next run."""

from __future__ import annotations

import json
from datetime import date

import pytest

from etl.warehouse import release as releases
from tests.archives import archive_of, question, site
from tests.e2e.command import Anq
from tests.warehouse.days import query


@pytest.fixture
def source(tmp_path):
    return site(tmp_path / "site", {"17/QE": archive_of(question(number=1))})


def test_it_is_told_of_and_done_by_the_next_run(anq: Anq, tmp_path, source, monkeypatch):
    home, public = tmp_path / "home", tmp_path / "public"
    public.write_text("in the way")
    monkeypatch.setenv("ANQ_PUBLISH", str(public))
    monkeypatch.setenv("ANQ_LAKEHOUSE", f"ducklake:{tmp_path}/catalogue.ducklake")
    done = anq("--home", home, "--source", source, "run", "-t", "QE")
    assert done.exit_code == 1
    assert f"{public} cannot be made" in done.err
    release = releases.current(home / "warehouse").name
    assert f"released {release}" in done.out
    assert f"shared {release}: the DuckLake has it" in done.err
    [summary] = [json.loads(path.read_bytes()) for path in (home / "reports/runs").glob("*.json")]
    assert (summary["state"], summary["release"]) == ("failed", release)
    [told] = [row for row in summary["archives"] if row["step"] == "share"]
    assert (told["archive"], told["state"], told["exit_code"]) == ("release", "failed", 1)
    assert f"{public} cannot be made" in told["message"]

    done = anq("--home", home, "--source", source, "run", "-t", "QE")
    assert (done.exit_code, "nothing new, nothing done" in done.out) == (1, False)

    public.unlink()
    done = anq("--home", home, "--source", source, "run", "-t", "QE")
    assert (done.exit_code, releases.current(home / "warehouse").name) == (0, release)
    assert f"shared {release}: {public.as_uri()}/latest/anq.duckdb" in done.err
    assert json.loads((public / "latest.json").read_bytes())["release"] == release
    done = anq("--home", home, "share")
    assert (done.exit_code, done.out) == (0, "nothing new, nothing done\n")
    assert anq("--home", home, "rebuild").exit_code == 0
    shared = "SELECT state, message IS NULL FROM ops.outcomes WHERE step = 'share' ORDER BY run_id"
    assert query(home / "warehouse/current.duckdb", shared) == [("failed", False)] * 2 + [("done", True)]


def test_what_is_rolled_back_or_made_anew_is_shared(anq: Anq, tmp_path, source, monkeypatch):
    home, public = tmp_path / "home", tmp_path / "public"
    monkeypatch.setenv("ANQ_PUBLISH", str(public))
    anq("--home", home, "--source", source, "run", "-t", "QE")
    first = releases.current(home / "warehouse").name
    site(source, {"17/QE": archive_of(question(number=1, answered=date(2026, 3, 10)))})
    anq("--home", home, "--source", source, "run", "-t", "QE")

    def latest() -> str:
        return json.loads((public / "latest.json").read_bytes())["release"]

    assert latest() != first
    assert anq("--home", home, "rollback").exit_code == 0
    assert latest() == first
    assert anq("--home", home, "rebuild").exit_code == 0
    assert latest() == releases.current(home / "warehouse").name != first


def test_nothing_is_shared_unless_it_is_said_where(anq: Anq, tmp_path, monkeypatch):
    monkeypatch.delenv("ANQ_PUBLISH", raising=False)
    done = anq("--home", tmp_path / "home", "share")
    assert (done.exit_code, "set ANQ_PUBLISH" in done.err) == (2, True)
