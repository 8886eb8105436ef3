"""The rehearsal's site: it fails as the Assembly's does, and what comes from it in the end is whole."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from benchmarks.assembly import FAULTS, assembly
from benchmarks.mornings import Mornings
from etl.catalogue import archive, archives, people
from etl.fetch import fetch, http, list_issues
from etl.sample import write_sample
from etl.settings import Settings

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", http.Patience(first_wait_s=0.01, longest_wait_s=0.01))


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory):
    site = tmp_path_factory.mktemp("site")
    write_sample(site, questions=400)
    return site


def test_all_that_it_has_comes_whole_through_its_faults(site, tmp_path):
    with assembly(site, rate=0.9) as server:
        home = Settings(tmp_path, server.url)
        for one in (*archives(), people(), *list_issues(home, NOW)):
            download = fetch(one, home, NOW)
            assert download.path(home).read_bytes() == (site / one.path).read_bytes()
            assert (download.etag, bool(download.last_modified)) == (None, True)
        assert set(server.faults) == set(FAULTS)
        asked = server.asked.total()
        assert [fetch(one, home, NOW).is_new for one in archives()] == [False] * 12
        assert server.asked.total() == asked


def test_headers_and_absence(site):
    path = archive(17, "QE").path
    with assembly(site, rate=0) as server:
        whole = httpx.get(f"{server.url}/{path}")
        rest = httpx.get(f"{server.url}/{path}", headers={"Range": "bytes=100-"})
        assert (whole.status_code, whole.headers["accept-ranges"], "etag" in whole.headers) == (200, "bytes", False)
        assert (rest.status_code, rest.content) == (206, whole.content[100:])
        assert rest.headers["content-range"] == f"bytes 100-{len(whole.content) - 1}/{len(whole.content)}"
        assert httpx.get(f"{server.url}/{archive(18, 'QE').path}").status_code == 404


def test_a_night_makes_other_zips_of_the_same_records(tmp_path):
    site = tmp_path / "site"
    write_sample(site, questions=400)
    before = {one.name: (site / one.path).read_bytes() for one in archives()}
    Mornings(site, 400).night(5)
    changed = {one.name for one in archives() if (site / one.path).read_bytes() != before[one.name]}
    assert changed == {"17/QE", "17/QG", "17/QOSD"}
    assert Path(site / people().path).exists()
