"""Bring archives from a source into the raw zone: only what is new, only what is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from etl.catalogue import LAST_LEGISLATURE, Archive
from etl.catalogue import archive as archive_of
from etl.errors import AnqError, UsageError
from etl.fetch import directory, manifest
from etl.fetch.manifest import Download, latest
from etl.fetch.raw import Nothing, Origin, Part
from etl.fetch.sample import sample_site
from etl.lock import locked
from etl.settings import OPENDATA, Settings

__all__ = ["Download", "Progress", "fetch", "latest", "next_legislatures", "sample_site"]

Progress = Callable[[str, int, int | None], None]
"""Told the archive's name, the bytes so far, and the bytes in all where known."""


def fetch(
    archive: Archive,
    settings: Settings,
    now: datetime,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Download | None:
    """Bring an archive into raw/ if the source has another state of it than we do.

    Args:
        archive: which one.
        settings: home and source.
        now: written in the manifest as the time of the download; with a time zone.
        force: download even when the source says that nothing is new.
        progress: told of bytes as they arrive over HTTP.

    Returns:
        What is now the last download, `is_new` when its content differs from the one before; None when the
        source does not have this archive.

    Raises:
        SourceError: the source failed, or sent what it should not have.
        UsageError: the source is not one.
    """
    try:
        with locked(settings.raw / f".{archive.legislature}-{archive.question_type}.lock"):
            return _fetch_locked(archive, settings, now, force, progress)
    except OSError as error:
        raise AnqError(
            f"{archive.name}: {error.strerror or error} ({error.filename or settings.raw}); "
            "check the space left and the permissions, then run again"
        ) from error


def next_legislatures(settings: Settings) -> tuple[int, ...]:
    """The legislatures that the source, or an earlier run, has beyond the catalogue; usually none.

    The source is asked for one more, once; when it does not answer, there is none.
    """
    fetched = {row.legislature for row in manifest.rows(settings)}
    number = LAST_LEGISLATURE + 1
    while number in fetched:
        number += 1
    if _source_has(archive_of(number, "QE"), settings):
        number += 1
    return tuple(range(LAST_LEGISLATURE + 1, number))


def _fetch_locked(
    archive: Archive, settings: Settings, now: datetime, force: bool, progress: Progress | None
) -> Download | None:
    last = latest(archive, settings)
    known = last if last is not None and last.is_kept(settings) and not force else None
    part = Part(archive, settings)
    base = _base_url(settings)
    if base is None:
        came = directory.copy(archive, _root(settings), known, part)
    else:
        from etl.fetch import http  # httpx and tenacity take longer to import than a directory takes to read

        came = http.download(archive, base, part, known=known, now=now, progress=progress)
    if not isinstance(came, Origin):
        part.discard()
        return known if came is Nothing.UNCHANGED else None
    sha256, length = part.keep()
    row = Download(
        legislature=archive.legislature,
        question_type=archive.question_type,
        url=came.url,
        sha256=sha256,
        bytes=length,
        etag=came.etag,
        last_modified=came.last_modified,
        mtime_ns=came.mtime_ns,
        fetched_at=now.astimezone(UTC),
        is_new=last is None or last.sha256 != sha256,
    )
    manifest.append(row, settings)
    return row if last is None or row.is_new else replace(row, fetched_at=last.fetched_at)


def _source_has(archive: Archive, settings: Settings) -> bool:
    base = _base_url(settings)
    if base is None:
        return (_root(settings) / archive.path).is_file()

    from etl.fetch import http

    return http.has(archive, base)


def _base_url(settings: Settings) -> str | None:
    source = OPENDATA if settings.source == "opendata" else settings.source
    if not source.startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(source)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise UsageError(f"the source {source} is no address; give one such as {OPENDATA}")
    return source.rstrip("/")


def _root(settings: Settings) -> Path:
    if settings.source == "sample":
        return sample_site(settings)
    root = Path(settings.source).expanduser()
    if not root.is_dir():
        raise UsageError(
            f"the source {settings.source} is neither a directory nor an http(s) address; "
            "choose sample, opendata, an address or a directory"
        )
    return root
