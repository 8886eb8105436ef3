"""The DAG on two workers, each with a home of its own: without a store nothing is released, with one all is."""

import os

import duckdb
import pytest

from etl.settings import Settings
from tests.archives import archive_of, question, site


@pytest.fixture
def homes(tmp_path, monkeypatch):
    """Two homes: every other archive is prepared in the second, all else is done in the first."""
    from airflow.sdk import get_current_context

    site(tmp_path / "site", {f"17/{kind}": archive_of(question(17, kind, 1)) for kind in ("QE", "QG", "QOSD")})
    monkeypatch.setenv("ANQ_SOURCE", str(tmp_path / "site"))

    def from_env():
        try:
            task = get_current_context()["ti"]
        except RuntimeError:  # a callback, after the tasks
            return Settings(tmp_path / "first", os.environ["ANQ_SOURCE"])
        is_second = task.task_id == "prepare" and task.map_index % 2
        return Settings(tmp_path / ("second" if is_second else "first"), os.environ["ANQ_SOURCE"])

    monkeypatch.setattr(Settings, "from_env", from_env)
    return [tmp_path / "first", tmp_path / "second"]


def prepared(home):
    return {path.stem for path in home.glob("lake/_partitions/*.json")}


def test_workers_that_share_nothing_release_nothing(homes, run_dag):
    run = run_dag(legislatures=[17])
    assert [prepared(home) for home in homes] == [{"17-QE", "17-QOSD"}, {"17-QG"}]
    assert (run.state, run.tasks["publish"], run.events) == ("failed", "failed", [])
    assert not (homes[0] / "warehouse/current.duckdb").is_symlink()
    assert "failed" in next((homes[0] / "reports/runs").glob("*.json")).read_text()


def test_workers_that_share_a_store_release_all(homes, run_dag, tmp_path, monkeypatch):
    (tmp_path / "store").mkdir()
    monkeypatch.setenv("ANQ_STORE", f"file://{tmp_path}/store")
    run = run_dag(legislatures=[17])
    assert run.state == "success"
    assert prepared(homes[1]) == {"17-QG"}
    with duckdb.connect(homes[0] / "warehouse/current.duckdb", read_only=True) as release:
        types = release.execute("SELECT DISTINCT question_type FROM questions ORDER BY ALL").fetchall()
    assert types == [("QE",), ("QG",), ("QOSD",)]
    current = (homes[0] / "warehouse/current.duckdb").readlink()
    assert (tmp_path / "store/warehouse/current.duckdb").read_text() == str(current)
