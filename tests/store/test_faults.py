"""A store that is read-only, full, gone for a while or cut: a clear line, exit 1, nothing lost, and the next run whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from etl.errors import LostError, StoreError
from etl.files import objects as opening
from etl.store import kept, pull
from tests.listeners import web_hook
from tests.store.failing import CUT, Failing, failing
from tests.store.test_mirror import ALL, CHUNK, MARKER, holds, objects, point, write


@pytest.fixture
def proxy(store: str, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Failing]:
    """The store, behind a proxy that can fail."""
    del store
    with failing(s3_server) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ((403, "AccessDenied"), "403 Forbidden, AccessDenied"),
        ((507, "XMinioStorageFull"), "507 Insufficient Storage, XMinioStorageFull"),
        ((503, "SlowDown"), "503 Service Unavailable, SlowDown"),
    ],
)
@pytest.mark.parametrize("part", ["questions", "_partitions", "current.duckdb"])
def test_a_store_that_takes_nothing(proxy, store, home, fault, says, part):
    a = home("a")
    with kept(a, ALL):
        write(a, CHUNK.format(1))
        write(a, MARKER, "1")
        point(a, "r1")
    before = holds(a)

    def work():
        write(a, CHUNK.format(2))
        write(a, MARKER, "2")
        point(a, "r2")

    with pytest.raises(StoreError, match=f"could not write .*{part}.*{says}.*run again") as error, kept(a, ALL):
        work()
        proxy.fault = lambda method, path: fault if method == "PUT" and part in path else None
    assert error.value.exit_code == 1
    proxy.fault = lambda *_: None
    there = objects(store)
    assert before.keys() <= there.keys()
    assert there["warehouse/current.duckdb"] == before["warehouse/current.duckdb"]
    with kept(a, ALL):
        work()
        after = holds(a)
    pull(home("b"), ALL)
    assert holds(home("b")) == after


@pytest.mark.parametrize("before", [True, False])
def test_another_writes_between_the_last_look_and_the_put(proxy, store, home, s3, before):
    a = home("a")
    with kept(a, ALL):
        if before:
            write(a, MARKER, "1")

    def race(method, path):
        if method == "PUT" and "_partitions" in path:
            s3.put_object(Bucket=store.split("/")[2], Key=f"team/{MARKER}", Body=b"of another")

    with pytest.raises(LostError, match="another worker has replaced"), kept(a, ALL):
        write(a, MARKER, "of a")
        point(a, "r1")
        proxy.fault = race
    proxy.fault = lambda *_: None
    assert objects(store)[MARKER] == "of another"
    assert "warehouse/current.duckdb" not in objects(store)


@pytest.mark.parametrize("wait", [0.5, 60])
def test_a_store_that_is_gone_for_a_while(proxy, store, home, monkeypatch, wait):
    a = home("a")
    monkeypatch.setattr(opening, "PATIENCE", {"max_retries": 20, "retry_timeout": timedelta(seconds=3)})
    with kept(a, ALL):
        write(a, MARKER, "1")
    back = time.monotonic() + wait
    proxy.fault = lambda *_: (503, "SlowDown") if time.monotonic() < back else None
    if wait > 1:
        with pytest.raises(StoreError, match="could not list it: 503"), kept(a, ALL):
            pass
        proxy.fault = lambda *_: None
    with kept(a, ALL):
        write(a, MARKER, "2")
    assert objects(store) == {MARKER: "2"}


def test_a_store_whose_answers_are_cut(proxy, store, home):
    a, b = home("a"), home("b")
    with kept(a, ALL):
        write(a, CHUNK.format(1), "x" * 10_000)
        write(a, MARKER, "1")
    proxy.fault = lambda method, path: (
        CUT if method == "GET" and "questions" in path and "list-type" not in path else None
    )
    with pytest.raises(StoreError, match=r"could not read lake/questions.*run again"):
        pull(b, ALL)
    assert holds(b) == {}
    proxy.fault = lambda *_: None
    pull(b, ALL)
    assert holds(b) == holds(a)
    assert objects(store) == holds(a)


def test_keys_that_open_nothing(proxy, store, home):
    proxy.fault = lambda *_: (403, "InvalidAccessKeyId")
    with pytest.raises(StoreError, match=r"could not list it: 403 Forbidden, InvalidAccessKeyId.*ANQ_STORE"):
        pull(home("a"), ALL)


def test_the_command_says_so_in_a_line(anq, s3, tmp_path, monkeypatch):
    for url, code in (("s3://no-such-bucket/team", 1), ("s3:/team", 2)):
        monkeypatch.setenv("ANQ_STORE", url)
        said = anq("--home", tmp_path / "home", "run")
        assert (said.exit_code, said.out) == (code, "")
        assert said.err.startswith(f"anq: {url}"), said.err
        assert len(said.err.splitlines()) == 1
    monkeypatch.delenv("ANQ_STORE")
    assert anq("--home", tmp_path / "home", "pull").exit_code == 2


def test_a_store_that_fails_is_told_of(anq, s3, tmp_path, monkeypatch):
    monkeypatch.setenv("ANQ_STORE", "s3://no-such-bucket/team")
    with web_hook() as hook:
        monkeypatch.setenv("ANQ_NOTIFY", hook.address)
        assert anq("--home", tmp_path / "home", "run").exit_code == 1
        [(title, text)] = hook.take()
    assert "failed" in title
    assert "NoSuchBucket" in text


FULL = """
import sys
from pathlib import Path
from etl.errors import AnqError
from etl.settings import Settings
from etl.store import Scope, kept
home = Settings(Path(sys.argv[1]), "")
try:
    with kept(home, Scope(("*",))):
        (home.lake / "_partitions").mkdir(parents=True)
        (home.lake / "_partitions/17-QE.json").write_text("1")
        (home.lake / "questions").mkdir()
        (home.lake / "questions/people-1.parquet").write_bytes(bytes(3_000_000))
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
except AnqError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def test_a_folder_that_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a limit on the size of files, which stops a write in its middle as a full disk does."""
    (tmp_path / "store").mkdir()
    environment = {**os.environ, "ANQ_STORE": f"file://{tmp_path}/store"}
    done = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path / "home"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done
    assert "could not write lake/questions/people-1.parquet" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert set(objects(f"file://{tmp_path}/store")) == set()
