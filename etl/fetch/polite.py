"""Single pages, asked for politely: robots.txt is respected, and no two requests are closer than a pace."""

from __future__ import annotations

import time
from datetime import datetime
from functools import cached_property
from urllib.robotparser import RobotFileParser

from etl.errors import SourceError
from etl.fetch import http

AGENT = "anq"


class Polite:
    """Asks one site for pages, after its robots.txt.

    Args:
        site: the site.
        pace: seconds from one request to the next; robots.txt may ask for more.
        now: for a Retry-After that is a date, when the server does not say its own.
    """

    def __init__(self, site: http.Site, pace: float, now: datetime) -> None:
        self.site, self.pace, self.now = site, pace, now
        self._next = 0.0  # when the next request may be sent, by the monotonic clock

    def get(self, path: str, etag: str | None = None, last_modified: str | None = None) -> http.Page | None:
        """One page.

        Args:
            path: below the site's address.
            etag: of the page that we have.
            last_modified: of the page that we have.

        Returns:
            What came; None when the site has no such page.

        Raises:
            SourceError: robots.txt forbids it or cannot be had, or the site fails after all tries.
        """
        url = self.site.url(path)
        if not self._robots.can_fetch(AGENT, url):
            raise SourceError(f"robots.txt of {self.site.base} forbids {url}; ask the site's keepers")
        conditions = {"If-None-Match": etag, "If-Modified-Since": None if etag else last_modified}
        return self._page(path, {name: value for name, value in conditions.items() if value})

    @cached_property
    def _robots(self) -> RobotFileParser:
        """The site's rules; an error where they cannot be had, which forbids everything (RFC 9309, 2.3.1.4)."""
        rules = RobotFileParser()
        page = self._page("robots.txt", {})
        rules.parse((page.body or b"").decode("utf-8", "replace").splitlines() if page else [])
        self.pace = max(self.pace, float(rules.crawl_delay(AGENT) or 0))
        self._next = time.monotonic() + self.pace
        return rules

    def _page(self, path: str, headers: dict[str, str]) -> http.Page | None:
        def attempt() -> http.Page | None:
            time.sleep(max(0.0, self._next - time.monotonic()))
            try:
                return self.site.page(path, path, self.now, headers=headers)
            finally:
                self._next = time.monotonic() + self.pace

        return http.patiently(attempt, self.site.url(path), "run again later, it goes on from there")
