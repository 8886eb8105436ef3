"""The Makefile says what it does, and asks of the machine no more than it says."""

import os
import re
import subprocess
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
    assert {"run", "test", "help", "up", "lint", "format", "lock", "docs", "bench", "clean"} <= listed


def test_every_public_target_is_phony_and_told_of():
    phony = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    told = set(re.findall(r"^([a-z]+):.* ## ", MAKEFILE, re.MULTILINE))
    assert told | {"install", "airflow"} == phony


@pytest.mark.parametrize("source", ["sample", "opendata", "/a folder/of archives"])
def test_run_takes_the_source(source):
    asked = make("--dry-run", "run", f"SOURCE={source}")
    assert "airflow dags test questions" in asked
    assert f"on {source}…" in asked


def test_the_lock_names_no_host():
    hosts = re.compile(r"^\s*(--(extra-)?index-url|--find-links|.* @ \w+://)", re.MULTILINE)
    for lock in [ROOT / "requirements.lock", *ROOT.glob("benchmarks/requirements.lock")]:
        text = lock.read_text()
        assert not hosts.search(text)
        assert text.count("==") <= text.count("--hash=sha256:")
        assert "--generate-hashes --no-emit-index-url --no-header" in MAKEFILE


def test_airflow_listens_on_this_machine_only():
    listening = re.findall(r"^run up airflow: export (AIRFLOW__API__HOST|\w+_URL) :?= (.*)$", MAKEFILE, re.MULTILINE)
    assert len(listening) == 3
    assert all("127.0.0.1" in address for _, address in listening)
