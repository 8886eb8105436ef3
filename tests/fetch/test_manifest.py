"""The manifest: whole rows only, whatever a kill left, and however many write at once."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.catalogue import Issue, archives
from etl.errors import AnqError
from etl.fetch.manifest import Download, append, latest, manifest_path, rows
from etl.settings import Settings

NOON = datetime(2026, 9, 22, 12, tzinfo=UTC)


def download(number, sha256="a" * 64, legislature=17):
    return Download(
        name=f"{legislature}/QE",
        form="json",
        url="https://site/é\n.zip",
        sha256=sha256,
        bytes=number,
        etag='"\u2028"',
        last_modified=None,
        mtime_ns=1_758_500_000_123_456_789,
        fetched_at=NOON + timedelta(days=number, microseconds=7),
        is_new=True,
    )


@pytest.fixture(name="home")
def _home(tmp_path):
    home = Settings(tmp_path, "sample")
    home.raw.mkdir()
    return home


def test_rows_come_back_as_they_went(home, archive):
    assert rows(home) == []
    assert latest(archive, home) is None
    written = [download(1), download(2)]
    for row in written:
        append(row, home)
    assert rows(home) == written


def test_latest_is_of_that_archive_and_dated_by_the_first_download_of_its_content(home, archive):
    for row in (
        download(1, "a"),
        download(2, "b"),
        download(3, "a"),
        download(4, "a"),
        download(5, "c", legislature=16),
    ):
        append(row, home)
    assert latest(archive, home) == replace(download(4, "a"), is_new=False, fetched_at=download(3).fetched_at)
    assert latest(archives([14], ["QE"])[0], home) is None


@settings(deadline=None, max_examples=60)
@given(cut=st.data())
def test_manifest_torn_at_any_byte_keeps_its_whole_rows_and_heals(cut, tmp_path_factory):
    home = Settings(tmp_path_factory.mktemp("home"), "sample")
    home.raw.mkdir()
    written = [download(number) for number in range(3)]
    for row in written:
        append(row, home)
    path = manifest_path(home)
    whole = path.read_bytes()
    torn = whole[: cut.draw(st.integers(0, len(whole)))]
    path.write_bytes(torn)
    survivors = written[: torn.count(b"\n")]
    assert rows(home) == survivors
    append(download(9), home)
    assert rows(home) == [*survivors, download(9)]


@pytest.mark.parametrize("line", [b"{}", b"[]", b"12", b"\xff", b'{"url": 1', b""])
def test_line_that_is_no_row_stops_with_its_number(line, home):
    append(download(1), home)
    with manifest_path(home).open("ab") as file:
        file.write(line + b"\n")
    append(download(2), home)
    with pytest.raises(AnqError, match=r"manifest.jsonl, line 2"):
        rows(home)


def test_rows_of_an_earlier_version_are_read(home, archive):
    said = {"url": "u", "sha256": "a", "bytes": 1, "etag": None, "last_modified": None, "mtime_ns": None}
    said |= {"fetched_at": NOON.isoformat(), "is_new": True}
    earlier = [
        {"legislature": 17, "question_type": "QE", **said},
        {"legislature": 17, "question_type": "people", **said, "form": "json"},
        {"legislature": None, "question_type": "ANQ20260010", **said, "form": "taz"},
    ]
    manifest_path(home).write_text("".join(json.dumps(row) + "\n" for row in earlier))
    append(download(4), home)
    assert [(row.name, row.form) for row in rows(home)] == [
        ("17/QE", "json"),
        ("17/people", "json"),
        ("ANQ20260010", "taz"),
        ("17/QE", "json"),
    ]
    assert [row.path(home).suffix for row in rows(home)] == [".zip", ".zip", ".taz", ".zip"]
    assert latest(Issue(2026, 10), home) == replace(rows(home)[2], is_new=False)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from etl.fetch.manifest import Download, append
from etl.settings import Settings
home = Settings(Path(sys.argv[1]), "sample")
for number in range(40):
    row = Download(f"{sys.argv[2]}/QE", "json", "u", "a", number, None, None, None, datetime.now(UTC), True)
    append(row, home)
"""


def test_six_processes_append_at_once(home):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(home.home), str(writer)]) for writer in range(6)]
    assert [writer.wait(60) for writer in writers] == [0] * 6
    found = rows(home)
    assert len(found) == 240
    for writer in range(6):
        assert [row.bytes for row in found if row.name == f"{writer}/QE"] == list(range(40))
