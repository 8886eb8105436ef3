"""HTTP: ask only for what changed, go on where a body was cut, try again with patience (FORMATS.md 10)."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from itertools import chain
from time import monotonic

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from etl.catalogue import AnyArchive
from etl.errors import SourceError
from etl.fetch.archive_file import TransferDefect, begins, verify
from etl.fetch.manifest import Download
from etl.fetch.raw import Nothing, Origin, Part


@dataclass(frozen=True)
class Patience:
    """How long a source is borne with.

    Attributes:
        tries: in a row that bring less than `progress_bytes` more.
        first_wait_s: before the second try; doubles with each.
        longest_wait_s: between two tries.
        longest_retry_after_s: of what a server asks us to wait.
        connect_s: to get a connection.
        read_s: for the next bytes to arrive.
        floor_s: the span over which `floor_bytes` must arrive.
        floor_bytes: in each span of `floor_s`.
        progress_bytes: more than any try before brought: the count of tries starts again.
        probe_s: for the whole question whether an archive exists.
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
MAX_ARCHIVE_BYTES = 4 * 2**30  # ten times all the archives of the site together (FORMATS.md 8)
MAX_REDIRECTS = 5

RETRIED = {408, 425, 429, 500, 502, 503, 504}
_OUT_OF_PLACE = {206, 304, 416}  # to a request that did not call for it, or for a part that is whole
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
MAX_PAGE_BYTES = 2**22


def download(
    archive: AnyArchive,
    base: str,
    part: Part,
    *,
    known: Download | None,
    now: datetime,
    progress: Callable[[str, int, int | None], None] | None,
) -> Origin | Nothing:
    """Bring an archive into its part, unless the server says that it is the one we know.

    Raises:
        SourceError: refused, hostile, or still failing after all tries.
    """
    transfer = _Transfer(archive, f"{base}/{archive.path}", part, known, now, progress)
    retrying = Retrying(
        retry=retry_if_exception_type(TransferDefect),
        stop=lambda _: transfer.futile_tries >= PATIENCE.tries,
        wait=transfer.wait_s,
        reraise=True,
    )
    try:
        return retrying(transfer.attempt)
    except TransferDefect as error:
        tries = retrying.statistics["attempt_number"]
        raise SourceError(
            f"{error}. Gave up after {tries} tries of {transfer.url}; "
            "what was published stays. Run again later: it goes on from what has arrived, where it can"
        ) from error


def has(archive: AnyArchive, base: str) -> bool:
    """The server sends the beginning of this archive; anything else, or silence, is a no."""
    started = monotonic()
    try:
        with client(os.getpid()).stream("GET", f"{base}/{archive.path}", timeout=PATIENCE.probe_s) as response:
            if response.status_code != 200:
                return False
            head = b""
            for chunk in response.iter_raw():
                head += chunk
                if len(head) >= 4 or monotonic() - started > PATIENCE.probe_s:
                    break
            return begins(head, archive)
    except (httpx.HTTPError, SourceError):
        return False


def page(url: str, what: str) -> str | None:
    """A page of the site, whatever is in it; None when the server has none, or does not show it.

    Args:
        url: its address.
        what: what messages call it.

    Raises:
        SourceError: no answer, or none that can be used, after all tries.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(TransferDefect),
        stop=stop_after_attempt(PATIENCE.tries),
        wait=wait_random_exponential(PATIENCE.first_wait_s, PATIENCE.longest_wait_s),
        reraise=True,
    )
    try:
        return retrying(_page, url, what)
    except TransferDefect as error:
        raise SourceError(
            f"{error}. Gave up after {PATIENCE.tries} tries of {url}; what was published stays. Run again later"
        ) from error


def _page(url: str, what: str) -> str | None:
    timeout = httpx.Timeout(PATIENCE.read_s, connect=PATIENCE.connect_s)
    content = b""
    try:
        with client(os.getpid()).stream("GET", url, timeout=timeout) as response:
            if response.status_code in (401, 403, 404, 410):
                return None
            if response.status_code != 200:
                raise TransferDefect(f"{what}: {response.status_code} {response.reason_phrase}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_PAGE_BYTES:
                    raise SourceError(f"{what}: more than {MAX_PAGE_BYTES:,} bytes from {url}; look at what it sends")
    except (httpx.TransportError, httpx.TooManyRedirects) as error:
        raise TransferDefect(f"{what}: {type(error).__name__}: {error}") from error
    return content.decode(errors="replace")


@dataclass
class _Transfer:
    """The tries to bring one archive.

    Attributes:
        futile_tries: in a row, without `progress_bytes` more than any before.
        must_ask_whole: the last answer to a Range was of no use, so the next request is for the whole.
    """

    archive: AnyArchive
    url: str
    part: Part
    known: Download | None
    now: datetime
    progress: Callable[[str, int, int | None], None] | None
    futile_tries: int = 0
    must_ask_whole: bool = False

    def __post_init__(self) -> None:
        self._most_bytes = self.part.size
        if self.known is not None and self.known.url != self.url:
            self.known = None

    def attempt(self) -> Origin | Nothing:
        """One request, to the end of its body.

        Raises:
            TransferDefect: worth another try.
            SourceError: not worth it.
        """
        try:
            return self._attempt()
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            self._count_try()
            raise self._defect(f"{type(error).__name__}: {error}") from error
        except TransferDefect:
            self._count_try()
            raise

    def wait_s(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        return wait_s(state, self.futile_tries)

    def _count_try(self) -> None:
        if self.part.size >= self._most_bytes + PATIENCE.progress_bytes:
            self.futile_tries = 0
        self.futile_tries += 1
        self._most_bytes = max(self._most_bytes, self.part.size)

    def _attempt(self) -> Origin | Nothing:
        partial = self.part.origin()
        if partial is None or partial.url != self.url:
            self.part.discard()
            partial = None
        headers = self._headers(partial)
        timeout = httpx.Timeout(PATIENCE.read_s, connect=PATIENCE.connect_s)
        with client(os.getpid()).stream("GET", self.url, headers=headers, timeout=timeout) as response:
            status = response.status_code
            if status in (404, 410):
                return Nothing.ABSENT
            if status == 304 and self.known is not None:
                return Nothing.UNCHANGED
            if status == 206 and partial is not None and "Range" in headers:
                arrived = self._receive_rest(response, partial)
                return self._verified(arrived, pieced=True)
            if status == 200:
                origin = self._origin_of(response)
                if self.known is not None and origin.is_same_state(_origin_of_row(self.known)):
                    return Nothing.UNCHANGED
                self._receive_whole(response, origin, partial)
                return self._verified(origin, pieced=False)
            raise self._refusal(response)

    def _headers(self, partial: Origin | None) -> dict[str, str]:
        if partial is not None and partial.if_range and self.part.size and not self.must_ask_whole:
            return {"Range": f"bytes={self.part.size}-", "If-Range": partial.if_range}
        if self.known is not None and self.known.etag is not None:
            return {"If-None-Match": self.known.etag}
        if self.known is not None and self.known.last_modified is not None:
            return {"If-Modified-Since": self.known.last_modified}
        return {}

    def _receive_rest(self, response: httpx.Response, partial: Origin) -> Origin:
        offset = self.part.size
        said = response.headers.get("content-range", "")
        match = _CONTENT_RANGE.fullmatch(said)
        total = int(match[3]) if match and match[3] != "*" else partial.total
        rest = replace(self._origin_of(response), total=total)
        if match is None or int(match[1]) != offset or rest.contradicts(partial):
            self.must_ask_whole = True
            raise self._defect(f"asked for the bytes from {offset:,} on, got {said or 'no Content-Range'!r}")
        try:
            self._write(response.iter_raw(), offset, total)
        finally:
            self.must_ask_whole = self.part.size == offset
        if self.must_ask_whole:
            raise self._defect(f"asked for the bytes from {offset:,} on, got none")
        return replace(partial, total=total)

    def _receive_whole(self, response: httpx.Response, origin: Origin, partial: Origin | None) -> None:
        self.must_ask_whole = False
        chunks = response.iter_raw()
        head = b""
        for chunk in chunks:
            head += chunk
            if len(head) >= 4:
                break
        if not begins(head, self.archive):
            raise self._defect(f"not a {self.archive.suffix[1:]} but {_what_it_looks_like(head, response)}")
        # The same state again is written over what is there, so that a body cut earlier loses nothing.
        if partial is None or not origin.is_same_state(partial):
            self.part.begin(origin)
        end = self._write(chain([head], chunks), 0, origin.total)
        os.truncate(self.part.path, end)

    def _write(self, chunks: Iterator[bytes], offset: int, total: int | None) -> int:
        """Write chunks from an offset on; returns where they end."""
        position, span_began, span_bytes = offset, monotonic(), 0
        with self.part.path.open("r+b") as file:
            file.seek(offset)
            for chunk in chunks:
                file.write(chunk)
                position += len(chunk)
                span_bytes += len(chunk)
                if position > MAX_ARCHIVE_BYTES:
                    self.part.discard()
                    raise SourceError(
                        f"{self.archive.name}: more than {MAX_ARCHIVE_BYTES:,} bytes from {self.url}; "
                        "look at what the server sends"
                    )
                if self.progress is not None:
                    self.progress(self.archive.name, position, total)
                if monotonic() - span_began > PATIENCE.floor_s:
                    if span_bytes < PATIENCE.floor_bytes:
                        raise self._defect(f"too slow: {span_bytes:,} bytes in {PATIENCE.floor_s:g} s")
                    span_began, span_bytes = monotonic(), 0
        return position

    def _verified(self, origin: Origin, *, pieced: bool) -> Origin:
        try:
            if origin.total is not None and self.part.size != origin.total:
                raise self._defect(f"{self.part.size:,} bytes came, {origin.total:,} were announced")
            verify(self.part.path, self.archive, pieced=pieced)
        except SourceError:
            self.part.discard()
            raise
        return origin

    def _origin_of(self, response: httpx.Response) -> Origin:
        coding = response.headers.get("content-encoding", "identity")
        if coding != "identity":
            raise self._defect(f"sent in {coding}, which was not asked for")
        length = response.headers.get("content-length", "")
        return Origin(
            self.url,
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            total=int(length) if length.isdecimal() else None,
        )

    def _refusal(self, response: httpx.Response) -> SourceError:
        status = f"{response.status_code} {response.reason_phrase}".strip()
        if response.status_code in RETRIED:
            return self._defect(status, retry_after_s(response, self.now))
        if response.status_code in _OUT_OF_PLACE:
            self.must_ask_whole = True
            return self._defect(f"{status} is no answer to what was asked")
        advice = "check the address"
        if response.status_code in (401, 403):
            advice = "the site refuses us: open the address in a browser, and ask its keepers if that works"
        return SourceError(f"{self.archive.name}: {status} from {self.url}; {advice}. What was published stays")

    def _defect(self, what: str, retry_after_s: float | None = None) -> TransferDefect:
        return TransferDefect(f"{self.archive.name}: {what}", retry_after_s)


@cache
def client(pid: int) -> httpx.Client:
    """One client a process: a connection must not be shared across a fork."""
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
    if not response.has_redirect_location:
        return
    try:
        there = response.url.join(response.headers["location"])
    except httpx.InvalidURL:
        return  # httpx finds it next, and says so as a defect of the answer
    if there.scheme not in ("https", response.url.scheme):
        raise SourceError(f"{response.url} sends us on to {there}, which is not as safe; check the address")


def _origin_of_row(row: Download) -> Origin:
    return Origin(row.url, row.etag, row.last_modified, total=row.bytes)


def wait_s(state: RetryCallState, tries: int) -> float:
    """Seconds until the next try: what the server asked for, or longer each time, with jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TransferDefect) and error.retry_after_s is not None:
        return min(error.retry_after_s, PATIENCE.longest_retry_after_s)
    longest = min(PATIENCE.first_wait_s * 2.0 ** max(tries - 1, 0), PATIENCE.longest_wait_s)
    return longest * random.uniform(0.5, 1.0)


def retry_after_s(response: httpx.Response, now: datetime) -> float | None:
    """Seconds asked for by Retry-After, a number or a date; a date is read by the server's own clock."""
    said = response.headers.get("retry-after")
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    until, at = _http_date(said), _http_date(response.headers.get("date", ""))
    return None if until is None else max(0.0, (until - (at or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _what_it_looks_like(head: bytes, response: httpx.Response) -> str:
    if not head:
        return "an empty body"
    kind = response.headers.get("content-type", "no content type")
    title = re.search(rb"<title>([^<]{1,80})", head, re.IGNORECASE)
    about = f" titled {title[1].decode(errors='replace').strip()!r}" if title else ""
    return f"{'a page' if head.lstrip().startswith(b'<') else 'bytes'} of type {kind}{about}"
