"""A home, an archive, a server, and little patience."""

from datetime import UTC, datetime

import pytest

from etl.catalogue import archives
from etl.fetch import http
from etl.settings import Settings
from tests.faults.server import faulty_server


@pytest.fixture(name="archive")
def _archive():
    return archives([17], ["QE"])[0]


@pytest.fixture(name="now")
def _now():
    return datetime(2026, 9, 22, 4, 30, tzinfo=UTC)


@pytest.fixture(name="later")
def _later():
    return datetime(2026, 9, 23, 4, 30, tzinfo=UTC)


@pytest.fixture(name="server")
def _server():
    with faulty_server() as server:
        yield server


@pytest.fixture(name="home")
def _home(tmp_path, server):
    return Settings(tmp_path / "home", server.url)


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    monkeypatch.setattr(
        http,
        "PATIENCE",
        http.Patience(
            tries=4,
            first_wait_s=0.01,
            longest_wait_s=0.05,
            longest_retry_after_s=0.3,
            connect_s=2,
            read_s=0.5,
            progress_bytes=20_000,
            probe_s=3,
        ),
    )
