"""Every fault of docs/source/formats.md 10, by what ended in raw/ and what the server was asked."""

import hashlib
from dataclasses import replace
from email.utils import format_datetime
from time import monotonic

import httpx
import pytest

from etl.errors import SourceError, UsageError
from etl.fetch import fetch, http, latest
from etl.fetch.manifest import rows
from etl.fetch.raw import Origin, Part
from tests.faults import server as faults
from tests.faults.server import file, html_page, redirect, refused_url, silent, status
from tests.fetch.zips import big_zip, zip_of

BODY = big_zip()
OTHER = big_zip(seed=2)
MONDAY = "Mon, 21 Sep 2026 02:05:52 GMT"
TUESDAY = "Tue, 22 Sep 2026 02:05:52 GMT"


def raw_files(settings):
    """What lies in raw/, without the manifest and the locks."""
    return {path.name for path in settings.raw.iterdir() if path.suffix not in (".lock", ".jsonl")}


def assert_kept(download, body, settings):
    assert download.sha256 == hashlib.sha256(body).hexdigest()
    assert download.bytes == len(body)
    assert download.path(settings).read_bytes() == body


def assert_only(body, settings):
    assert raw_files(settings) == {f"{hashlib.sha256(body).hexdigest()}.zip"}


def test_first_download(server, archive, home, now):
    seen = []
    server.on(archive.path, file(BODY, etag='"a"', last_modified=MONDAY))
    download = fetch(archive, home, now, progress=lambda *told: seen.append(told))
    assert_kept(download, BODY, home)
    assert_only(BODY, home)
    assert download.is_new
    assert (download.url, download.etag, download.last_modified, download.fetched_at) == (
        f"{server.url}/{archive.path}",
        '"a"',
        MONDAY,
        now,
    )
    assert seen[-1] == ("17/QE", len(BODY), len(BODY))
    assert latest(archive, home) == replace(download, is_new=False)
    assert server.asked("accept-encoding") == ["identity"]
    assert server.asked("user-agent")[0].startswith("anq/")


@pytest.mark.parametrize(
    ("validators", "header", "value"),
    [
        ({"etag": '"a"'}, "If-None-Match", '"a"'),
        ({"etag": 'W/"a"'}, "If-None-Match", 'W/"a"'),
        ({"last_modified": MONDAY}, "If-Modified-Since", MONDAY),
    ],
)
def test_unchanged_is_not_downloaded_again(*, validators, header, value, server, archive, home, now, later):
    server.on(archive.path, file(BODY, **validators))
    first = fetch(archive, home, now)
    second = fetch(archive, home, later)
    assert server.asked(header) == [None, value]
    assert second == replace(first, is_new=False)
    assert len(rows(home)) == 1


@pytest.mark.parametrize("validators", [{"etag": '"a"'}, {"last_modified": MONDAY}])
def test_server_deaf_to_conditions_is_left_at_the_headers(*, validators, server, archive, home, now, later):
    server.on(archive.path, file(BODY, conditional=False, **validators))
    first = fetch(archive, home, now)
    second = fetch(archive, home, later, progress=lambda *_: pytest.fail("downloaded"))
    assert second == replace(first, is_new=False)


def test_without_validators_the_content_decides(server, archive, home, now, later):
    server.on(archive.path, file(BODY), file(BODY), file(OTHER))
    first = fetch(archive, home, now)
    same = fetch(archive, home, later)
    assert not same.is_new
    assert (same.sha256, same.fetched_at) == (first.sha256, now)
    other = fetch(archive, home, later)
    assert other.is_new
    assert_kept(other, OTHER, home)
    assert other.fetched_at == later
    assert first.path(home).exists()


def test_rebuilt_archive_with_the_same_content_is_not_new_but_its_validator_is_learnt(
    server, archive, home, now, later
):
    server.on(archive.path, file(BODY, last_modified=MONDAY), file(BODY, last_modified=TUESDAY))
    fetch(archive, home, now)
    rebuilt = fetch(archive, home, later)
    assert not rebuilt.is_new
    assert rebuilt.fetched_at == now
    fetch(archive, home, later)
    assert server.asked("If-Modified-Since") == [None, MONDAY, TUESDAY]
    assert latest(archive, home).fetched_at == now


def test_content_that_comes_back_is_new_again(server, archive, home, now, later):
    server.on(archive.path, file(BODY), file(OTHER), file(BODY))
    news = [fetch(archive, home, moment).is_new for moment in (now, now, later)]
    assert news == [True, True, True]
    assert latest(archive, home).fetched_at == later


def test_force_downloads_all_the_same(server, archive, home, now, later):
    server.on(archive.path, file(BODY, etag='"a"'))
    fetch(archive, home, now)
    again = fetch(archive, home, later, force=True)
    assert server.asked("If-None-Match") == [None, None]
    assert not again.is_new
    assert again.fetched_at == now


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PK")])
def test_lost_raw_file_is_fetched_again_without_condition(spoil, server, archive, home, now):
    server.on(archive.path, file(BODY, etag='"a"'))
    spoil(fetch(archive, home, now).path(home))
    again = fetch(archive, home, now)
    assert server.asked("If-None-Match") == [None, None]
    assert_kept(again, BODY, home)
    assert not again.is_new


def test_validator_of_another_source_is_not_used(server, archive, home, now):
    server.on(archive.path, file(BODY, etag='"a"'))
    fetch(archive, home, now)
    server.on(f"mirror/{archive.path}", file(OTHER, etag='"a"'))
    download = fetch(archive, replace(home, source=f"{server.url}/mirror/"), now)
    assert server.asked("If-None-Match") == [None]
    assert_kept(download, OTHER, home)


@pytest.mark.parametrize("code", [404, 410])
def test_absent_archive_is_none(code, server, archive, home, now):
    server.on(archive.path, status(code))
    assert fetch(archive, home, now) is None
    assert [request.path.rpartition("/")[2] for request in server.requests] == [
        "Questions_ecrites.json.zip",
        "Questions_ecrites.xml.zip",
    ]


@pytest.mark.parametrize("reset", [False, True])
def test_cut_body_goes_on_by_range(reset, server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000, reset=reset),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, "bytes=50000-"]
    assert server.asked("If-Range") == [None, '"a"']
    assert_only(BODY, home)


@pytest.mark.parametrize(
    "validators",
    [{"last_modified": MONDAY}, {"etag": 'W/"a"', "last_modified": MONDAY}],
    ids=["date", "weak"],
)
def test_without_a_strong_etag_the_range_hangs_on_the_date(validators, server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, cut_after=50_000, **validators),
        file(BODY, **validators, validators_in_206=False),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("If-Range") == [None, MONDAY]


@pytest.mark.parametrize("validators", [{}, {"etag": 'W/"a"'}], ids=["none", "weak"])
def test_without_a_validator_a_cut_body_starts_again(validators, server, archive, home, now):
    server.on(archive.path, file(BODY, cut_after=50_000, **validators), file(OTHER))
    assert_kept(fetch(archive, home, now), OTHER, home)
    assert server.asked("Range") == [None, None]


def test_many_cuts_each_with_progress_do_not_use_up_the_tries(server, archive, home, now):
    server.on(archive.path, *[file(BODY, etag='"a"', cut_after=25_000)] * 7, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert len(server.requests) == 8


def test_range_ignored_starts_from_zero(server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(BODY, etag='"a"', ranges="ignored"),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range")[1] == "bytes=50000-"


def test_archive_that_changed_between_two_tries_starts_from_zero(server, archive, home, now):
    server.on(archive.path, file(BODY, etag='"a"', cut_after=50_000), file(OTHER, etag='"b"'))
    download = fetch(archive, home, now)
    assert_kept(download, OTHER, home)
    assert download.etag == '"b"'


@pytest.mark.parametrize("body", [OTHER, BODY], ids=["other bytes", "same bytes"])
def test_206_of_another_state_is_not_sewn_on(*, body, server, archive, home, now):
    def deaf_to_if_range(handler):
        del handler.headers["If-Range"]
        file(body, etag='"b"')(handler)

    server.on(archive.path, file(BODY, etag='"a"', cut_after=50_000), deaf_to_if_range)
    download = fetch(archive, home, now)
    assert_kept(download, body, home)
    assert download.etag == '"b"'
    assert server.asked("Range") == [None, "bytes=50000-", None]


def test_archive_that_changed_and_is_cut_again_goes_on_from_its_own_bytes(server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(OTHER, etag='"b"', cut_after=10_000),
        file(OTHER, etag='"b"'),
    )
    assert_kept(fetch(archive, home, now), OTHER, home)
    assert server.asked("Range") == [None, "bytes=50000-", "bytes=10000-"]
    assert server.asked("If-Range") == [None, '"a"', '"b"']


def test_whole_body_shorter_than_what_had_come_leaves_no_tail(server, archive, home, now):
    short = zip_of("json/a.json")
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000, chunked=True),
        file(short, etag='"a"', ranges="ignored", chunked=True),
    )
    assert_kept(fetch(archive, home, now), short, home)


@pytest.mark.parametrize(
    "content_range",
    ["bytes 0-99/100", f"bytes 49999-{len(BODY) - 1}/{len(BODY)}", "bytes 50000-", "bytes */5"],
)
def test_206_of_other_bytes_is_not_sewn_on(content_range, server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(BODY, etag='"a"', content_range=content_range),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, "bytes=50000-", None]


def test_206_of_wrong_bytes_under_the_right_names_fails_on_the_crc_and_starts_again(server, archive, home, now):
    spoilt = BODY[:60_000] + bytes(60_000) + BODY[120_000:]
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(spoilt, etag='"a"'),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, "bytes=50000-", None]


@pytest.mark.parametrize("length", [None, 0])
def test_range_of_no_bytes_is_followed_by_a_whole_request(length, server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(BODY, etag='"a"', ranges="empty", length=length),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, "bytes=50000-", None]


def test_shorter_whole_request_does_not_lose_what_had_come(server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        file(BODY, etag='"a"', ranges="empty"),
        file(BODY, etag='"a"', cut_after=10_000),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, "bytes=50000-", None, "bytes=50000-"]


def test_page_in_place_of_a_zip_does_not_lose_what_had_come(server, archive, home, now):
    server.on(
        archive.path,
        file(BODY, etag='"a"', cut_after=50_000),
        html_page("Error 503 Service Unavailable"),
        status(503),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None, *["bytes=50000-"] * 3]


def test_what_had_come_serves_the_next_run(server, archive, home, now):
    server.on(archive.path, file(BODY, etag='"a"', cut_after=50_000), status(503))
    with pytest.raises(SourceError, match="goes on"):
        fetch(archive, home, now)
    assert "17-QE.json.part" in raw_files(home)
    server.on(archive.path, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == ["bytes=50000-"]
    assert_only(BODY, home)


def test_part_of_another_source_is_thrown_away(server, archive, home, now):
    part = Part(archive, home)
    home.raw.mkdir(parents=True)
    part.begin(Origin("http://elsewhere/x.zip", etag='"a"'))
    part.path.write_bytes(OTHER[:50_000])
    server.on(archive.path, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None]


def test_part_without_its_note_is_thrown_away(server, archive, home, now):
    home.raw.mkdir(parents=True)
    Part(archive, home).path.write_bytes(BODY[:50_000])
    server.on(archive.path, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [None]


def test_note_without_its_part_is_thrown_away(server, archive, home, now):
    part = Part(archive, home)
    home.raw.mkdir(parents=True)
    part.begin(Origin(f"{server.url}/{archive.path}", etag='"a"', total=len(BODY)))
    part.path.unlink()
    server.on(archive.path, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert_only(BODY, home)


def test_part_that_was_already_whole_is_asked_for_again(server, archive, home, now):
    part = Part(archive, home)
    home.raw.mkdir(parents=True)
    part.begin(Origin(f"{server.url}/{archive.path}", etag='"a"', total=len(BODY)))
    part.path.write_bytes(BODY)
    server.on(archive.path, file(BODY, etag='"a"'))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert server.asked("Range") == [f"bytes={len(BODY)}-", None]


TRANSIENT = {
    "cut": file(BODY, cut_after=50_000),
    "reset": faults.reset_connection,
    "reset in the body": file(BODY, cut_after=50_000, reset=True),
    "cut in chunks": file(BODY, cut_after=50_000, chunked=True),
    "announced longer": file(BODY, length=len(BODY) + 10),
    "announced shorter": file(BODY, length=len(BODY) - 10),
    "cut without a word": file(BODY[:-10]),
    "middle missing": file(BODY[:50_000] + BODY[60_000:]),
    "page": html_page("50x"),
    "text": status(200, body=b"Error 503"),
    "empty": status(200),
    "compressed": status(200, {"Content-Encoding": "br"}, BODY),
    "408": status(408),
    "429": status(429, {"Retry-After": "0"}),
    "500": status(500),
    "502": status(502),
    "503": status(503, {"Retry-After": "nonsense"}),
    "504": status(504),
    "304 unasked": status(304),
    "206 unasked": status(206, {"Content-Range": "bytes 0-9/10"}),
    "silent": silent(0.7),
}


@pytest.mark.parametrize("fault", TRANSIENT)
def test_passing_fault_is_tried_again(fault, server, archive, home, now):
    server.on(archive.path, TRANSIENT[fault], file(BODY))
    assert_kept(fetch(archive, home, now), BODY, home)
    assert len(server.requests) == 2
    assert_only(BODY, home)


@pytest.mark.parametrize("fault", sorted(set(TRANSIENT) - {"silent"}))
def test_lasting_fault_is_an_error_that_names_the_archive_and_leaves_raw_as_it_was(fault, server, archive, home, now):
    server.on(archive.path, file(OTHER, etag='"a"'), TRANSIENT[fault])
    before = fetch(archive, home, now)
    if fault == "304 unasked":
        before.path(home).unlink()
    with pytest.raises(SourceError, match=f"17/QE: .* 4 tries of {server.url}/.*Run again") as caught:
        fetch(archive, home, now)
    assert caught.value.exit_code == 3
    assert server.seen(5) == 5
    assert latest(archive, home) == replace(before, is_new=False)
    assert raw_files(home) - {before.path(home).name} <= {"17-QE.json.part", "17-QE.json.part.origin"}


def test_error_says_what_page_came(server, archive, home, now):
    server.on(archive.path, html_page("The page cannot be found"))
    with pytest.raises(SourceError, match="not a zip but a page of type text/html titled 'The page cannot be"):
        fetch(archive, home, now)


def test_refused_connection(archive, home, now):
    with refused_url() as url, pytest.raises(SourceError, match=r"17/QE: ConnectError.* 4 tries"):
        fetch(archive, replace(home, source=url), now)


@pytest.mark.parametrize("code", [401, 403, 400, 451])
def test_refusal_is_not_argued_with(code, server, archive, home, now):
    server.on(archive.path, status(code))
    with pytest.raises(SourceError, match=f"17/QE: {code} .*{archive.path}"):
        fetch(archive, home, now)
    assert len(server.requests) == 1


def waited_s(server, archive, home, now, *behaviours):
    server.on(archive.path, *behaviours, file(BODY))
    start = monotonic()
    fetch(archive, home, now)
    return monotonic() - start


def test_retry_after_is_honoured_up_to_a_cap(server, archive, home, now):
    cases = [
        (status(429, {"Retry-After": "3600"}), 0.3),
        (status(503, {"Retry-After": "0"}), 0.0),
    ]
    for behaviour, least in cases:
        assert waited_s(server, archive, home, now, behaviour) >= least


def test_retry_after_as_a_date_is_read_by_the_clock_of_the_server(later):
    date = format_datetime(later, usegmt=True)
    asked = httpx.Response(429, headers={"Retry-After": date, "Date": "Wed, 23 Sep 2026 04:29:15 GMT"})
    assert http.retry_after_s(asked, later) == 45
    assert http.retry_after_s(httpx.Response(429, headers={"Retry-After": date}), later) == 0


def test_slow_drip_is_given_up_and_gone_on_from(server, archive, home, now, monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", replace(http.PATIENCE, floor_s=0.3, floor_bytes=50_000))
    server.on(
        archive.path,
        file(BODY, etag='"a"', drip_s=0.02, drip_bytes=500),
        file(BODY, etag='"a"'),
    )
    assert_kept(fetch(archive, home, now), BODY, home)
    asked = server.asked("Range")
    assert len(asked) == 2
    assert 0 < int(asked[1].removeprefix("bytes=").removesuffix("-")) < 50_000


def test_slow_for_good_says_so(server, archive, home, now, monkeypatch):
    monkeypatch.setattr(http, "PATIENCE", replace(http.PATIENCE, tries=2, floor_s=0.2, floor_bytes=50_000))
    server.on(archive.path, file(BODY, drip_s=0.02, drip_bytes=500))
    with pytest.raises(SourceError, match=r"17/QE: too slow: [\d,]+ bytes in 0.2 s"):
        fetch(archive, home, now)


def test_endless_body_is_not_swallowed(server, archive, home, now, monkeypatch):
    monkeypatch.setattr(http, "MAX_ARCHIVE_BYTES", 100_000)
    server.on(archive.path, file(BODY, etag='"a"'))
    with pytest.raises(SourceError, match="17/QE: more than 100,000 bytes"):
        fetch(archive, home, now)
    assert raw_files(home) == set()


def test_redirect_is_followed(server, archive, home, now):
    server.on("moved.zip", file(BODY))
    server.on(archive.path, redirect(f"{server.url}/moved.zip"))
    download = fetch(archive, home, now)
    assert_kept(download, BODY, home)
    assert download.url == f"{server.url}/{archive.path}"


def test_redirect_in_circles_ends(server, archive, home, now):
    server.on(archive.path, redirect(f"/{archive.path}"))
    with pytest.raises(SourceError, match="17/QE: TooManyRedirects"):
        fetch(archive, home, now)


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x.zip", "file:///etc/hostname"])
def test_redirect_to_something_else_is_refused(location, server, archive, home, now):
    server.on(archive.path, redirect(location))
    with pytest.raises(SourceError, match="not as safe"):
        fetch(archive, home, now)
    assert len(server.requests) == 1


def test_redirect_from_https_to_http_is_refused():
    site = {"site": http.Site("https://site"), "what": "17/QE"}
    request = httpx.Request("GET", "https://site/x.zip", extensions=site)
    response = httpx.Response(302, headers={"Location": "http://site/x.zip"}, request=request)
    with pytest.raises(SourceError, match="not as safe"):
        http._refuse_unsafe_redirect(response)


def test_hostile_zip_is_refused_at_once_and_not_kept(server, archive, home, now):
    server.on(archive.path, file(zip_of("json/a.json", "../../etc/cron.d/x.json"), etag='"a"'))
    with pytest.raises(SourceError, match=r"17/QE .*leads outside"):
        fetch(archive, home, now)
    assert len(server.requests) == 1
    assert raw_files(home) == set()
    assert latest(archive, home) is None


@pytest.mark.parametrize("source", ["http://", "https:///x", "http://[bad", "http://host:port"])
def test_address_without_a_host_is_a_usage_error(source, archive, home, now):
    with pytest.raises(UsageError, match="source"):
        fetch(archive, replace(home, source=source), now)


# -- another form


def test_xml_is_fetched_where_there_is_no_json_gone_on_with_and_not_fetched_twice(server, archive, home, now, later):
    in_xml = replace(archive, form="xml")
    body = zip_of("xml/a.xml", letters=60_000)
    server.on(archive.path, status(404))
    server.on(in_xml.path, file(body, etag='"a"', cut_after=20_000), status(503))
    with pytest.raises(SourceError):
        fetch(archive, home, now)
    assert "17-QE.xml.part" in raw_files(home)
    server.on(in_xml.path, file(body, etag='"a"'))
    download = fetch(archive, home, now)
    assert server.asked("Range")[-1] is not None
    assert_kept(download, body, home)
    assert download.form == "xml"
    assert fetch(archive, home, later) == replace(download, is_new=False)
    assert server.asked("If-None-Match")[-2:] == [None, '"a"']


def test_what_a_cut_left_of_another_form_is_removed(server, archive, home, now):
    home.raw.mkdir(parents=True)
    for name in ("17-QE.xml.part", "17-QE.xml.part.origin"):
        (home.raw / name).write_bytes(b"{}")
    server.on(archive.path, file(BODY))
    assert_kept(fetch(archive, home, now), BODY, home)
