"""A process killed while a body arrives, and two that want the same archive."""

import hashlib
import subprocess
import sys
import time
from threading import Thread

import pytest

from etl.catalogue import archives
from etl.fetch import fetch
from etl.fetch.manifest import rows
from tests.faults.server import file
from tests.fetch.zips import big_zip

BODY = big_zip()

FETCHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from etl.catalogue import archives
from etl.catalogue import archives
from etl.fetch import fetch
from etl.settings import Settings
download = fetch(archives([17], ["QE"])[0], Settings(Path(sys.argv[1]), sys.argv[2]), datetime.now(UTC))
print(download.is_new)
"""


def start_fetch(home):
    command = [sys.executable, "-c", FETCHER, str(home.home), home.source]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("etag", "resumes"), [('"a"', True), (None, False)], ids=["etag", "no validator"])
def test_kill_in_the_middle_of_a_body(*, etag, resumes, server, archive, home, now):
    server.on(archive.path, file(BODY, etag=etag, drip_s=0.01, drip_bytes=2000))
    process = start_fetch(home)
    part = home.raw / "17-QE.json.part"
    while not (part.exists() and part.stat().st_size > 20_000):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait(10)
    process.stdout.close()
    arrived = part.stat().st_size
    assert arrived < len(BODY)
    assert list(home.raw.glob("*.zip")) == []
    assert rows(home) == []

    server.on(archive.path, file(BODY, etag=etag))
    download = fetch(archive, home, now)
    assert server.asked("Range") == ([f"bytes={arrived}-"] if resumes else [None])
    assert download.path(home).read_bytes() == BODY
    assert [path.name for path in home.raw.glob("17-QE.json.part*")] == []


def test_two_processes_that_want_one_archive_download_it_once(server, archive, home):
    server.on(archive.path, file(BODY, etag='"a"', drip_s=0.01, drip_bytes=4000))
    processes = [start_fetch(home) for _ in range(2)]
    told = sorted(process.communicate(timeout=30)[0].strip() for process in processes)
    assert told == ["False", "True"]
    assert [row.sha256 for row in rows(home)] == [hashlib.sha256(BODY).hexdigest()]
    assert server.asked("If-None-Match") == [None, '"a"']


def test_threads_fetch_beside_each_other(server, home, now):
    wanted = archives([16, 17])
    bodies = {archive.name: big_zip(seed=number, kilobytes=30) for number, archive in enumerate(wanted)}
    for archive in wanted:
        server.on(archive.path, file(bodies[archive.name], drip_s=0.005, drip_bytes=4000))
    found = {}
    threads = [Thread(target=lambda a=a: found.update({a.name: fetch(a, home, now)})) for a in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {name: got.path(home).read_bytes() for name, got in found.items()} == bodies
    assert len(rows(home)) == len(wanted)
