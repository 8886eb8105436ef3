"""Bring archives from a source into the raw zone: only what is new, only what is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from etl.catalogue import JOURNAL, LAST_LEGISLATURE, AnyArchive, Issue, issues_named
from etl.catalogue import archive as archive_of
from etl.errors import AnqError, UsageError
from etl.fetch import directory, journal, manifest
from etl.fetch.manifest import Download, latest
from etl.fetch.raw import Nothing, Origin, Part
from etl.fetch.sample import sample_site
from etl.files.lock import locked
from etl.settings import DILA, OPENDATA, Settings

__all__ = ["Download", "Progress", "fetch", "issues", "latest", "next_legislatures", "sample_site"]

Progress = Callable[[str, int, int | None], None]
"""Told the archive's name, the bytes so far, and the bytes in all where known."""


def fetch(
    archive: AnyArchive,
    settings: Settings,
    now: datetime,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Download | None:
    """Bring an archive into raw/ if the source has another state of it than we do.

    The forms of FORMS are asked for in turn: the next one only when the source does not have the one before.

    Args:
        archive: which one, in any form.
        settings: home and source.
        now: written in the manifest as the time of the download; with a time zone.
        force: download even when the source says that nothing is new.
        progress: told of bytes as they arrive over HTTP.

    Returns:
        What is now the last download, `is_new` when its content differs from the one before; None when the
        source has this archive in no form, nor have we an issue that it had.

    Raises:
        SourceError: the source failed, or sent what it should not have.
        UsageError: the source is not one.
    """
    try:
        with locked(settings.raw / f".{archive.stem}.lock"):
            asked = [archive] if isinstance(archive, Issue) else [replace(archive, form=one) for one in archive.forms]
            inquiries = (_fetch_locked(one, settings, now, force, progress) for one in asked)
            return next((download for download in inquiries if download), None)
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


def issues(settings: Settings, now: datetime) -> list[Issue]:
    """The issues that the source has, or had when we looked before, oldest first.

    A server that does not list them is asked for those after the last one that we have.

    Raises:
        SourceError: the source failed.
        UsageError: the source is not one.
    """
    base = _base_url(settings, DILA)
    root = base or _root(settings).resolve().as_uri()
    rows = {row.question_type: row.url for row in manifest.rows(settings) if row.legislature is None}
    had = [one for one in issues_named(rows) if rows[one.name] == f"{root}/{one.path}"]
    if base is None:
        found = journal.in_folder(_root(settings))
    else:
        from etl.fetch import http

        found = journal.on_page(http.page(f"{base}/{JOURNAL}/", "journal") or "")
        found = found or list(journal.after(had, now.year, lambda issue: http.has(issue, base)))
    return sorted({*had, *found})


def _fetch_locked(
    archive: AnyArchive, settings: Settings, now: datetime, force: bool, progress: Progress | None
) -> Download | None:
    last = latest(archive, settings)
    kept = last if last is not None and last.is_kept(settings) else None
    known = None if force else kept
    part = Part(archive, settings)
    base = _base_url_of(archive, settings)
    if isinstance(archive, Issue) and base is not None and known and known.url == f"{base}/{archive.path}":
        return known  # an issue never changes, so that none is asked for twice
    if base is None:
        came = directory.copy(archive, _root(settings), known, part)
    else:
        from etl.fetch import http  # httpx and tenacity take longer to import than a directory takes to read

        came = http.download(archive, base, part, known=known, now=now, progress=progress)
    if not isinstance(came, Origin):
        part.discard()
        if isinstance(archive, Issue):
            return kept  # gone upstream, as all of a year are at its end: ours stays
        return known if came is Nothing.UNCHANGED else None
    sha256, length = part.keep()
    if not isinstance(archive, Issue):  # what a cut left of it in another form is of no use now
        for form in archive.forms:
            Part(replace(archive, form=form), settings).discard()
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
        form=archive.form,
    )
    manifest.append(row, settings)
    return row if last is None or row.is_new else replace(row, fetched_at=last.fetched_at)


def _base_url_of(archive: AnyArchive, settings: Settings) -> str | None:
    return _base_url(settings, DILA if isinstance(archive, Issue) else OPENDATA)


def _source_has(archive: AnyArchive, settings: Settings) -> bool:
    base = _base_url_of(archive, settings)
    if base is None:
        return (_root(settings) / archive.path).is_file()

    from etl.fetch import http

    return http.has(archive, base)


def _base_url(settings: Settings, opendata: str) -> str | None:
    source = opendata if settings.source == "opendata" else settings.source
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
