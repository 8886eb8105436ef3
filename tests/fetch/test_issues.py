"""Which issues a source has, and how they come: once, whole, and kept when they are gone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl import sample as generator
from etl.catalogue import ISSUES, JOURNAL, Issue, issues_named
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
    """What was asked for, but the index pages of earlier years."""
    return [request.path for request in server.requests if not re.search(r"/AN/\d+/$", request.path)]


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
    index, *numbers = (f"/{JOURNAL}/", f"/{Issue(2026, 4).path}", f"/{Issue(2026, 5).path}")
    assert paths(server) == [index, *numbers, f"/{Issue(2026, 3).path}"]  # 3, to see that they are not all gone


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


# -- earlier years

OLD = [Issue(2014, 5), Issue(2025, 52)]
YEARS = [f"/{ISSUES}/{year}/" for year in range(2012, 2026)]


def test_issues_of_earlier_years_come_once(server, home, now, later):
    server.on(f"{JOURNAL}/", file(INDEX.encode()))
    for issue in OLD:
        listing = f'<a href="{issue.name}.taz">{issue.name}.taz</a> <a href="ANQ20110003.taz">of another year</a>'
        server.on(f"{ISSUES}/{issue.year}/", file(listing.encode()))
        server.on(f"{ISSUES}/{issue.year}/{issue.name}.taz", file(TAZ))
    assert list_issues(home, now) == [*OLD, TEN, ELEVEN]
    assert [request.path for request in server.requests] == [f"/{JOURNAL}/", *YEARS]
    server.requests.clear()
    first = [fetch(issue, home, now) for issue in OLD]
    assert [row.url for row in first] == [f"{server.url}/{ISSUES}/{issue.year}/{issue.name}.taz" for issue in OLD]
    assert len(server.requests) == 2
    server.on(f"{ISSUES}/2014/", status(404))
    assert list_issues(home, later) == [*OLD, TEN, ELEVEN]
    server.requests.clear()
    assert [fetch(issue, home, later) for issue in OLD] == [replace(row, is_new=False) for row in first]
    assert server.requests == []


def test_an_issue_of_an_earlier_year_that_is_listed_and_not_there_is_none(server, home, now):
    assert fetch(OLD[0], home, now) is None
    assert paths(server) == [f"/{place.path}" for place in reversed(OLD[0].places)]


def test_an_issue_is_not_asked_for_again_when_it_moves_to_its_year(server, home, now):
    server.on(TEN.path, file(TAZ))
    first = fetch(TEN, home, now)
    server.on(TEN.path, status(404))
    server.on(f"{ISSUES}/2026/", file(b"ANQ20260010.taz"))
    next_year = now.replace(year=2027)
    assert list_issues(home, next_year) == [TEN]
    server.requests.clear()
    assert fetch(TEN, home, next_year) == replace(first, is_new=False)
    assert server.requests == []


def test_last_years_issue_may_still_lie_in_the_folder_of_this_year(server, home, now):
    server.on(TEN.path, file(TAZ))
    assert fetch(TEN, home, now.replace(year=2027)).url == f"{server.url}/{TEN.path}"


def test_folders_of_earlier_years(tmp_path, now):
    home = Settings(tmp_path / "home", str(tmp_path))
    for issue in OLD:
        put(tmp_path, issue.places[1], TAZ)
    assert list_issues(home, now) == OLD
    assert fetch(OLD[0], home, now).path(home).read_bytes() == TAZ
    assert list_issues(home, now) == OLD
    put(tmp_path, TEN, TAZ)
    assert list_issues(home, now) == [*OLD, TEN]
