"""Which weekly issues a source has: by its folder, by its index page, or by asking for the next number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from etl.catalogue import JOURNAL, Issue, issues_named
from etl.fetch import manifest, source
from etl.settings import DILA, Settings

MISSING = 2  # in a row, and there are no more: a single number may be late, or have been skipped
_FILE = re.compile(rf"\bANQ\d{{8}}{re.escape(Issue.suffix)}\b")
_HIDDEN = frozenset({401, 403, 404, 410})  # the site does not show what its folder holds


def list_issues(settings: Settings, now: datetime) -> list[Issue]:
    """The issues that the source has, and those that it had at an earlier run, oldest first.

    A server that does not list them is asked for those after the last one that we have.

    Raises:
        SourceError: the source failed.
        UsageError: the source is neither a site nor a folder.
    """
    site = source.site(settings, DILA)
    root = site.base if site else source.folder(settings).resolve().as_uri()
    urls = {row.name: row.url for row in manifest.rows(settings)}
    had = [issue for issue in issues_named(urls) if urls[issue.name] == f"{root}/{issue.path}"]
    if site is None:
        return sorted({*had, *in_folder(source.folder(settings))})

    from etl.fetch import http, transfer

    index = f"{JOURNAL}/"
    page = http.patiently(
        lambda: site.page(index, "journal", now, absent=_HIDDEN),
        site.url(index),
        "what was published stays. Run again later",
    )
    listed = on_page((page.body or b"").decode(errors="replace")) if page else []
    return sorted({*had, *(listed or after(had, now.year, lambda issue: transfer.has(issue, site)))})


def in_folder(root: Path) -> list[Issue]:
    """The issues of a folder that holds the same tree as the site."""
    return issues_named(path.name for path in (root / JOURNAL).glob(f"*{Issue.suffix}"))


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
