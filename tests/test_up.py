"""`make up` for real: it says what ended by itself and what is in its way, leaves nothing running, and hides its own files."""

import os
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
def up(home, port):
    """`make up`, its processes ended by force at the end."""
    command = ["make", "up", *places(home), f"PORT={port}"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        start_new_session=True,
        umask=0o022,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as make:
        try:
            yield make
        finally:
            for process in parts(home).values():
                process.kill()
            make.kill()


def parts(home):
    """The parts of this home's Airflow that run, by name: the processes that the shell started, not theirs."""
    running = {}
    for process in psutil.process_iter(["cmdline", "ppid"]):
        words = process.info["cmdline"] or []
        name = next((word for word in words[1:3] if word in PARTS), None) if "/airflow" in " ".join(words[:2]) else None
        try:
            if name and process.environ().get("AIRFLOW_HOME") == f"{home}/airflow":
                oldest = running.setdefault(name, process)
                running[name] = min(oldest, process, key=psutil.Process.create_time)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
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


def nothing_left(home):
    until(lambda: not parts(home), 20)
    return True


def test_what_it_writes_is_its_owners_and_ctrl_c_stops_it_without_a_word(home, port):
    with up(home, port) as make:
        until(lambda: healthy(port))
        own = home / "airflow"
        assert (own / "passwords.json").exists()
        assert [path for path in own.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []
        assert own.stat().st_mode & 0o777 == 0o700
        os.killpg(make.pid, signal.SIGINT)  # as the terminal does
        said = make.communicate(timeout=60)[1]
        assert "ended by itself" not in said
        assert nothing_left(home)


def test_a_part_that_dies_is_named_and_stops_the_rest(home, port):
    with up(home, port) as make:
        until(lambda: parts(home).keys() == PARTS)
        parts(home)["dag-processor"].kill()
        said = make.communicate(timeout=60)[1]
        assert make.returncode != 0
        assert "The dag-processor of Airflow ended by itself" in said
        assert f"{home}/airflow/logs/dag-processor.log" in said
        assert said.count("ended by itself") == 1
        assert nothing_left(home)


def test_a_supervisor_stops_it_without_a_word(home, port):
    with up(home, port) as make:
        until(lambda: parts(home).keys() == PARTS)
        make.terminate()
        said = make.communicate(timeout=60)[1]
        assert "ended by itself" not in said
        assert nothing_left(home)


def test_a_taken_port_is_named_before_anything_starts(home):
    with socket.create_server(("127.0.0.1", 0)) as other, up(home, other.getsockname()[1]) as make:
        said = make.communicate(timeout=60)[1]
        assert make.returncode != 0
        assert f"Port {other.getsockname()[1]} is taken" in said
        assert not parts(home)
