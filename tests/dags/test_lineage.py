"""OpenLineage's events of a run, as Airflow's provider sends them to a server of this machine."""

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from tests.archives import archive_of, question, site
from tests.listeners import lineage_server

AIRFLOW = Path(sys.executable).with_name("airflow")


def test_a_run_tells_what_it_reads_and_writes(load_dag, tmp_path):
    del load_dag  # it makes Airflow's database
    site(tmp_path / "site", {"17/QE": archive_of(question(17, "QE", 1))})
    with lineage_server() as (url, events):
        done = subprocess.run(
            [AIRFLOW, "dags", "test", "questions", "--conf", '{"legislatures": [17], "types": ["QE"]}'],
            env=os.environ
            | {"OPENLINEAGE_URL": url, "ANQ_HOME": str(tmp_path / "home"), "ANQ_SOURCE": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    told, new = set(), defaultdict(set)  # `dags test` has one process for all tasks, whose events repeat those before
    for event in events:
        for way in ("inputs", "outputs") if event["eventType"] == "COMPLETE" else ():
            names = {(way, one["namespace"], one["name"]) for one in event[way]} - told
            new[event["job"]["name"]] |= names
            told |= names
    assert {job: names for job, names in new.items() if names} == {
        "questions.prepare": {("inputs", "anq", "source/17/QE"), ("outputs", "anq", "lake/17/QE")},
        "questions.publish": {("inputs", "anq", "lake/17/QE"), ("outputs", "anq", "warehouse/current.duckdb")},
    }
    assert {"questions.plan", "questions.people", "questions.summary", "questions"} <= new.keys()
