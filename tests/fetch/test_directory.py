"""A directory as the source, and the sample."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from etl.catalogue import archives
from etl.errors import AnqError, SourceError, UsageError
from etl.fetch import directory, fetch, latest, manifest
from etl.settings import Settings
from tests.fetch.zips import zip_of

BODY = zip_of("json/a.json")
OTHER = zip_of("json/a.json", seed=2)


@pytest.fixture(name="site")
def _site(tmp_path, archive):
    file = tmp_path / "site" / archive.path
    file.parent.mkdir(parents=True)
    file.write_bytes(BODY)
    return file


@pytest.fixture(name="home")
def _home(tmp_path, site):
    return Settings(tmp_path / "home", str(tmp_path / "site"))


def test_copy(archive, home, site, now):
    download = fetch(archive, home, now)
    assert download.is_new
    assert download.path(home).read_bytes() == BODY
    assert download.url == site.as_uri()
    assert latest(archive, home) == replace(download, is_new=False)
    assert {path.name for path in home.raw.iterdir()} == {
        f"{download.sha256}.zip",
        "manifest.jsonl",
        ".17-QE.lock",
        ".manifest.jsonl.lock",
    }


def test_unchanged_file_is_not_read(archive, home, site, now, later):
    first = fetch(archive, home, now)
    status = site.stat()
    site.write_bytes(bytes(len(BODY)))
    os.utime(site, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fetch(archive, home, later) == replace(first, is_new=False)
    with pytest.raises(SourceError):
        fetch(archive, home, later, force=True)


def test_touched_file_is_not_new_and_its_time_is_learnt(archive, home, site, now, later):
    first = fetch(archive, home, now)
    os.utime(site, ns=(1, 1))
    touched = fetch(archive, home, later)
    assert not touched.is_new
    assert (touched.sha256, touched.fetched_at, touched.mtime_ns) == (first.sha256, now, 1)
    fetch(archive, home, later)
    assert len(manifest.rows(home)) == 2


def test_changed_file_is_new_and_the_old_one_stays(archive, home, site, now, later):
    first = fetch(archive, home, now)
    site.write_bytes(OTHER)
    os.utime(site, ns=(1, 1))
    second = fetch(archive, home, later)
    assert second.is_new
    assert (first.path(home).read_bytes(), second.path(home).read_bytes()) == (BODY, OTHER)


def test_absent_file_is_none(home, now):
    assert fetch(archives([17], ["QG"])[0], home, now) is None


def test_folder_in_place_of_the_file_is_none(archive, home, site, now):
    site.unlink()
    site.mkdir()
    assert fetch(archive, home, now) is None


def test_bad_zip_is_refused_and_the_last_one_stays(archive, home, site, now, later):
    first = fetch(archive, home, now)
    site.write_bytes(BODY[:-30])
    with pytest.raises(SourceError, match="17/QE: "):
        fetch(archive, home, later)
    assert latest(archive, home) == replace(first, is_new=False)
    assert first.path(home).read_bytes() == BODY
    assert list(home.raw.glob("*.part*")) == []


def test_file_written_while_it_is_copied_is_refused(archive, home, site, now, monkeypatch):
    copyfile = directory.shutil.copyfile

    def copy_and_touch(source, target):
        copyfile(source, target)
        os.utime(source, ns=(1, 1))

    monkeypatch.setattr(directory.shutil, "copyfile", copy_and_touch)
    with pytest.raises(SourceError, match=r"17/QE: .* changed while it was read"):
        fetch(archive, home, now)
    assert latest(archive, home) is None


@pytest.mark.parametrize("source", ["nowhere", "opendat", "ftp://site"])
def test_source_that_is_none_is_a_usage_error(source, archive, home, now):
    with pytest.raises(UsageError, match=f"{source} is neither a directory"):
        fetch(archive, replace(home, source=source), now)


def test_home_that_cannot_be_written_is_our_fault_and_says_where(archive, home, now):
    home.home.write_text("a file, not a folder")
    with pytest.raises(AnqError, match=r"17/QE: .*home") as caught:
        fetch(archive, home, now)
    assert caught.value.exit_code == 1


LIGHT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from etl.catalogue import archives
from etl.fetch import fetch, next_legislatures
from etl.settings import Settings
home = Settings(Path(sys.argv[1]), sys.argv[2])
for archive in archives([], [], next_legislatures(home)):
    download = fetch(archive, home, datetime(2026, 9, 23, tzinfo=UTC))
    assert download is None or not download.is_new
print(*sorted({"httpx", "tenacity", "rich", "zipfile", "email", "etl.sample"} & set(sys.modules)))
"""


def test_nothing_new_imports_nothing_heavy(archive, home, now):
    fetch(archive, home, now)
    command = [sys.executable, "-c", LIGHT, str(home.home), home.source]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
