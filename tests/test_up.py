"""`make up` for real: it says what ended by itself and what is in its way, leaves nothing running, and hides its own files."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[1]
NO_DAGS = "AIRFLOW__CORE__DAGS_FOLDER=/var/empty"  # parts of which no test asks what they do with them have less to do
PARTS = {"api-server", "scheduler", "dag-processor", "triggerer"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home whose Airflow is prepared, in a folder apart."""
    folder = tmp_path_factory.mktemp("up")
    subprocess.run(["make", "airflow", *places(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def places(folder):
    return [f"ANQ_HOME={folder}/home", f"AIRFLOW_HOME={folder}/airflow"]


@contextmanager
def up(home, port, *without):
    """`make up`, all its processes ended by force at the end."""
    command = ["make", "up", *places(home), f"PORT={port}", *without]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, umask=0o022, stdout=pipe, stderr=pipe, text=True
    ) as make:
        tree = psutil.Process(make.pid)
        try:
            yield make
        finally:
            for process in [*tree.children(recursive=True), tree] if tree.is_running() else []:
                process.kill()


def parts(make):
    """The parts of Airflow that run, by name."""
    running = {}
    for process in psutil.Process(make.pid).children(recursive=True):
        try:
            title = " ".join(process.cmdline()).replace("_", "-")
        except psutil.NoSuchProcess:
            continue
        running = {name: process for name in PARTS if re.search(rf"\bairflow {name}\b", title)} | running
    return running


def until(true, seconds=240):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def healthy(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=5) as answer:
            return answer.read().count(b'"healthy"') >= 4
    except OSError:
        return False


def ended(tree):
    """Whether all these processes end within seconds."""
    return psutil.wait_procs(tree, timeout=20)[1] == []


def tree_of(make):
    """The processes that `make up` has started, however far down."""
    return psutil.Process(make.pid).children(recursive=True)


def test_what_it_writes_is_its_owners_and_ctrl_c_stops_it_without_a_word(home, port):
    with up(home, port) as make:
        until(lambda: healthy(port))
        own = home / "airflow"
        assert (own / "passwords.json").exists()
        assert [path for path in own.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []
        assert own.stat().st_mode & 0o777 == 0o700
        log = (own / "logs" / "scheduler.log").read_text()
        assert "Connection refused" not in log  # no task started before the API listened
        tree = tree_of(make)
        os.killpg(make.pid, signal.SIGINT)  # as the terminal does: the tasks that run go on
        assert "Stopping when the tasks that run have ended" in make.stderr.readline()
        os.killpg(make.pid, signal.SIGINT)
        said = make.communicate(timeout=60)[1]
        assert "ended by itself" not in said
        assert ended(tree)


def test_a_part_that_dies_is_named_and_stops_the_rest(home, port):
    with up(home, port, NO_DAGS) as make:
        until(lambda: parts(make).keys() == PARTS)
        tree = tree_of(make)
        parts(make)["dag-processor"].kill()
        said = make.communicate(timeout=60)[1]
        assert make.returncode != 0
        assert "The dag-processor of Airflow ended by itself" in said
        assert f"{home}/airflow/logs/dag-processor.log" in said
        assert said.count("ended by itself") == 1
        assert ended(tree)


def test_a_supervisor_stops_it_without_a_word(home, port):
    with up(home, port, NO_DAGS) as make:
        until(lambda: parts(make).keys() == PARTS)
        tree = tree_of(make)
        make.terminate()
        said = make.communicate(timeout=300)[1]  # tasks that run end first
        assert "ended by itself" not in said
        assert ended(tree)


def test_a_taken_port_is_named_before_anything_starts(home):
    with socket.create_server(("127.0.0.1", 0)) as other, up(home, other.getsockname()[1]) as make:
        said = make.communicate(timeout=60)[1]
        assert make.returncode != 0
        assert f"Port {other.getsockname()[1]} is taken" in said
