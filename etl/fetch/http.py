"""The HTTP client: headers, time-outs, limits, tries, redirects, and pages that are sent in place of a file.

How the Assembly's site is known to fail: docs/source/formats.md 10.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from time import monotonic
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from etl.errors import SourceError
from etl.fetch.archive_file import TransferDefect

Result = TypeVar("Result")


@dataclass(frozen=True)
class Patience:
    """How long we wait for a source, and how often we try.

    Attributes:
        tries: in a row, each of which brought less than `progress_bytes`.
        first_wait_s: before the second try; doubles with each.
        longest_wait_s: between two tries.
        longest_retry_after_s: the most that we wait when a server asks us to.
        connect_s: to get a connection.
        read_s: for the next bytes to arrive.
        floor_s: the span in which `floor_bytes` must arrive.
        floor_bytes: in each span of `floor_s`.
        progress_bytes: a try that brings so many more bytes than any before starts the count of tries again.
        probe_s: to learn whether an archive exists.
    """

    tries: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 120.0
    connect_s: float = 15.0
    read_s: float = 60.0
    floor_s: float = 60.0
    floor_bytes: int = 64 * 2**10
    progress_bytes: int = 2**20
    probe_s: float = 10.0


PATIENCE = Patience()
MAX_ARCHIVE_BYTES = 4 * 2**30  # ten times all the archives of the site together (docs/source/formats.md 8)
MAX_PAGE_BYTES = 8 * 2**20  # hundreds of times the longest page known (docs/source/formats.md 8)
MAX_REDIRECTS = 5

ABSENT = frozenset({404, 410})
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


class TooLongError(SourceError):
    """A body is longer than anything that the site has."""


@dataclass(frozen=True)
class Page:
    """A page as a site sent it.

    Attributes:
        body: None when the page is as it was.
        etag: HTTP header, or None.
        last_modified: HTTP header, or None.
    """

    body: bytes | None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Site:
    """A site that is asked over HTTP.

    Attributes:
        base: its address, without a slash at the end and without credentials.
        authorization: the header that it is asked with, or None.
        allowed_hosts: `host` or `host:port`, to which it may send us on beside its own.
    """

    base: str
    authorization: str | None = field(repr=False, default=None)
    allowed_hosts: frozenset[str] = frozenset()

    def url(self, path: str) -> str:
        """The address of a path below the site's."""
        return f"{self.base}/{path}"

    def leads_to(self, url: httpx.URL) -> bool:
        """Whether the site may send us on to an address: its own host and port, or a host that the settings allow."""
        own = httpx.URL(self.base)
        is_own = (url.host, url.port) == (own.host, own.port)  # the scheme's own port is None, so http to https passes
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        return is_own or bool({url.netloc.decode(), f"{url.host}:{port}"} & self.allowed_hosts)

    @contextmanager
    def ask(
        self, path: str, what: str, headers: Mapping[str, str] | None = None, within_s: float | None = None
    ) -> Iterator[httpx.Response]:
        """Sends one request; the body is read by the caller.

        Args:
            path: below the site's address.
            what: what messages call it.
            headers: beside those of every request.
            within_s: the time-out to connect and to read; None for those of PATIENCE.

        Raises:
            TransferDefect: there is no answer, or it was cut: worth another try.
            SourceError: the address is none, or the site sends us on to where we do not go.
        """
        timeout = httpx.Timeout(within_s or PATIENCE.read_s, connect=within_s or PATIENCE.connect_s)
        headers = dict(headers or {})
        if self.authorization:
            headers["Authorization"] = self.authorization  # httpx leaves it out when a redirect leads to another host
        extensions = {"site": self, "what": what}
        try:
            with client(os.getpid()).stream(
                "GET", self.url(path), headers=headers, timeout=timeout, extensions=extensions
            ) as response:
                yield response
        except httpx.RequestError as error:
            raise TransferDefect(f"{what}: {type(error).__name__}: {error}") from error
        except httpx.InvalidURL as error:
            raise SourceError(f"{what}: {error}; check the address") from error

    def page(
        self,
        path: str,
        what: str,
        now: datetime,
        *,
        headers: Mapping[str, str] | None = None,
        absent: Collection[int] = ABSENT,
    ) -> Page | None:
        """Asks once for a page, whatever is in it.

        Args:
            path: below the site's address.
            what: what messages call it.
            now: for a Retry-After that is a date, when the server does not say its own.
            headers: beside those of every request.
            absent: the statuses that mean that there is no such page.

        Returns:
            What came; None when the site has no such page.

        Raises:
            TransferDefect: worth another try.
            SourceError: not worth it.
        """
        with self.ask(path, what, headers) as response:
            if response.status_code in absent:
                return None
            if response.status_code == 304:
                return Page(None)
            if response.status_code != 200:
                raise refusal(response, what, now)
            body = b"".join(limited(response.iter_bytes(), what, self.url(path), MAX_PAGE_BYTES))
            length = announced(response)
            if length is not None and "content-encoding" not in response.headers and len(body) != length:
                raise TransferDefect(f"{what}: {len(body):,} bytes came, {length:,} were announced")
            return Page(body, response.headers.get("etag"), response.headers.get("last-modified"))


def patiently(
    attempt: Callable[[], Result],
    url: str,
    advice: str,
    tries: Callable[[RetryCallState], int] = lambda state: state.attempt_number,
) -> Result:
    """Tries again, with longer and longer waits, while an attempt fails in a way that may pass.

    Args:
        attempt: raises TransferDefect when it is worth another try.
        url: what is asked for.
        advice: what to do when all tries failed.
        tries: how many of the tries so far count.

    Raises:
        SourceError: not worth another try, or all have failed.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(TransferDefect),
        stop=lambda state: tries(state) >= PATIENCE.tries,
        wait=lambda state: _wait_s(state, tries(state)),
        reraise=True,
    )
    try:
        return retrying(attempt)
    except TransferDefect as error:
        count = retrying.statistics["attempt_number"]
        raise SourceError(f"{error}. Gave up after {count} tries of {url}; {advice}") from error


def limited(chunks: Iterable[bytes], what: str, url: str, limit: int, offset: int = 0) -> Iterator[bytes]:
    """The chunks of a body, as long as it arrives fast enough and is not too long.

    Args:
        chunks: the body.
        what: what messages call it.
        url: where it comes from.
        limit: bytes in all.
        offset: bytes that came before.

    Raises:
        TransferDefect: it arrives too slowly.
        TooLongError: it is longer than the limit.
    """
    length, span_began, span_bytes = offset, monotonic(), 0
    for chunk in chunks:
        length += len(chunk)
        span_bytes += len(chunk)
        if length > limit:
            raise TooLongError(f"{what}: more than {limit:,} bytes from {url}; look at what the server sends")
        yield chunk
        if monotonic() - span_began > PATIENCE.floor_s:
            if span_bytes < PATIENCE.floor_bytes:
                raise TransferDefect(f"{what}: too slow: {span_bytes:,} bytes in {PATIENCE.floor_s:g} s")
            span_began, span_bytes = monotonic(), 0


def first_bytes(chunks: Iterator[bytes]) -> bytes:
    """The beginning of a body: at least four bytes, by which a file is known, unless there are fewer."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= 4:
            break
    return head


def announced(response: httpx.Response) -> int | None:
    """The length of the body that the server announces, in bytes; None when it does not."""
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def refusal(response: httpx.Response, what: str, now: datetime) -> SourceError:
    """The error for a status; a TransferDefect when the same request may succeed later."""
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.status_code in _RETRIED:
        return TransferDefect(f"{what}: {status}", retry_after_s(response, now))
    advice = "check the address"
    if response.status_code in (401, 403):
        advice = "the site refuses us: open the address in a browser, and ask its keepers if that works"
    return SourceError(f"{what}: {status} from {_shown(response.url)}; {advice}. What was published stays")


def _shown(url: httpx.URL) -> str:
    """An address without credentials."""
    return str(url.copy_with(userinfo=b""))


def looks_like(head: bytes, response: httpx.Response) -> str:
    """Describes a body that is not the file asked for: when the site fails, it may answer 200 with an error page."""
    if not head:
        return "an empty body"
    kind = response.headers.get("content-type", "no content type")
    title = re.search(rb"<title>([^<]{1,80})", head, re.IGNORECASE)
    titled = f" titled {title[1].decode(errors='replace').strip()!r}" if title else ""
    return f"{'a page' if head.lstrip().startswith(b'<') else 'bytes'} of type {kind}{titled}"


@cache
def client(pid: int) -> httpx.Client:
    """The client of a process: a connection must not be shared across a fork."""
    del pid
    return httpx.Client(
        headers={
            "User-Agent": f"anq/{version('anq')} (+scheduled reader of the open data)",
            "Accept-Encoding": "identity",
        },
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        event_hooks={"response": [_refuse_unsafe_redirect]},
    )


def _refuse_unsafe_redirect(response: httpx.Response) -> None:
    """Raises SourceError when a site sends us on to an address that is less safe, or not its own and not allowed."""
    if not response.has_redirect_location:
        return
    try:
        there = response.url.join(response.headers["location"])
    except httpx.InvalidURL:
        return  # httpx meets it next, and raises an error that is worth another try
    site: Site = response.request.extensions["site"]
    what = f"{response.request.extensions['what']}: {_shown(response.url)} sends us on to {_shown(there)}"
    if there.scheme not in ("https", response.url.scheme):
        raise SourceError(f"{what}, which is not as safe; check the address. What was published stays")
    if not site.leads_to(there):
        host = there.netloc.decode()
        raise SourceError(
            f"{what}, which is not the source's own host and port. What was published stays. "
            f"If that address is right, allow it: ANQ_ALLOW_HOSTS={host}"
        )


def _wait_s(state: RetryCallState, tries: int) -> float:
    """Seconds until the next try: what the server asked for, or longer each time, with jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransferDefect) and error.retry_after_s is not None:
        return min(error.retry_after_s, PATIENCE.longest_retry_after_s)
    longest = min(PATIENCE.first_wait_s * 2.0 ** max(tries - 1, 0), PATIENCE.longest_wait_s)
    return longest * random.uniform(0.5, 1.0)


def retry_after_s(response: httpx.Response, now: datetime) -> float | None:
    """Seconds that Retry-After asks for, a number or a date; a date is read by the server's own clock."""
    value = response.headers.get("retry-after")
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    until, at = _http_date(value), _http_date(response.headers.get("date", ""))
    return None if until is None else max(0.0, (until - (at or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
