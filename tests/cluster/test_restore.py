"""A team's whole state, backed up and restored on an empty machine by the commands of docs/team.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from etl.sample import write_sample
from tests.postgres import postgresql
from tests.warehouse.days import TIMES, contents

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "docs/team.md").read_text().partition("## Back up, and restore")[2].partition("\n## ")[0]
BACKUP, RESTORE, GO_ON = re.findall(r"```sh\n(.+?)```", SECTION, re.DOTALL)
HISTORY = "SELECT run_id, state FROM dag_run UNION ALL SELECT pool, slots::text FROM slot_pool ORDER BY 1"
SNAPSHOTS = "SELECT snapshot_id, commit_message FROM ducklake_snapshot_changes ORDER BY 1"
CONF = '{"legislatures": [17], "types": ["QG"]}'


class Machine:
    """A machine of the team: its PostgreSQL, and a home that is a cache."""

    def __init__(self, folder: Path, home: Path, port: int) -> None:
        self.folder, self.home, self.port = folder, home, port
        own = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "ANQ_", "PG"))}
        settings = (line.split("=", 1) for line in (ROOT / "airflow.env").read_text().splitlines() if "=" in line)
        self.environment = {
            **own,
            **{name: value for name, value in settings if not name.startswith("#")},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "anq",
            "AIRFLOW_HOME": str(home / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://anq@127.0.0.1:{port}/airflow",
            "ANQ_HOME": str(home / "data"),
            "ANQ_SOURCE": str(folder / "site"),
            "ANQ_STORE": (folder / "store").as_uri(),
            "ANQ_LAKEHOUSE": "ducklake:postgres:dbname=lakehouse",
            "ANQ_LAKEHOUSE_DATA": f"{folder}/lakehouse/",
        }
        home.mkdir()

    def run(self, commands: str) -> str:
        """What commands of a shell say, standard error included; each must end well."""
        done = subprocess.run(
            ["bash", "-euc", commands],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def ask(self, database: str, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a database."""
        with psycopg2.connect(host="127.0.0.1", port=self.port, user="anq", dbname=database) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Of the home's release."""
        return contents(self.home / "data/warehouse/current.duckdb", without=TIMES)


@pytest.mark.usefixtures("pool")
def test_the_whole_state_is_restored_on_an_empty_machine(tmp_path: Path) -> None:
    write_sample(tmp_path / "site", questions=300)
    for place in ("store", "lakehouse", "first", "second"):
        (tmp_path / place).mkdir()
    with postgresql(tmp_path / "first") as port:
        lost = Machine(tmp_path, tmp_path / "lost", port)
        lost.run("createdb airflow; createdb lakehouse; airflow db migrate; airflow pools set warehouse 1 warehouse")
        lost.run(f"airflow dags test questions --conf '{CONF}'")
        history, snapshots = lost.ask("airflow", HISTORY), lost.ask("lakehouse", SNAPSHOTS)
        held = lost.rows()
        lost.run(f"{BACKUP} mkdir backup; cp -a store lakehouse backup")
    for gone in ("first", "lost", "store", "lakehouse"):
        shutil.rmtree(tmp_path / gone)

    with postgresql(tmp_path / "second") as port:
        new = Machine(tmp_path, tmp_path / "new", port)
        new.run(f"cp -a backup/store backup/lakehouse .; {RESTORE}")
        assert new.ask("airflow", HISTORY) == history
        assert new.ask("lakehouse", SNAPSHOTS) == snapshots
        assert "nothing is damaged" in new.run(GO_ON)
        assert new.rows() == held
        assert new.run("anq share") == "nothing new, nothing done\n"  # the DuckLake has the release, as it should
        new.run(f"airflow dags test questions --conf '{CONF}'")
        assert len(new.ask("airflow", HISTORY)) == len(history) + 1
        assert new.rows() == held
