"""The DAG `rollback`: an earlier release is current again, here and at its address; what hangs on it is told."""

import json

import pytest

from etl.warehouse import release as releases
from tests.archives import archive_of, question, site
from tests.warehouse.days import day


@pytest.fixture
def names(home, tmp_path, monkeypatch):
    """A home of three releases; their names, oldest first."""
    monkeypatch.setenv("ANQ_HOME", str(home.settings.home))
    for number in range(3):
        questions = [question(17, "QE", one) for one in range(1, number + 2)]
        home.prepare(site(tmp_path / "site", {"17/QE": archive_of(*questions)}), day(number))
        home.load(day(number))
    return [release.name for release in releases.releases(home.settings.warehouse)]


def test_what_it_is(load_dag):
    dag = load_dag("rollback")
    assert {name: task.downstream_task_ids for name, task in dag.task_dict.items()} == {
        "swap": {"share"},
        "share": set(),
    }
    swap = dag.get_task("swap")
    assert (swap.pool, [asset.name for asset in swap.outlets]) == ("warehouse", ["warehouse"])
    assert (dag.params.dump(), dag.timetable.can_be_scheduled) == ({"release": None}, False)
    assert [name for name in (*dag.task_dict, *dag.params) if f"`{name}`" not in dag.doc_md] == []


def test_to_the_one_before_or_one_that_is_named(home, names, run_dag, tmp_path, monkeypatch):
    monkeypatch.setenv("ANQ_PUBLISH", str(tmp_path / "public"))
    run = run_dag(dag="rollback")
    assert run.tasks == {"swap": "success", "share": "success"}
    assert [event["release"] for event in run.events] == [names[1]]
    assert releases.current_name(home.settings.warehouse) == names[1]
    run = run_dag(dag="rollback", release=names[0])
    assert (run.state, run.events[0]["rows"]["questions"]) == ("success", 1)
    assert releases.current_name(home.settings.warehouse) == names[0]
    assert json.loads((tmp_path / "public/latest.json").read_bytes())["release"] == names[0]


def test_to_one_that_is_not_there(home, names, run_dag):
    run = run_dag(dag="rollback", release="yesterday's")
    assert (run.state, run.tries["swap"], run.events) == ("failed", 1, [])
    assert releases.current_name(home.settings.warehouse) == names[2]
