"""A run as `airflow dags test` makes it, with every secret set, in which all that can fail does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from etl.catalogue import archive
from tests.archives import archive_of, question
from tests.faults.server import faulty_server, file, status
from tests.secrets_set import SECRETS, everything, leaks, refusing, written


@dataclass(frozen=True)
class Ran:
    """What it said, where it wrote, and what it sent to those who refuse all."""

    said: str
    folder: Path
    sent: list[bytes]


@pytest.fixture(scope="module")
def ran(load_dag, tmp_path_factory) -> Ran:
    """One run of the DAG `questions`, of which 17/QE alone goes well."""
    del load_dag  # it makes Airflow's database
    folder, sent = tmp_path_factory.mktemp("ran"), []
    with faulty_server() as server, refusing(sent) as services:
        server.on(archive(17, "QE").path, file(archive_of(question(17, "QE", 1))))
        server.on(archive(17, "QG").path, status(403))
        done = subprocess.run(
            [
                Path(sys.executable).with_name("airflow"),
                "dags",
                "test",
                "questions",
                "--conf",
                '{"legislatures": [17], "types": ["QE", "QG"]}',
            ],
            env=os.environ
            | everything(services, folder / "public")
            | {
                "HOME": str(folder),
                "ANQ_HOME": str(folder / "home"),
                "ANQ_SOURCE": server.url.replace("://", f"://anne:{SECRETS['TheSource']}@"),
                "ANQ_HTTP_AUTHORIZATION": f"Bearer {SECRETS['TheBearer']}",
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
                "ANQ_PUBLISH": "",  # so that the lakehouse fails alone, and Airflow logs its cause
            },
            capture_output=True,
            text=True,
            check=False,
        )
    return Ran(done.stdout + done.stderr, folder, sent)


def test_no_secret_is_in_logs_nor_in_airflows_database(ran):
    for word in ("17/QG: 403", "the DuckLake did not take", "Traceback", "ANQ_NOTIFY: ", "metrics were not taken"):
        assert word in ran.said, ran.said[-3000:]
    assert leaks(iter([("said", ran.said)])) == []
    assert leaks(written(ran.folder)) == []
    assert leaks(written(Path(os.environ["AIRFLOW_HOME"]))) == []


def test_it_tells_what_it_reads_and_writes(ran):
    """OpenLineage's events, as Airflow's provider sends them."""
    events = [json.loads(body) for body in ran.sent if b'"eventType"' in body]
    told, new = set(), defaultdict(set)  # `dags test` has one process for all tasks, whose events repeat those before
    for event in events:
        for way in ("inputs", "outputs") if event["eventType"] in ("COMPLETE", "FAIL") else ():
            names = {(way, one["namespace"], one["name"]) for one in event[way]} - told
            new[event["job"]["name"]] |= names
            told |= names
    archives = ("17/QE", "17/QG")
    assert {job: names for job, names in new.items() if names} == {
        "questions.prepare": {("inputs", "anq", f"source/{name}") for name in archives}
        | {("outputs", "anq", f"lake/{name}") for name in archives},
        "questions.publish": {("inputs", "anq", "lake/17/QE"), ("outputs", "anq", "warehouse/current.duckdb")},
    }
    assert {"questions.plan", "questions.people", "questions.summary", "questions"} <= new.keys()
