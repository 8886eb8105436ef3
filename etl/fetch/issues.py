"""Which weekly issues a source has: by its folders, by its index pages, or by asking for the next number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from etl.catalogue import FIRST_ISSUES, ISSUES, JOURNAL, Issue, issues_named
from etl.errors import SourceError
from etl.fetch import manifest, source
from etl.settings import DILA, Settings

if TYPE_CHECKING:
    from etl.fetch.http import Site

MISSING = 2  # in a row, and there are no more: a single number may be late, or have been skipped
_FILE = re.compile(rf"\bANQ\d{{8}}{re.escape(Issue.suffix)}\b")
_HIDDEN = frozenset({401, 403, 404, 410})  # the site does not show what its folder holds


def list_issues(settings: Settings, now: datetime) -> list[Issue]:
    """The issues that the source has, and those that it had at an earlier run, oldest first.

    A server that does not list those of this year is asked for the numbers after the last one that we have. Those of
    an earlier year are the ones that its folder, or the index page of it, lists.

    Args:
        settings: home and source.
        now: its year is this year.

    Raises:
        SourceError: the source failed, or no longer has the issues of this year that it had.
        UsageError: the source is neither a site nor a folder.
    """
    site = source.site(settings, DILA)
    root = site.base if site else source.folder(settings).resolve().as_uri()
    urls = {row.name: row.url for row in manifest.rows(settings)}
    had = [issue for issue in issues_named(urls) if urls[issue.name] in {f"{root}/{at.path}" for at in issue.places}]
    here = [issue for issue in had if urls[issue.name] == f"{root}/{issue.path}"]
    listed = _of_this_year(settings, site, now, had)
    if not listed and here and _are_gone(settings, site, now, here):
        raise SourceError(
            f"journal: the source no longer has {root}/{JOURNAL}, or no issue in it; the last one that it had is "
            f"{here[-1].name}; what was published stays. If it has moved, mend its path in etl/catalogue.py"
        )
    return sorted({*had, *listed, *_of_earlier_years(settings, site, now)})


def _of_this_year(settings: Settings, site: Site | None, now: datetime, had: Sequence[Issue]) -> list[Issue]:
    if site is None:
        return in_folder(source.folder(settings) / JOURNAL)

    from etl.fetch import transfer

    return _listed(site, JOURNAL, now) or list(after(had, now.year, lambda issue: transfer.has(issue, site)))


def _are_gone(settings: Settings, site: Site | None, now: datetime, had: Sequence[Issue]) -> bool:
    """Whether the folder of this year, in which no issue is to be seen, should have some: at a new year it is empty."""
    of_this_year = [issue for issue in had if issue.year == now.year]
    if site is None:
        return bool(of_this_year) or not (source.folder(settings) / JOURNAL).is_dir()

    from etl.fetch import transfer

    return bool(of_this_year) and transfer.is_gone(of_this_year[-1], site)


def _of_earlier_years(settings: Settings, site: Site | None, now: datetime) -> Iterator[Issue]:
    for year in range(FIRST_ISSUES, now.year):
        folder = f"{ISSUES}/{year}"
        listed = _listed(site, folder, now) if site else in_folder(source.folder(settings) / folder)
        yield from (issue for issue in listed if issue.year == year)


def _listed(site: Site, folder: str, now: datetime) -> list[Issue]:
    """What the index page of a folder lists; nothing when the site has or shows none."""
    from etl.fetch import http

    page = http.patiently(
        lambda: site.page(f"{folder}/", "journal", now, absent=_HIDDEN),
        site.url(f"{folder}/"),
        "what was published stays. Run again later",
    )
    return on_page((page.body or b"").decode(errors="replace")) if page else []


def in_folder(folder: Path) -> list[Issue]:
    """The issues in a folder; none when it is not there."""
    return issues_named(path.name for path in folder.glob(f"*{Issue.suffix}"))


def on_page(html: str) -> list[Issue]:
    """The issues that an index page links to, whatever else is on it."""
    return issues_named(_FILE.findall(html))


def after(had: Sequence[Issue], this_year: int, has: Callable[[Issue], bool]) -> Iterator[Issue]:
    """The issues that come after those we had; the source is asked for one number after the other.

    Args:
        had: oldest first.
        this_year: whose issues the folder holds; at its beginning the last of the year before may be there.
        has: asks the source.
    """
    last = had[-1] if had else Issue(this_year, 0)
    for year in sorted({last.year, this_year}):
        number, missing = (last.number if year == last.year else 0), 0
        while missing < MISSING:
            number += 1
            issue = Issue(year, number)
            if has(issue):
                missing = 0
                yield issue
            else:
                missing += 1
