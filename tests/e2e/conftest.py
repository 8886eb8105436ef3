"""The command in this process, with one checking process for all runs: it takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from etl.check import Checker
from tests.e2e.command import Anq, command


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    with Checker() as process:
        yield process


@pytest.fixture
def anq(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checker: Checker) -> Anq:
    for name in ("etl.check.Checker", "etl.steps.part.Checker"):
        monkeypatch.setattr(name, lambda: nullcontext(checker))
    return command(monkeypatch, capsys)
