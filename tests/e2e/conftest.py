"""The command in this process, with one checking process for all runs: it takes seconds to start."""

from __future__ import annotations

import pytest

from tests import work
from tests.e2e.command import Anq, command


@pytest.fixture
def anq(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Anq:
    monkeypatch.setattr("etl.run.context.Checker", work.checker)
    return command(monkeypatch, capsys)
