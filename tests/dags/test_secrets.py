"""A run through Airflow with every secret set, in which all that can fail does: none is in what it says or leaves."""

import os
import subprocess
import sys
from pathlib import Path

from etl.catalogue import archive
from tests.archives import archive_of, question
from tests.faults.server import faulty_server, file, status
from tests.secrets_set import SECRETS, everything, leaks, refusing, written


def test_no_secret_is_in_logs_nor_in_airflows_database(load_dag, tmp_path):
    del load_dag  # it makes Airflow's database
    with faulty_server() as server, refusing() as services:
        server.on(archive(17, "QE").path, file(archive_of(question(17, "QE", 1))))
        server.on(archive(17, "QG").path, status(403))
        done = subprocess.run(
            [
                Path(sys.executable).with_name("airflow"),
                "dags",
                "test",
                "questions",
                "--conf",
                '{"legislatures": [17]}',
            ],
            env=os.environ
            | everything(services, tmp_path / "public")
            | {
                "HOME": str(tmp_path),
                "ANQ_HOME": str(tmp_path / "home"),
                "ANQ_SOURCE": server.url.replace("://", f"://anne:{SECRETS['TheSource']}@"),
                "ANQ_HTTP_AUTHORIZATION": f"Bearer {SECRETS['TheBearer']}",
                "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
                "ANQ_PUBLISH": "",  # so that the lakehouse fails alone, and Airflow logs its cause
            },
            capture_output=True,
            text=True,
            check=False,
        )
    said = done.stdout + done.stderr
    for word in ("17/QG: 403", "the DuckLake did not take", "Traceback", "ANQ_NOTIFY: ", "metrics were not taken"):
        assert word in said, said[-3000:]
    assert leaks(iter([("said", said)])) == []
    assert leaks(written(tmp_path)) == []
    assert leaks(written(Path(os.environ["AIRFLOW_HOME"]))) == []
