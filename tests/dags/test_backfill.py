"""The DAG `backfill`: all of an archive is read anew; a release follows when something came out otherwise."""

import json
import shutil

import duckdb
import pytest

from etl.lake import markers, reading
from etl.lake.workers import workers
from etl.settings import Settings
from tests.archives import archive_of, question, site
from tests.warehouse.days import Home, day


@pytest.fixture(scope="module")
def released(tmp_path_factory, pool):
    """A home of two archives, released, and its site."""
    folder = tmp_path_factory.mktemp("released")
    site(folder / "site", {"17/QE": archive_of(question(17, "QE", 1)), "16/QG": archive_of(question(16, "QG", 1))})
    home = Home(Settings(folder / "home", ""), pool)
    home.prepare(folder / "site", day(0))
    home.load(day(0))
    return folder


@pytest.fixture
def home(released, tmp_path, monkeypatch):
    """The same, to be changed."""
    shutil.copytree(released, tmp_path, symlinks=True, dirs_exist_ok=True)
    monkeypatch.setenv("ANQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANQ_SOURCE", str(tmp_path / "site"))
    return tmp_path / "home"


def outcomes(home, run_dag, **params):
    """What a run read: archive and records, of its outcomes in the ledger."""
    before = set((home / "reports/runs").glob("*.json"))
    run = run_dag(dag="backfill", **params)
    [summary] = set((home / "reports/runs").glob("*.json")) - before
    rows = json.loads(summary.read_bytes())["archives"]
    return run, {row["archive"]: row["records"] for row in rows if row["step"] == "parse"}


def test_what_it_is(load_dag):
    dag = load_dag("backfill")
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "plan": {"prepare"},
        "prepare": {"publish"},
        "publish": {"share"},
        "share": {"summary"},
        "summary": set(),
    }
    publish = dag.get_task("publish")
    assert (publish.pool, [asset.name for asset in publish.outlets]) == ("warehouse", ["warehouse"])
    assert dag.params.dump() == {"legislatures": [], "types": [], "origin": "raw"}
    assert (dag.catchup, dag.max_active_runs, dag.timetable.can_be_scheduled) == (False, 1, False)
    assert [name for name in (*dag.task_dict, *dag.params) if f"`{name}`" not in dag.doc_md] == []


def test_from_raw_the_source_is_not_asked(home, run_dag, tmp_path):
    shutil.rmtree(tmp_path / "site")
    run, read = outcomes(home, run_dag)
    assert (run.state, run.tasks["publish"], run.events) == ("success", "skipped", [])
    assert read == {"17/QE": 1, "16/QG": 1}


def test_params_narrow_it(home, run_dag):
    run, read = outcomes(home, run_dag, legislatures=["17"], types=["QE"])
    assert (run.state, read) == ("success", {"17/QE": 1})


def test_from_the_source_it_is_fetched_anew(home, run_dag, tmp_path):
    site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1), question(17, "QE", 2))})
    run, read = outcomes(home, run_dag, legislatures=[17], types=["QE"], origin="source")
    assert (run.state, run.tasks["publish"], read) == ("success", "success", {"17/QE": 2})
    [extra] = run.events
    assert extra["rows"]["questions"] == 3


def test_what_comes_out_otherwise_is_released(home, run_dag, monkeypatch):
    """As after a fault of reading was mended. The source's bytes are the same, so the question has no new version."""
    real = reading.finish

    def mended(drafts):
        real(drafts)
        for made in drafts:
            made.question.update(group_name="Mended", record_sha256="0" * 64)

    monkeypatch.setattr(reading, "finish", mended)
    monkeypatch.setattr("etl.run.intake.workers", workers)  # forked from here
    run, _ = outcomes(home, run_dag, legislatures=[17])
    assert (run.state, run.tasks["publish"]) == ("success", "success")
    with duckdb.connect(home / "warehouse/current.duckdb", read_only=True) as warehouse:
        named = warehouse.execute("SELECT legislature, group_name = 'Mended' FROM questions ORDER BY ALL").fetchall()
        assert named == [(16, False), (17, True)]
        assert warehouse.execute("SELECT count(*) FROM question_versions").fetchall() == [(0,)]


def test_a_zip_that_is_gone(home, run_dag):
    marker = markers.partition(home / "lake", (17, "QE"))
    (home / "raw" / f"{marker.source_sha256}.zip").unlink()
    run, _ = outcomes(home, run_dag)
    assert (run.state, run.tasks["17/QE"], run.tasks["16/QG"]) == ("failed", "failed", "success")


def test_an_unknown_legislature(home, run_dag):
    run, _ = outcomes(home, run_dag, legislatures=[3])
    assert (run.state, run.tasks["plan"]) == ("failed", "failed")
    with duckdb.connect(home / "warehouse/current.duckdb", read_only=True) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM questions").fetchall() == [(2,)]
