"""Workers in a process that may have no children, as those of Celery."""

import multiprocessing

import billiard
import pytest

from etl.lake.workers import workers


def work():
    with workers() as pool:
        assert pool.submit(pow, 2, 3).result() == 8


@pytest.mark.parametrize("context", [multiprocessing.get_context("fork"), billiard.get_context("fork")])
def test_in_a_daemon(context):
    process = context.Process(target=work, daemon=True)
    process.start()
    process.join(60)
    assert process.exitcode == 0
