"""The next legislature is found by itself, and by nothing else."""

from dataclasses import replace

import pytest

from etl.catalogue import archive as archive_of
from etl.catalogue import archives
from etl.errors import SourceError
from etl.fetch import fetch, http, next_legislatures
from etl.settings import Settings
from tests.faults import server as faults
from tests.faults.server import file, html_page, refused_url, silent, status
from tests.fetch.zips import big_zip, zip_of

NEXT = archive_of(18, "QE")


def test_it_opens_and_is_fetched_like_the_others(server, home, now):
    server.on(NEXT.path, file(zip_of("json/QANR5L18QE1.json")))
    assert next_legislatures(home) == (18,)
    (opened,) = archives([18], ["QE"], next_legislatures(home))
    assert fetch(opened, home, now).is_new


def test_only_its_first_bytes_are_asked_for(server, home):
    server.on(NEXT.path, file(big_zip(kilobytes=50), drip_s=0.1, drip_bytes=100))
    assert next_legislatures(home) == (18,)


CLOSED = {
    "404": status(404),
    "500": status(500),
    "503": status(503, {"Retry-After": "60"}),
    "page": html_page("The page cannot be found"),
    "empty": status(200),
    "silent": silent(0.8),
    "drip": file(b"PK\x03\x04" * 50, drip_s=0.3),
    "reset": faults.reset_connection,
    "circle": faults.redirect(f"/{NEXT.path}"),
    "unsafe": faults.redirect("ftp://127.0.0.1/"),
}


@pytest.mark.parametrize("answer", CLOSED)
def test_anything_but_a_zip_is_a_no_and_is_not_tried_again(answer, server, home, monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", replace(http.PATIENCE, probe_s=0.5))
    server.on(NEXT.path, CLOSED[answer])
    assert next_legislatures(home) == ()
    assert len(server.requests) == (6 if answer == "circle" else 1)


def test_server_that_is_down_has_none(home):
    with refused_url() as url:
        assert next_legislatures(replace(home, source=url)) == ()


def test_once_fetched_it_stays_in_the_list_when_the_server_is_down(server, home, now):
    server.on(NEXT.path, file(zip_of("json/QANR5L18QE1.json")))
    fetch(NEXT, home, now)
    server.on(NEXT.path, status(503))
    assert next_legislatures(home) == (18,)


def test_one_at_a_time_even_from_a_server_that_says_yes_to_all(server, home, now):
    for number in range(18, 25):
        server.on(archive_of(number, "QE").path, file(zip_of("json/a.json")))
    assert next_legislatures(home) == (18,)
    fetch(NEXT, home, now)
    assert next_legislatures(home) == (18, 19)


def test_in_a_directory(tmp_path):
    home = Settings(tmp_path / "home", str(tmp_path))
    assert next_legislatures(home) == ()
    (tmp_path / NEXT.path).parent.mkdir(parents=True)
    (tmp_path / NEXT.path).write_bytes(zip_of("json/a.json"))
    assert next_legislatures(home) == (18,)


def test_an_archive_without_a_question_is_one_that_is_not_there_yet(server, home, now, later):
    server.on(NEXT.path, file(zip_of(), etag='"a"'))
    assert fetch(NEXT, home, now) is None
    assert not list(home.raw.glob("*.part*"))
    server.on(NEXT.path, file(zip_of("json/QANR5L18QE1.json"), etag='"b"'))
    assert fetch(NEXT, home, later).is_new
    server.on(NEXT.path, file(zip_of(), etag='"c"'))  # once it had some, it is an error
    with pytest.raises(SourceError, match=r"18/QE .*no JSON document"):
        fetch(NEXT, home, later)


def test_an_archive_of_a_known_legislature_without_a_question_is_an_error(server, home, now):
    archive = archive_of(17, "QE")
    server.on(archive.path, file(zip_of()))
    with pytest.raises(SourceError, match=r"17/QE .*no JSON document"):
        fetch(archive, home, now)
