"""The DAG `housekeeping`: prune the home, then clean Airflow's database."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import CronTriggerTimetable, dag, task
from common import OF_NOW, QUEUE, card

from etl.errors import AnqError

_NO_DATABASE = "airflow-db-not-allowed:///"  # what Airflow tells a task instead of its database's address
_FOUND = re.compile(r"Checking table (\w+)\nFound (\d+) rows")  # as `airflow db clean` says what it removes
_LOG = logging.getLogger("housekeeping")


@dag(
    schedule=CronTriggerTimetable("0 4 * * 0", timezone="Europe/Paris"),
    description="Sundays at 04:00 in Paris.",
    doc_md=card("housekeeping"),
    tags=["questions"],
    **OF_NOW,
)
def housekeeping() -> None:
    """Room on the disk, once a week: what nothing needs any more goes."""
    prune() >> clean_database()


@task(queue=QUEUE, pool="warehouse")
def prune() -> None:
    """Remove old releases, raw archives that nothing needs, old reports and logs, as `anq prune` does."""
    from etl.run.prune import Pruning, lines
    from etl.run.scopes import HOME
    from etl.settings import Settings
    from etl.store import kept

    settings, logs = Settings.from_env(), Path(os.environ["AIRFLOW_HOME"]) / "logs"
    with kept(settings, HOME):
        for line in lines(Pruning(settings=settings, now=datetime.now(UTC), logs=logs, keep_raw=settings.keep_raw)):
            _LOG.info(line)


@task
def clean_database() -> None:
    """Remove old rows of Airflow's database, by its own command: a task itself has no access to it."""
    from etl.run.prune import KEEP_LOGS

    before = (datetime.now(UTC) - timedelta(days=KEEP_LOGS)).isoformat()
    options = ["--clean-before-timestamp", before, "--skip-archive", "--yes", "--error-on-cleanup-failure"]
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "clean", *options],
        env={name: value for name, value in os.environ.items() if value != _NO_DATABASE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        _LOG.error(done.stdout)
        raise AnqError(
            f"`airflow db clean` ended with {done.returncode}: its words are above, clear this task to try again"
        )
    rows = {table: int(count) for table, count in _FOUND.findall(done.stdout)}
    for table, count in rows.items():
        if count:
            _LOG.info("%s: %d rows", table, count)
    _LOG.info("%d rows of Airflow's database freed", sum(rows.values()))


housekeeping()
