"""Who may be asked, and as whom: credentials that show nowhere, and redirects that stay with the source."""

import logging
from base64 import b64encode
from dataclasses import replace

import httpx
import pytest

from etl.errors import SourceError, UsageError
from etl.fetch import fetch, http, latest, list_issues
from etl.fetch.manifest import append, manifest_path
from etl.settings import Settings
from tests.faults.server import faulty_server, file, redirect, status
from tests.fetch.zips import zip_of

BODY = zip_of("json/a.json", letters=60_000)
BASIC = f"Basic {b64encode(b'anne:s3/cr@t').decode()}"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    for name in ("ANQ_HTTP_AUTHORIZATION", "ANQ_ALLOW_HOSTS"):
        monkeypatch.delenv(name, raising=False)


def with_credentials(home, credentials):
    return replace(home, source=home.source.replace("://", f"://{credentials}@"))


@pytest.mark.parametrize("credentials", ["anne:s3/cr@t", "anne:s3%2Fcr%40t"])
def test_credentials_of_the_address_are_used_and_shown_nowhere(credentials, server, archive, home, now, caplog):
    secret = with_credentials(home, credentials)
    assert secret == home
    assert "anne" not in repr(secret)
    server.on(archive.path, file(BODY, etag='"a"', cut_after=20_000), status(503))
    with caplog.at_level(logging.DEBUG), pytest.raises(SourceError) as caught:
        fetch(archive, secret, now)
    kept = "".join(path.read_text(errors="replace") for path in home.raw.iterdir() if path.suffix == ".origin")
    server.on(archive.path, file(BODY, etag='"a"'))
    with caplog.at_level(logging.DEBUG):
        download = fetch(archive, secret, now)
    assert server.asked("authorization") == [BASIC]
    assert server.asked("range") != [None]
    assert download.url == f"{home.source}/{archive.path}"
    for text in (str(caught.value), kept, manifest_path(home).read_text(), caplog.text):
        assert "anne" not in text
        assert "s3" not in text


def test_a_user_without_a_password(home):
    assert with_credentials(home, "token").credentials == "token:"


def test_credentials_go_with_their_address_to_another_home_and_to_no_other_address(home, tmp_path):
    secret = with_credentials(home, "anne:secret")
    assert replace(secret, home=tmp_path).credentials == "anne:secret"
    assert replace(secret, source="http://elsewhere").credentials is None


@pytest.mark.parametrize("address", ["http://anne:secret@", "http://anne:secret@host:port", "http://anne:secret@[bad"])
def test_an_address_that_is_none_is_refused_without_its_credentials(address, archive, home, now):
    with pytest.raises(UsageError) as caught:
        fetch(archive, replace(home, source=address), now)
    assert "secret" not in str(caught.value)


def test_a_header_of_the_environment_comes_first(server, archive, home, now, monkeypatch):
    monkeypatch.setenv("ANQ_HTTP_AUTHORIZATION", "Bearer t0k3n")
    server.on(archive.path, file(BODY))
    fetch(archive, with_credentials(home, "anne:secret"), now)
    assert server.asked("authorization") == ["Bearer t0k3n"]


def test_netrc_is_read_for_the_host(server, archive, home, now, tmp_path):
    netrc = tmp_path / "user/.netrc"
    netrc.parent.mkdir()
    netrc.write_text("machine elsewhere login x password y\nmachine 127.0.0.1 login anne password s3/cr@t\n")
    netrc.chmod(0o600)
    server.on(archive.path, file(BODY))
    fetch(archive, home, now)
    assert server.asked("authorization") == [BASIC]
    netrc.write_text("machine 127.0.0.1 nonsense\n")
    with pytest.raises(UsageError, match="netrc"):
        fetch(archive, home, now)


def test_an_unchanged_archive_is_known_by_a_row_that_had_credentials(server, archive, home, now, later):
    server.on(archive.path, file(BODY, etag='"a"'))
    first = fetch(archive, home, now)
    append(replace(first, url=first.url.replace("://", "://anne:secret@")), home)
    assert latest(archive, home).url == first.url
    fetch(archive, with_credentials(home, "anne:secret"), later)
    assert server.asked("if-none-match") == [None, '"a"']


# -- redirects


@pytest.fixture(name="elsewhere")
def _elsewhere():
    with faulty_server() as server:
        server.on("x.zip", file(BODY))
        yield server


def test_a_redirect_to_another_port_is_refused(server, elsewhere, archive, home, now):
    server.on(archive.path, redirect(f"{elsewhere.url}/x.zip"))
    host = elsewhere.url.removeprefix("http://")
    with pytest.raises(SourceError, match=rf"17/QE: .* not the source's own host and port.*ANQ_ALLOW_HOSTS={host}$"):
        fetch(archive, home, now)
    assert (len(server.requests), elsewhere.requests) == (1, [])


def test_a_redirect_to_another_name_is_refused(server, archive, home, now):
    server.on(archive.path, redirect(f"{server.url.replace('127.0.0.1', 'localhost')}/x.zip"))
    with pytest.raises(SourceError, match="ANQ_ALLOW_HOSTS=localhost:"):
        fetch(archive, home, now)
    assert len(server.requests) == 1


def test_a_host_that_is_allowed_is_followed_without_the_credentials(server, elsewhere, archive, home, now, monkeypatch):
    monkeypatch.setenv("ANQ_ALLOW_HOSTS", f"cdn.example, {elsewhere.url.removeprefix('http://')}")
    server.on(archive.path, redirect(f"{elsewhere.url}/x.zip"))
    assert fetch(archive, with_credentials(home, "anne:s3/cr@t"), now).bytes == len(BODY)
    assert server.asked("authorization") == [BASIC]
    assert elsewhere.asked("authorization") == [None]


def test_credentials_in_a_redirect_are_not_shown(server, archive, home, now):
    elsewhere, here = "http://anne:secret@127.0.0.1:9/x@1.zip", f"{server.url}/y.zip".replace("://", "://anne:secret@")
    server.on("y.zip", status(403))
    for location in (elsewhere, here):
        server.on(archive.path, redirect(location))
        with pytest.raises(SourceError, match=location.replace("anne:secret@", "")) as caught:
            fetch(archive, home, now)
        assert "secret" not in str(caught.value)


def test_the_list_of_issues_does_not_follow_either(server, elsewhere, home, now):
    server.on("OPENDATA/Questions-Reponses/AN/Annee_en_cours/", redirect(f"{elsewhere.url}/x.zip"))
    with pytest.raises(SourceError, match=r"journal: .*ANQ_ALLOW_HOSTS"):
        list_issues(home, now)


@pytest.mark.parametrize(
    ("base", "there", "leads"),
    [
        ("http://site", "https://site/x", True),
        ("http://site:80", "https://site:443/x", True),
        ("http://site", "https://site:8443/x", False),
        ("https://site", "https://site:443/x", True),
        ("https://site", "https://www.site/x", False),
        ("https://site", "https://cdn/x", True),
        ("https://site", "https://cdn:444/x", False),
        ("https://site", "https://mirror:8443/x", True),
        ("https://site", "https://mirror/x", False),
    ],
)
def test_where_a_site_may_lead(base, there, leads):
    site = http.Site(base, allowed_hosts=frozenset({"cdn", "mirror:8443"}))
    assert site.leads_to(httpx.URL(there)) is leads


def test_the_assemblys_hosts_may_lead_to_each_other(tmp_path):
    from etl.fetch import source
    from etl.settings import PAGES

    site = source.site(Settings(tmp_path, "opendata"), PAGES)
    assert site is not None
    assert site.leads_to(httpx.URL("https://www.assemblee-nationale.fr/dyn/17/questions/QANR5L17QE1"))
    assert not site.leads_to(httpx.URL("https://example.org/"))
