"""`anq crawl`, against a site on loopback: polite, resumed, conditional; an error page is not a question."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from etl.catalogue import page_path
from etl.fetch import http
from tests.e2e.command import Anq
from tests.faults.server import FaultyServer, faulty_server, file, status
from tests.parse.test_fiche import fiche
from tests.warehouse.days import query

ERROR = b"<html><title>x</title><h1>Error 503 Service Unavailable</h1></html>"


def of(number: int, **fields: str) -> bytes:
    return fiche(NUM=str(number), **fields).encode("latin-1")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyServer]:
    patience = http.Patience(tries=2, first_wait_s=0.01, longest_wait_s=0.01, connect_s=5, read_s=5)
    monkeypatch.setattr(http, "PATIENCE", patience)
    with faulty_server() as started:
        for number in (1, 2, 5):
            started.on(page_path(12, "QE", number), file(of(number), etag=f'"{number}"'))
        started.on(page_path(12, "QE", 3), file(ERROR))
        started.on(page_path(12, "QE", 6), file(of(7)))
        yield started


@pytest.fixture
def crawl(anq: Anq, server: FaultyServer, tmp_path: Path):
    return lambda *how: anq(
        "--home", tmp_path, "--source", server.url, "crawl", "-l", 12, "-t", "qe", "--pace", 0.01, *how
    )


def loaded(home: Path) -> list[int]:
    return [
        number
        for (number,) in query(home / "warehouse/current.duckdb", "SELECT question_number FROM questions ORDER BY 1")
    ]


def paths(server: FaultyServer) -> list[str]:
    return [one.path for one in server.requests]


def test_what_is_there_is_loaded_and_gaps_are_noted(crawl, server, tmp_path):
    said = crawl("--numbers", "1-3,4-6")
    assert (said.exit_code, loaded(tmp_path)) == (0, [1, 2, 5])
    assert paths(server) == ["/robots.txt", *(f"/{page_path(12, 'QE', number)}" for number in range(1, 7))]
    assert 'no question: the document is an error page: "Error 503 Service Unavailable"' in said.err
    (told,) = query(tmp_path / "warehouse/current.duckdb", "SELECT message FROM ops.outcomes WHERE step = 'crawl'")
    assert told[0].startswith("no question: 3 (the document is an error page")
    assert "4 (the site has none), 6 (it is that of 12/QE 7)" in told[0]


def test_again_asks_only_whether_it_changed(crawl, server, tmp_path):
    crawl("--numbers", "1-2")
    server.on(page_path(12, "QE", 1), status(304))
    server.on(page_path(12, "QE", 2), file(of(2, REP="Oui.", DPR="01/02/2005", PGREP="9"), etag='"new"'))
    assert crawl("--numbers", "1-2").exit_code == 0
    assert server.asked("If-None-Match") == [None, '"1"', '"2"']
    assert query(tmp_path / "warehouse/current.duckdb", "SELECT question_number, answer_text FROM questions ORDER BY 1") == [
        (1, None), (2, "Oui."),
    ]  # fmt: skip


def test_it_goes_on_where_the_site_failed(crawl, server, tmp_path):
    server.on(page_path(12, "QE", 2), status(500), status(500), file(of(2)))
    said = crawl("--numbers", "1-3")
    assert said.exit_code == 3
    assert "500" in said.err
    assert "run again" in said.err
    server.requests.clear()
    assert crawl("--numbers", "1-3").exit_code == 0
    assert paths(server) == ["/robots.txt", *(f"/{page_path(12, 'QE', number)}" for number in (2, 3))]
    assert loaded(tmp_path) == [1, 2]
    assert not list((tmp_path / "raw/documents").glob("*.crawl"))


def test_robots_are_heeded(crawl, server, tmp_path):
    server.on("robots.txt", file(b"User-agent: *\nDisallow: /q12/\n"))
    said = crawl("--numbers", "1")
    assert (said.exit_code, "robots.txt" in said.err, paths(server)) == (3, True, ["/robots.txt"])
    server.on("robots.txt", status(503))
    assert crawl("--numbers", "1").exit_code == 3
    server.on("robots.txt", file(b"User-agent: anq\nCrawl-delay: 1\nAllow: /\n"))
    began = time.monotonic()
    assert crawl("--numbers", "1").exit_code == 0
    assert time.monotonic() - began > 1


def test_half_a_page_is_no_question(crawl, server, tmp_path):
    whole = of(1)
    server.on(page_path(12, "QE", 1), file(whole[: whole.index(b"</QUEST>")]))
    said = crawl("--numbers", "1-2")
    assert (said.exit_code, loaded(tmp_path)) == (0, [2])
    assert "12/QE 1: no question: the document is cut" in said.err
    server.on(page_path(12, "QE", 1), file(whole))
    crawl("--numbers", "1-2")
    assert loaded(tmp_path) == [1, 2]


def test_one_request_a_second_by_default(anq, server, tmp_path):
    times = []

    def behaviour(number):
        page = file(of(number))
        return lambda handler: (times.append(time.monotonic()), page(handler))

    for number in (1, 2):
        server.on(page_path(12, "QE", number), behaviour(number))
    said = anq("--home", tmp_path, "--source", server.url, "crawl", "-l", 12, "-t", "QE", "--numbers", "1-2")
    assert said.exit_code == 0
    assert all(later - sooner > 0.99 for sooner, later in pairwise(times))


@pytest.mark.parametrize("how", [("--numbers", "0-3"), ("--numbers", "5-3"), ("--numbers", "a")])
def test_numbers_that_are_none(crawl, how):
    said = crawl(*how)
    assert (said.exit_code, "no range of numbers" in said.err) == (2, True)


def test_the_sample_cannot_be_crawled(anq, tmp_path):
    said = anq("--home", tmp_path, "crawl", "-l", 12, "-t", "QE", "--numbers", "1")
    assert (said.exit_code, "--source opendata" in said.err) == (2, True)


def test_from_the_fourteenth_on_the_xml_is_asked_for():
    assert page_path(14, "QE", 7) == "q14/14-7QE.htm/vue/xml"
    assert page_path(13, "QOSD", 7) == "q13/13-7QOSD.htm"
