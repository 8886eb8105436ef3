"""Single pages, asked for politely: robots.txt is respected, and no two requests are closer than a pace."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.robotparser import RobotFileParser

import httpx
from tenacity import Retrying, retry_if_exception_type

from etl.errors import SourceError
from etl.fetch import http
from etl.fetch.archive_file import TransferDefect

AGENT = "anq"
MAX_PAGE_BYTES = 8 * 2**20  # hundreds of times the longest page known (FORMATS.md 8)


@dataclass(frozen=True)
class Answer:
    """What a site sent for a page.

    Attributes:
        body: None when the page is as it was.
        etag: HTTP header, or None.
        last_modified: HTTP header, or None.
    """

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


class Polite:
    """Asks one site for pages.

    Args:
        base: the site's address.
        pace: seconds from one request to the next; robots.txt may ask for more.
        now: for a Retry-After that is a date, when the server does not tell its own.

    Raises:
        SourceError: robots.txt cannot be had, which forbids everything (RFC 9309, 2.3.1.4).
    """

    def __init__(self, base: str, pace: float, now: datetime) -> None:
        self.base, self.pace, self.now = base, pace, now
        self._next = 0.0
        self._robots = RobotFileParser()
        told = self.get("robots.txt", unless_forbidden=False)
        self._robots.parse((told.body or b"").decode("utf-8", "replace").splitlines() if told else [])
        self.pace = max(pace, float(self._robots.crawl_delay(AGENT) or 0))
        self._next = time.monotonic() + self.pace

    def get(
        self, path: str, etag: str | None = None, last_modified: str | None = None, *, unless_forbidden: bool = True
    ) -> Answer | None:
        """One page.

        Args:
            path: below the site's address.
            etag: of the page that we have.
            last_modified: of the page that we have.
            unless_forbidden: look into robots.txt first.

        Returns:
            What came; None when the site has no such page.

        Raises:
            SourceError: robots.txt forbids it, or the site fails after all tries.
        """
        url = f"{self.base}/{path}"
        if unless_forbidden and not self._robots.can_fetch(AGENT, url):
            raise SourceError(f"robots.txt of {self.base} forbids {url}; ask the site's keepers")
        conditions = {"If-None-Match": etag, "If-Modified-Since": None if etag else last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        retrying = Retrying(
            retry=retry_if_exception_type(TransferDefect),
            stop=lambda state: state.attempt_number >= http.PATIENCE.tries,
            wait=lambda state: http.wait_s(state, state.attempt_number),
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, headers)
        except TransferDefect as error:
            raise SourceError(f"{error}. Gave up; run again later, it goes on from there") from error

    def _attempt(self, url: str, headers: dict[str, str]) -> Answer | None:
        time.sleep(max(0.0, self._next - time.monotonic()))
        timeout = httpx.Timeout(http.PATIENCE.read_s, connect=http.PATIENCE.connect_s)
        try:
            with http.client(os.getpid()).stream("GET", url, headers=headers, timeout=timeout) as response:
                return self._answer(url, response)
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise TransferDefect(f"{url}: {type(error).__name__}: {error}") from error
        finally:
            self._next = time.monotonic() + self.pace

    def _answer(self, url: str, response: httpx.Response) -> Answer | None:
        status = response.status_code
        if status in (404, 410):
            return None
        if status == 304:
            return Answer(None)
        if status in http.RETRIED:
            told = f"{url}: {status} {response.reason_phrase}"
            raise TransferDefect(told, http.retry_after_s(response, self.now))
        if status != 200:
            raise SourceError(f"{url}: {status} {response.reason_phrase}; open it in a browser, and ask if that works")
        body = b""
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_PAGE_BYTES:
                raise SourceError(f"{url}: more than {MAX_PAGE_BYTES:,} bytes, which no page has; look at it")
        length = response.headers.get("content-length", "")
        if length.isdecimal() and "content-encoding" not in response.headers and len(body) != int(length):
            raise TransferDefect(f"{url}: {len(body):,} bytes came, {length} were announced")
        return Answer(body, response.headers.get("etag"), response.headers.get("last-modified"))
