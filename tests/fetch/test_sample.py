"""The sample site: made whole, once, and again when what makes it has changed."""

import pytest

from etl import sample as generator
from etl.catalogue import archives
from etl.fetch import fetch, next_legislatures, sample
from etl.settings import Settings


@pytest.fixture(name="home")
def _home(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "QUESTIONS", 60)
    return Settings(tmp_path, "sample")


def inodes(site):
    return {path: path.stat().st_ino for path in site.rglob("*") if path.is_file()}


def test_every_archive_of_the_sample_is_fetched_and_then_nothing_is_new(home, now, later):
    first = [fetch(archive, home, now) for archive in archives()]
    assert [download.is_new for download in first] == [True] * 12
    again = [fetch(archive, home, later) for archive in archives()]
    assert [download.is_new for download in again] == [False] * 12
    assert next_legislatures(home) == ()


def test_made_once(home):
    site = sample.sample_site(home)
    before = inodes(site)
    assert inodes(sample.sample_site(home)) == before


def test_made_again_for_other_parameters(home, now, monkeypatch):
    (archive,) = archives([17], ["QE"])
    small = fetch(archive, home, now)
    monkeypatch.setattr(sample, "QUESTIONS", 120)
    larger = fetch(archive, home, now)
    assert larger.is_new
    assert larger.bytes > small.bytes


def test_made_again_when_the_generator_changed(home, monkeypatch, tmp_path):
    before = inodes(sample.sample_site(home))
    monkeypatch.setattr(sample, "_GENERATOR", tmp_path / "warehouse")
    assert inodes(sample.sample_site(home)) != before


def test_failure_half_way_leaves_what_was_there(home, monkeypatch):
    before = inodes(sample.sample_site(home))

    def fail(directory, **_):
        (directory / "half").write_text("")
        raise RuntimeError

    monkeypatch.setattr(sample, "SEED", 2)
    with monkeypatch.context() as patch:
        patch.setattr(generator, "write_sample", fail)
        with pytest.raises(RuntimeError):
            sample.sample_site(home)
    assert inodes(home.home / "sample") == before
    assert not (sample.sample_site(home) / "half").exists()
    assert sorted(path.name for path in home.home.iterdir()) == [".sample.lock", "sample"]
