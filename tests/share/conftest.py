"""A home of several days, and places to share it at: a folder behind a web server, and a bucket."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.range_server import Server, serving
from etl.settings import Settings
from etl.warehouse import release as releases

BUCKET = "anq"


@pytest.fixture
def settings(lived_once: Path, tmp_path: Path) -> Settings:
    """A home of four releases, of which the first is current."""
    shutil.copytree(lived_once, tmp_path / "home", symlinks=True)
    settings = Settings(tmp_path / "home", "")
    releases.rollback(settings.warehouse, releases.releases(settings.warehouse)[0].name)
    return settings


@pytest.fixture
def names(settings: Settings) -> list[str]:
    """Its releases, oldest first."""
    return [release.name for release in releases.releases(settings.warehouse)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a web server's files are."""
    return tmp_path / "public"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """The web server."""
    with serving(folder) as server:
        yield server


@pytest.fixture(scope="session")
def _s3() -> Iterator[str]:
    """An S3 server's address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(_s3: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """An empty bucket, `s3://anq`, and who may write there; called, it gives what is in it."""
    import boto3

    for name, value in {
        "AWS_ENDPOINT_URL": _s3,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-west-3",
        "AWS_ACCESS_KEY_ID": "who",
        "AWS_SECRET_ACCESS_KEY": "s3cr3tOfTheBucket",
    }.items():
        monkeypatch.setenv(name, value)
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{_s3}/moto-api/reset", method="POST"))
    client = boto3.client("s3", endpoint_url=_s3, region_name="eu-west-3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})

    def listed() -> list[str]:
        return [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    return listed
