"""The Makefile says what it does, and asks of the machine no more than it says."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments, **environment):
    path = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=path | environment, capture_output=True, text=True, check=True
    ).stdout


def test_help_is_what_make_alone_says_and_lists_what_people_call():
    listed = {line.split()[1] for line in make("help").splitlines()}
    assert make() == make("help")
    public = {"run", "test", "help", "up", "lint", "format", "lock", "docs", "bench", "matrix", "cover", "clean"}
    assert public <= listed


def test_every_public_target_is_phony_and_told_of():
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    told = set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE))
    assert told | {"install", "develop", "airflow"} == phony


@pytest.mark.parametrize("source", ["sample", "opendata", "/a folder/of archives"])
def test_run_takes_the_source(source):
    asked = make("--dry-run", "run", f"SOURCE={source}")
    assert "airflow dags test questions" in asked
    assert f"on {source}…" in asked


LOCKS = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock", ROOT / "benchmarks" / "requirements.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_names_no_host(lock):
    text = lock.read_text()
    assert not re.search(r"^\s*(--(extra-)?index-url|--find-links|.* @ \w+://)", text, re.MULTILINE)
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "--generate-hashes --no-emit-index-url --no-header" in MAKEFILE


def locked(lock):
    """The versions of each distribution that a lock names."""
    pins = {}
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


def test_what_runs_the_work_holds_nothing_of_what_tests_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    group = {re.match(r"[\w.-]+", one)[0].lower() for one in project["dependency-groups"]["dev"]}
    assert locked(LOCKS[0]).keys() & group == {"psutil"}  # marimo asks for it too
    assert group <= locked(LOCKS[1]).keys()


def test_both_locks_have_the_same_versions():
    runs, tests = locked(LOCKS[0]), locked(LOCKS[1])
    assert {name: tests[name] for name in runs.keys() & tests} == {name: runs[name] for name in runs.keys() & tests}


def test_run_and_image_install_the_first_lock_test_and_lint_the_second_on_top():
    for target in ("run", "up", "install"):
        assert "requirements-dev.lock" not in make("--dry-run", "--always-make", target)
    for target in ("test", "lint", "docs"):
        asked = make("--dry-run", "--always-make", target)
        assert asked.index("requirements.lock") < asked.index("requirements-dev.lock")


def test_airflow_listens_on_this_machine_only():
    listening = re.findall(r"^run up airflow: export (AIRFLOW__API__HOST|\w+_URL) :?= (.*)$", MAKEFILE, re.MULTILINE)
    assert len(listening) == 3
    assert all("127.0.0.1" in address for _, address in listening)
