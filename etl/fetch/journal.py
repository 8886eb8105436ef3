"""Which of the Journal officiel's issues a source has: by a folder, by its index page, or by asking for the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from etl.catalogue import JOURNAL, Issue, issues_named

MISSING = 2  # in a row, and there are no more: one alone may be late, or have been skipped
_FILE = re.compile(rf"\bANQ\d{{8}}{re.escape(Issue.suffix)}\b")


def in_folder(root: Path) -> list[Issue]:
    """The issues of a directory that holds the same tree as the site."""
    return issues_named(path.name for path in (root / JOURNAL).glob(f"*{Issue.suffix}"))


def on_page(html: str) -> list[Issue]:
    """The issues that an index page has links to, whoever wrote the page."""
    return issues_named(_FILE.findall(html))


def after(had: Sequence[Issue], year: int, has: Callable[[Issue], bool]) -> Iterator[Issue]:
    """The issues that come after those we had, as the source is asked for one number after the other.

    Args:
        had: oldest first.
        year: this year, whose issues the folder holds; at its beginning the last ones of the year before may be there.
        has: asks the source.
    """
    last = had[-1] if had else Issue(year, 0)
    for one in sorted({last.year, year}):
        number, missing = (last.number if one == last.year else 0), 0
        while missing < MISSING:
            number += 1
            issue = Issue(one, number)
            if has(issue):
                missing = 0
                yield issue
            else:
                missing += 1
