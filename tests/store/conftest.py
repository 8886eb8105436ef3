"""An S3 server on the loopback, a bucket for each test, and a proxy that can fail as a store does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from etl.files import objects
from etl.settings import Settings


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of it; what is tested has its address and keys, and is patient for half a second."""
    keys = {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    quickly = {"init_backoff": timedelta(milliseconds=5), "max_backoff": timedelta(seconds=0.1), "base": 2}
    patience = {"max_retries": 3, "retry_timeout": timedelta(seconds=0.5), "backoff": quickly}
    monkeypatch.setattr(objects, "PATIENCE", patience)
    return boto3.client("s3", endpoint_url=s3_server)


@pytest.fixture
def store(s3: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket, which is the store of every home of the test."""
    name = f"bucket-{abs(hash(request.node.nodeid)):x}"
    s3.create_bucket(Bucket=name)
    url = f"s3://{name}/team"
    monkeypatch.setenv("ANQ_STORE", url)
    return url


@pytest.fixture
def home(tmp_path: Path) -> Callable[[str], Settings]:
    """A home of the test, by its name."""
    return lambda name: Settings(tmp_path / name, "")


@pytest.fixture(params=["s3", "file"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a store in a bucket, or in a folder."""
    if request.param == "s3":
        return str(request.getfixturevalue("store"))
    (tmp_path / "store").mkdir()
    monkeypatch.setenv("ANQ_STORE", f"file://{tmp_path}/store")
    return f"file://{tmp_path}/store"
