"""What a source had and no longer has is a failure; what it never had is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from etl.catalogue import JOURNAL, Issue, archives, people
from etl.errors import SourceError
from etl.fetch import fetch, latest, list_issues
from etl.settings import Settings
from tests.faults.server import file, html_page, status
from tests.fetch.zips import zip_of
from tests.tazes import issue_of, put, question, redif

BODY = zip_of("json/a.json")
TAZ = issue_of(redif(question(1)))
INDEX = b'<a href="ANQ20260037.taz">ANQ20260037.taz</a> <a href="ANQ20260038.taz">ANQ20260038.taz</a>'
ISSUES = [Issue(2026, 37), Issue(2026, 38)]


@pytest.mark.parametrize("code", [404, 410])
@pytest.mark.parametrize("force", [False, True])
def test_an_archive_that_the_site_had(code, force, server, archive, home, now, later):
    server.on(archive.path, file(BODY))
    first = fetch(archive, home, now)
    server.on(archive.path, status(code))
    with pytest.raises(
        SourceError, match=r"^17/QE: the source no longer has it \(404\); it was last fetched on 2026-09-22; what was"
    ) as caught:
        fetch(archive, home, later, force=force)
    assert caught.value.exit_code == 3
    assert latest(archive, home) == replace(first, is_new=False)
    assert first.path(home).read_bytes() == BODY
    server.on(archive.path, file(BODY))
    assert not fetch(archive, home, later).is_new


def test_people_that_the_site_had(server, home, now, later):
    server.on(people().path, file(BODY))
    fetch(people(), home, now)
    server.on(people().path, status(404))
    with pytest.raises(SourceError, match=r"^17/people: the source no longer has it"):
        fetch(people(), home, later)
    assert fetch(people([18]), home, later) is None


def test_it_is_there_in_another_form(server, archive, home, now, later):
    server.on(archive.path, file(BODY))
    fetch(archive, home, now)
    server.on(archive.path, status(404))
    server.on(replace(archive, form="xml").path, file(zip_of("xml/a.xml")))
    assert fetch(archive, home, later).form == "xml"
    server.on(replace(archive, form="xml").path, status(404))
    with pytest.raises(SourceError, match="no longer has it"):
        fetch(archive, home, later)


def test_an_archive_that_the_folder_had(tmp_path, archive, now, later):
    home = Settings(tmp_path / "home", str(tmp_path / "site"))
    path = tmp_path / "site" / archive.path
    path.parent.mkdir(parents=True)
    path.write_bytes(BODY)
    fetch(archive, home, now)
    path.unlink()
    with pytest.raises(SourceError, match=r"^17/QE: the source no longer has it \(no such file\); it was last fetched"):
        fetch(archive, home, later)


def test_another_source_had_it_since(server, archive, home, now, later):
    server.on(archive.path, file(BODY))
    server.on(f"mirror/{archive.path}", file(BODY))
    fetch(archive, home, now)
    fetch(archive, replace(home, source=f"{server.url}/mirror"), later)
    server.on(archive.path, status(404))
    with pytest.raises(SourceError, match=r"no longer has it .* on 2026-09-22"):
        fetch(archive, home, later)


def test_another_source_never_had_it(server, archive, home, now, later, tmp_path):
    server.on(archive.path, file(BODY))
    fetch(archive, home, now)
    for other in (f"{server.url}/mirror", str(tmp_path)):
        assert fetch(archive, replace(home, source=other), later) is None
    assert fetch(archives([17], ["QG"])[0], home, later) is None


# -- the weekly issues


def fetched_issues(server, home, now):
    server.on(f"{JOURNAL}/", file(INDEX))
    for issue in ISSUES:
        server.on(issue.path, file(TAZ))
    for issue in list_issues(home, now):
        fetch(issue, home, now)


@pytest.mark.parametrize("behaviour", [status(404), html_page("Maintenance"), file(b"<html>Index of /</html>")])
def test_the_index_of_issues_is_gone_and_so_are_they(behaviour, server, home, now, later):
    fetched_issues(server, home, now)
    server.on(f"{JOURNAL}/", behaviour)
    for issue in ISSUES:
        server.on(issue.path, status(404))
    with pytest.raises(
        SourceError, match=r"^journal: the source no longer has .*; the last one that it had is ANQ20260038"
    ):
        list_issues(home, later)


def test_the_index_is_hidden_and_the_issues_are_there(server, home, now, later):
    fetched_issues(server, home, now)
    server.on(f"{JOURNAL}/", status(403))
    assert list_issues(home, later) == ISSUES


def test_a_new_year_has_none_yet(server, home, now, later):
    fetched_issues(server, home, now)
    server.on(f"{JOURNAL}/", file(b"<html>Index of /</html>"))
    for issue in ISSUES:
        server.on(issue.path, status(404))
    assert list_issues(home, later.replace(year=2027, month=1, day=4)) == ISSUES


def test_a_single_issue_is_gone_from_the_list(server, home, now, later):
    fetched_issues(server, home, now)
    server.on(f"{JOURNAL}/", file(INDEX[50:]))
    server.on(ISSUES[0].path, status(404))
    assert list_issues(home, later) == ISSUES
    assert fetch(ISSUES[0], home, later) is not None


def test_a_folder_of_issues_is_gone_or_empty(tmp_path, now, later):
    home = Settings(tmp_path / "home", str(tmp_path / "site"))
    (tmp_path / "site").mkdir()
    assert list_issues(home, now) == []
    for issue in ISSUES:
        put(tmp_path / "site", issue, TAZ)
        fetch(issue, home, now)
    for issue in ISSUES:
        (tmp_path / "site" / issue.path).unlink()
    new_year = later.replace(year=2027, month=1, day=4)
    assert list_issues(home, new_year) == ISSUES
    with pytest.raises(SourceError, match=r"^journal: the source no longer has .*/Annee_en_cours"):
        list_issues(home, later)
    (tmp_path / "site" / JOURNAL).rmdir()
    with pytest.raises(SourceError, match=r"^journal: the source no longer has .*/Annee_en_cours"):
        list_issues(home, new_year)
