"""Which issues a source has, and how they come: once, whole, and kept when they are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import sample as generator
from etl.catalogue import JOURNAL, Issue, issues_named
from etl.errors import SourceError
from etl.fetch import fetch, list_issues
from etl.fetch.issues import after
from etl.settings import Settings
from tests.faults.server import file, html_page, status
from tests.tazes import compress, issue_of, put, question, redif, tar_of

TEN, ELEVEN = Issue(2026, 10), Issue(2026, 11)
TAZ = issue_of(redif(question(1)))


def test_an_issues_names():
    assert (TEN.name, TEN.path) == ("ANQ20260010", f"{JOURNAL}/ANQ20260010.taz")
    assert issues_named(["ANQ20260011.taz", "ANQ20260010", "ANQ2026010", "XANQ20260010", "ANQ20260010.zip"]) == [
        TEN,
        ELEVEN,
    ]


def test_a_folder_is_listed_and_issues_come_from_it(tmp_path, now, later):
    home = Settings(tmp_path / "home", str(tmp_path))
    assert list_issues(home, now) == []
    for issue in (ELEVEN, TEN):
        put(tmp_path, issue, TAZ)
    assert list_issues(home, now) == [TEN, ELEVEN]
    first = fetch(TEN, home, now)
    assert (first.name, first.form, first.is_new) == ("ANQ20260010", "taz", True)
    assert first.path(home).name == f"{first.sha256}.taz"
    assert first.path(home).read_bytes() == TAZ
    (tmp_path / TEN.path).unlink()
    assert list_issues(home, later) == [TEN, ELEVEN]
    assert fetch(TEN, home, later) == replace(first, is_new=False)
    assert fetch(ELEVEN, replace(home, source=str(tmp_path / "home")), later) is None


def paths(server):
    return [request.path for request in server.requests]


INDEX = """<html><body><h1>Index of /</h1><a href="../">..</a> <a href="ANQ20260010.taz">ANQ20260010.taz</a> 12K
<a href='/OPENDATA/Questions-Reponses/AN/Annee_en_cours/ANQ20260011.taz'>ANQ20260011…</a> <a href="ANQ1.tgz"></a></body>"""


def test_an_index_page_lists_them(server, home, now):
    server.on(f"{JOURNAL}/", file(INDEX.encode()))
    assert list_issues(home, now) == [TEN, ELEVEN]
    assert paths(server) == [f"/{JOURNAL}/"]


def test_without_a_page_the_next_numbers_are_asked_for(server, home):
    for issue in (Issue(2026, 1), Issue(2026, 3), Issue(2026, 6)):
        server.on(issue.path, file(TAZ))
    day = datetime(2026, 2, 18, tzinfo=UTC)
    found = list_issues(home, day)
    assert found == [Issue(2026, 1), Issue(2026, 3)]  # 4 and 5 are missing: 6 is too far
    for issue in found:
        fetch(issue, home, day)
    server.requests.clear()
    assert list_issues(home, day) == found
    assert paths(server) == [f"/{JOURNAL}/", f"/{Issue(2026, 4).path}", f"/{Issue(2026, 5).path}"]


def test_at_the_turn_of_the_year_both_are_asked_for():
    asked = []

    def has(issue):
        asked.append(issue.name)
        return issue in (Issue(2026, 52), Issue(2027, 1))

    assert list(after([TEN, Issue(2026, 51)], 2027, has)) == [Issue(2026, 52), Issue(2027, 1)]
    assert asked == ["ANQ20260052", "ANQ20260053", "ANQ20260054", "ANQ20270001", "ANQ20270002", "ANQ20270003"]


@given(st.sets(st.integers(1, 60)), st.integers(0, 60))
def test_numbers_up_to_the_first_two_that_are_missing(there, last):
    had = [Issue(2026, last)] if last else []
    found = [issue.number for issue in after(had, 2026, lambda issue: issue.number in there)]
    stop = next(number for number in range(last + 1, 64) if not {number, number + 1} & there)
    assert found == sorted(number for number in there if last < number < stop)


def test_a_server_that_fails_is_an_error_not_an_empty_list(server, home, now):
    server.on(f"{JOURNAL}/", status(503))
    with pytest.raises(SourceError, match="journal: 503"):
        list_issues(home, now)
    assert len(server.requests) == 4


def test_one_is_asked_for_once_and_stays(server, home, now, later):
    server.on(TEN.path, file(TAZ))
    first = fetch(TEN, home, now)
    server.on(TEN.path, status(404))
    assert fetch(TEN, home, later) == replace(first, is_new=False)
    assert paths(server) == []
    assert fetch(TEN, home, later, force=True) == replace(first, is_new=False)
    assert paths(server) == [f"/{TEN.path}"]
    assert fetch(ELEVEN, home, later) is None


@pytest.mark.parametrize("content", [compress(tar_of({"REDIF_ANQ.xml": b"<a/>"})), tar_of({"REDIF_ANQ.xml": b"<a/>"})])
def test_whatever_compressed_it(server, home, now, content):
    server.on(TEN.path, file(content))
    assert fetch(TEN, home, now).path(home).read_bytes() == content


@pytest.mark.parametrize("content", [TAZ[:-9], compress(b"x" * 99), b""])
def test_what_is_not_whole_is_tried_again_and_not_kept(server, home, now, content):
    server.on(TEN.path, file(content))
    with pytest.raises(SourceError, match=r"ANQ20260010.*Gave up after 4 tries"):
        fetch(TEN, home, now)
    assert [path for path in home.raw.iterdir() if path.suffix != ".lock"] == []


def test_a_page_in_its_place_is_no_issue(server, home, now):
    server.on(TEN.path, html_page("Maintenance"))
    with pytest.raises(SourceError, match="not a taz but a page of type text/html titled 'Maintenance'"):
        fetch(TEN, home, now)


def test_cut_it_goes_on_from_there(server, home, now):
    big = issue_of(redif("".join(question(number, text=f"{number:x}" * 99) for number in range(1, 900))))
    server.on(TEN.path, file(big, etag='"1"', cut_after=len(big) // 2), file(big, etag='"1"'))
    assert fetch(TEN, home, now).bytes == len(big)
    assert server.asked("range") == [None, f"bytes={len(big) // 2}-"]


def test_the_samples_issues(tmp_path, now, monkeypatch):
    monkeypatch.setattr("etl.fetch.sample.QUESTIONS", 300)
    home = Settings(tmp_path, "sample")
    assert [fetch(issue, home, now).is_new for issue in list_issues(home, now)]
    assert generator.TODAY.isoformat() == "2026-09-01"
