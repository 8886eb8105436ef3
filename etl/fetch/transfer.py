"""An archive or an issue over HTTP: asked for only when it changed, and gone on with where its body was cut."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, takewhile
from time import monotonic
from typing import TYPE_CHECKING

from etl.catalogue import AnyArchive
from etl.errors import SourceError
from etl.fetch import http
from etl.fetch.archive_file import TransferDefect, begins, verify
from etl.fetch.manifest import Download
from etl.fetch.raw import Nothing, Origin, Part

if TYPE_CHECKING:
    import httpx

_OUT_OF_PLACE = {206, 304, 416}  # to a request that did not call for it, or for a part that is whole
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


def download(
    archive: AnyArchive,
    site: http.Site,
    part: Part,
    *,
    known: Download | None,
    now: datetime,
    progress: Callable[[str, int, int | None], None] | None,
) -> Origin | Nothing:
    """Bring an archive into its part, unless the server says that it has not changed.

    Args:
        archive: which one, in the form to ask for.
        site: where it is asked for.
        part: where its bytes go; may hold some already.
        known: the last download, when its file is kept.
        now: for a Retry-After that is a date, when the server does not say its own.
        progress: called as bytes arrive.

    Returns:
        Where the bytes come from, or why there are none.

    Raises:
        SourceError: refused, hostile, or still failing after all tries.
    """
    transfer = _Transfer(archive, site, part, known, now, progress)
    return http.patiently(
        transfer.attempt,
        transfer.url,
        "what was published stays. Run again later: it goes on from what has arrived, where it can",
        lambda _: transfer.futile_tries,
    )


def has(archive: AnyArchive, site: http.Site) -> bool:
    """Whether the server sends the beginning of this archive; an error, or silence, is a no."""
    began = monotonic()
    try:
        with site.ask(archive.path, archive.name, within_s=http.PATIENCE.probe_s) as response:
            in_time = takewhile(lambda _: monotonic() - began < http.PATIENCE.probe_s, response.iter_raw())
            return response.status_code == 200 and begins(http.first_bytes(in_time), archive)
    except SourceError:
        return False


def is_gone(archive: AnyArchive, site: http.Site) -> bool:
    """Whether the server says that it does not have this archive; an error, or silence, is a no."""
    try:
        with site.ask(archive.path, archive.name, within_s=http.PATIENCE.probe_s) as response:
            return response.status_code in http.ABSENT
    except SourceError:
        return False


@dataclass
class _Transfer:
    """The tries to bring one archive.

    Attributes:
        futile_tries: in a row, without `progress_bytes` more than any before.
        must_ask_whole: the last answer to a Range was of no use, so the next request is for the whole file.
    """

    archive: AnyArchive
    site: http.Site
    part: Part
    known: Download | None
    now: datetime
    progress: Callable[[str, int, int | None], None] | None
    futile_tries: int = 0
    must_ask_whole: bool = False

    def __post_init__(self) -> None:
        self.url = self.site.url(self.archive.path)
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
        except TransferDefect:
            self._count_try()
            raise

    def _count_try(self) -> None:
        if self.part.size >= self._most_bytes + http.PATIENCE.progress_bytes:
            self.futile_tries = 0
        self.futile_tries += 1
        self._most_bytes = max(self._most_bytes, self.part.size)

    def _attempt(self) -> Origin | Nothing:
        partial = self.part.origin()
        if partial is None or partial.url != self.url:
            self.part.discard()
            partial = None
        headers = self._headers(partial)
        with self.site.ask(self.archive.path, self.archive.name, headers) as response:
            status = response.status_code
            if status in http.ABSENT:
                return Nothing.ABSENT
            if status == 304 and self.known is not None:
                return Nothing.UNCHANGED
            if status == 206 and partial is not None and "Range" in headers:
                origin = self._receive_rest(response, partial)
                return self._verified(origin, pieced=True)
            if status == 200:
                origin = self._origin_of(response)
                if self.known is not None and origin.is_same_state(_origin_of_row(self.known)):
                    return Nothing.UNCHANGED
                self._receive_whole(response, origin, partial)
                return self._verified(origin, pieced=False)
            if status in _OUT_OF_PLACE:
                self.must_ask_whole = True
                raise self._defect(f"{status} {response.reason_phrase} is no answer to what was asked")
            raise http.refusal(response, self.archive.name, self.now)

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
        content_range = response.headers.get("content-range", "")
        match = _CONTENT_RANGE.fullmatch(content_range)
        total = int(match[3]) if match and match[3] != "*" else partial.total
        rest = replace(self._origin_of(response), total=total)
        if match is None or int(match[1]) != offset or rest.contradicts(partial):
            self.must_ask_whole = True
            raise self._defect(f"asked for the bytes from {offset:,} on, got {content_range or 'no Content-Range'!r}")
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
        head = http.first_bytes(chunks)
        if not begins(head, self.archive):
            raise self._defect(f"not a {self.archive.suffix[1:]} but {http.looks_like(head, response)}")
        # The same state again is written over what is there, so that a body cut earlier loses nothing.
        if partial is None or not origin.is_same_state(partial):
            self.part.begin(origin)
        end = self._write(chain([head], chunks), 0, origin.total)
        os.truncate(self.part.path, end)

    def _write(self, chunks: Iterator[bytes], offset: int, total: int | None) -> int:
        """Write chunks from an offset on; returns where they end."""
        position = offset
        try:
            with self.part.path.open("r+b") as file:
                file.seek(offset)
                for chunk in http.limited(chunks, self.archive.name, self.url, http.MAX_ARCHIVE_BYTES, offset):
                    file.write(chunk)
                    position += len(chunk)
                    if self.progress is not None:
                        self.progress(self.archive.name, position, total)
        except http.TooLongError:
            self.part.discard()
            raise
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
        return Origin(
            self.url,
            etag=response.headers.get("etag"),
            last_modified=response.headers.get("last-modified"),
            total=http.announced(response),
        )

    def _defect(self, what: str) -> TransferDefect:
        return TransferDefect(f"{self.archive.name}: {what}")


def _origin_of_row(row: Download) -> Origin:
    return Origin(row.url, row.etag, row.last_modified, total=row.bytes)
