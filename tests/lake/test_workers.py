"""Workers in a process that may have no children, as those of Celery."""

import subprocess
import sys

import pytest

DAEMON = """
import sys
from importlib import import_module
from etl.lake.workers import workers

def work():
    with workers() as pool:
        assert pool.submit(pow, 2, 3).result() == 8

process = import_module(sys.argv[1]).get_context("fork").Process(target=work, daemon=True)
process.start()
process.join(60)
sys.exit(process.exitcode)
"""


@pytest.mark.parametrize("package", ["multiprocessing", "billiard"])
def test_in_a_daemon(package):
    done = subprocess.run([sys.executable, "-c", DAEMON, package], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
