"""A team's Airflow on this machine: PostgreSQL, Redis, an S3 server that can fail, and two Celery workers with a home each."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psycopg2
from moto.server import ThreadedMotoServer

from tests.listeners import lineage_server
from tests.store.failing import Failing, failing

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WORKERS = ("worker1", "worker2")
NOBODY = 65534  # PostgreSQL does not run as root


def missing() -> list[str]:
    """The programs that are not on this machine."""
    return [name for name in ("redis-server", "initdb", "pg_ctl", "psql") if not shutil.which(name)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(what: str, moment: Callable[[], Any], seconds: float) -> Any:
    """What a moment gives once it is true.

    Raises:
        TimeoutError: it did not come in time.
    """
    until = time.monotonic() + seconds
    while not (came := moment()):
        if time.monotonic() > until:
            raise TimeoutError(f"{what}: not in {seconds:g} s")
        time.sleep(0.2)
    return came


@dataclass
class Cluster:
    """The topology; each part is a process group of its own, with a log.

    Attributes:
        folder: all of it.
        store: the proxy before the S3 server.
        environment: of every part.
        port: PostgreSQL's.
        lineage: OpenLineage's events, as they come.
        parts: those that run, by name.
    """

    folder: Path
    store: Failing
    environment: dict[str, str]
    port: int
    lineage: list[dict[str, Any]]
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str | Path, **environment: str) -> None:
        """Starts a part."""
        log = (self.folder / f"{name}.log").open("ab")
        self.parts[name] = subprocess.Popen(
            [*map(str, command)],
            cwd=ROOT,
            env=self.environment | environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )

    def airflow(self, *command: str) -> None:
        """Runs a command of Airflow to its end."""
        done = subprocess.run(
            [BIN / "airflow", *command], cwd=ROOT, env=self.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]

    def start_worker(self, name: str) -> None:
        """Starts a worker, whose home is its own."""
        home = self.folder / name
        home.mkdir(exist_ok=True)
        command = ("celery", "worker", "--queues", "default,warehouse", "--concurrency", "2", "--skip-serve-logs")
        self.start(
            name,
            BIN / "airflow",
            *command,
            "--celery-hostname",
            name,
            ANQ_HOME=str(home / "data"),
            AIRFLOW_HOME=str(home / "airflow"),
        )

    def start_part(self, name: str) -> None:
        """Starts one of Airflow's other parts."""
        self.start(name, BIN / "airflow", name, *(["--skip-serve-logs"] if name == "scheduler" else []))

    def kill(self, name: str) -> None:
        """Kills a part with all its children."""
        part = self.parts.pop(name)
        for process in _session(part.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        part.wait()

    def restart_what_ended(self) -> list[str]:
        """Starts again what ended by itself, as a supervisor does."""
        ended = [name for name, part in self.parts.items() if part.poll() is not None]
        for name in ended:
            self.kill(name)
            self.start_worker(name) if name in WORKERS else self.start_part(name)
        return ended

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of Airflow's database; none while it does not answer."""
        try:
            with psycopg2.connect(host="127.0.0.1", port=self.port, user="airflow", dbname="airflow") as connection:
                cursor = connection.cursor()
                cursor.execute(sql)
                return cursor.fetchall()
        except psycopg2.OperationalError:
            return []

    def postgres(self, command: str) -> None:
        """`start`, `stop` or `restart`."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}/postgres"
        data, log = self.folder / "postgres/data", self.folder / "postgres/log"
        _as_nobody(
            "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", *(["-m", "fast"] * (command != "start")), command
        )

    def run(self, name: str) -> str:
        """Has the DAG `questions` run, and gives the state in which it ends."""
        self.airflow("dags", "trigger", "questions", "--run-id", name)
        return self.end_of(name)

    def state_of(self, run: str) -> str | None:
        """The state of a run."""
        rows = self.ask(f"SELECT state FROM dag_run WHERE dag_id = 'questions' AND run_id = '{run}'")
        return str(rows[0][0]) if rows else None

    def end_of(self, run: str) -> str:
        """Waits for a run's end; what ends by itself meanwhile is started again."""

        def ended() -> str | None:
            self.restart_what_ended()
            state = self.state_of(run)
            return state if state in ("success", "failed") else None

        return str(wait_for(f"the end of {run}", ended, 600))

    def tasks(self, run: str) -> dict[str, tuple[str, str]]:
        """State and worker of each task of a run, as the workers' logs name it."""
        rows = self.ask(
            "SELECT task_id || '_' || map_index, state, external_executor_id FROM task_instance "
            f"WHERE dag_id = 'questions' AND run_id = '{run}'"
        )
        logs = {worker: (self.folder / f"{worker}.log").read_text() for worker in WORKERS}
        by = {job: next((worker for worker, log in logs.items() if job and job in log), "none") for *_, job in rows}
        return {str(name): (str(state), by[job]) for name, state, job in rows}

    def why(self, run: str) -> str:
        """What the tasks of a run that did not succeed said last."""
        failed = [name for name, (state, _) in self.tasks(run).items() if state not in ("success", "skipped")]
        logs = sorted(self.folder.glob(f"worker*/airflow/logs/dag_id=questions/run_id={run}/**/*.log"))
        said = [line for log in logs for line in log.read_text().splitlines() if '"error"' in line]
        return "\n".join([f"{run}: {', '.join(failed)}", *(line[:2000] for line in said)])


def _session(leader: int) -> list[int]:
    """The processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader:
                found.append(int(stat.parent.name))
    return found


def _as_nobody(*command: str | Path) -> None:
    drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    done = subprocess.run([*drop, *map(str, command)], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


@contextmanager
def cluster(folder: Path, source: Path) -> Iterator[Cluster]:
    """The topology, up; all of it is killed at the end.

    Args:
        folder: a new one, which another user may enter.
        source: ANQ_SOURCE.
    """
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).create_bucket(Bucket="team-bucket")
    with ExitStack() as stack:
        stack.callback(server.stop)
        store = stack.enter_context(failing(f"http://{host}:{port}"))
        lineage_url, lineage = stack.enter_context(lineage_server())
        postgres, redis, api = free_port(), free_port(), free_port()
        database = f"postgresql+psycopg2://airflow@127.0.0.1:{postgres}/airflow"
        settings = (line.split("=", 1) for line in (ROOT / "airflow.env").read_text().splitlines() if "=" in line)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "ANQ_", "AWS_"))},
            **{name: value for name, value in settings if not name.startswith("#")},
            **keys,
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
            "AIRFLOW__CORE__MAX_TASK_RETRY_DELAY": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{api}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(api),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{api}",
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(64),
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
            "AIRFLOW__CELERY__BROKER_URL": f"redis://127.0.0.1:{redis}/0",
            "AIRFLOW__CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://airflow@127.0.0.1:{postgres}/airflow",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "2",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "OPENLINEAGE_URL": lineage_url,
            "AWS_ENDPOINT_URL": store.url,
            "ANQ_STORE": "s3://team-bucket/anq",
            "ANQ_SOURCE": str(source),
            "ANQ_HOME": str(folder / "nowhere"),
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }
        up = Cluster(folder, store, environment, postgres, lineage)
        stack.callback(lambda: [up.kill(name) for name in list(up.parts)])
        (folder / "postgres").mkdir()
        if os.getuid() == 0:
            os.chown(folder / "postgres", NOBODY, NOBODY)
        _as_nobody("initdb", "-D", folder / "postgres/data", "-U", "airflow", "--auth=trust", "--no-sync")
        up.postgres("start")
        stack.callback(lambda: up.postgres("stop"))
        subprocess.run(
            [
                "psql",
                "-h",
                "127.0.0.1",
                "-p",
                str(postgres),
                "-U",
                "airflow",
                "-c",
                "CREATE DATABASE airflow",
                "postgres",
            ],
            check=True,
            capture_output=True,
        )
        up.start("redis", "redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", folder)
        up.airflow("db", "migrate")
        up.airflow("pools", "set", "warehouse", "1", "one writer of the warehouse at a time")
        up.start_part("api-server")
        up.start_part("dag-processor")
        wait_for("the API", lambda: _listens(api), 120)
        up.start_part("scheduler")
        for name in WORKERS:
            up.start_worker(name)
        wait_for("the DAG", lambda: up.ask("SELECT 1 FROM serialized_dag WHERE dag_id = 'questions'"), 120)
        yield up


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
