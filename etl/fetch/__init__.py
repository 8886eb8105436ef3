"""Bring archives from a source into the raw zone: only what is new, only what is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from etl.catalogue import LAST_LEGISLATURE, AnyArchive, Archive, Issue
from etl.catalogue import archive as archive_of
from etl.errors import AnqError, NoQuestionError, SourceError
from etl.fetch import directory, manifest, source
from etl.fetch.issues import list_issues
from etl.fetch.manifest import Download, latest
from etl.fetch.raw import Nothing, Origin, Part
from etl.fetch.sample import sample_site
from etl.files.lock import locked
from etl.settings import Settings

__all__ = ["Download", "Progress", "fetch", "latest", "list_issues", "next_legislatures", "sample_site"]

Progress = Callable[[str, int, int | None], None]
"""Called with the archive's name, the bytes so far, and the bytes in all where known."""


def fetch(
    archive: AnyArchive,
    settings: Settings,
    now: datetime,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Download | None:
    """Bring an archive or an issue into raw/ if the source has another state of it than we do.

    The forms of an archive are asked for in turn: the next one only when the source does not have the one before.

    Args:
        archive: which one, in any form.
        settings: home and source.
        now: written in the manifest as the time of the download; with a time zone.
        force: download even when the source says that nothing is new.
        progress: called as bytes arrive over HTTP.

    Returns:
        What is now the last download, `is_new` when its content differs from the one before. An issue that the source
        no longer has is the one that we have. None when there is none.

    Raises:
        SourceError: the source failed, sent what it should not have, or no longer has an archive that it had.
        UsageError: the source is neither a site nor a folder.
    """
    try:
        with locked(settings.raw / f".{archive.stem}.lock"):
            for asked in _places(archive, now) if isinstance(archive, Issue) else _in_each_form(archive):
                if download := _fetch_locked(asked, settings, now, force, progress):
                    return download
            if isinstance(archive, Archive):
                _refuse_vanished(archive, settings)
            return None
    except OSError as error:
        raise AnqError(
            f"{archive.name}: {error.strerror or error} ({error.filename or settings.raw}); "
            "check the space left and the permissions, then run again"
        ) from error


def next_legislatures(settings: Settings) -> tuple[int, ...]:
    """The legislatures beyond the catalogue that an earlier run fetched or that the source has; usually none.

    The source is asked for one more; when it does not answer, there is none.
    """
    fetched = {row.name.partition("/")[0] for row in manifest.rows(settings)}
    number = LAST_LEGISLATURE + 1
    while str(number) in fetched:
        number += 1
    if _source_has(archive_of(number, "QE"), settings):
        number += 1
    return tuple(range(LAST_LEGISLATURE + 1, number))


def _in_each_form(archive: Archive) -> list[Archive]:
    return [replace(archive, form=form) for form in archive.forms]


def _places(issue: Issue, now: datetime) -> list[Issue]:
    """Where to ask for an issue, in turn; at the turn of the year it may still lie in the folder of this year."""
    this_year, its_year = issue.places
    return [this_year, its_year] if issue.year == now.year else [its_year, this_year]


def _fetch_locked(
    archive: AnyArchive, settings: Settings, now: datetime, force: bool, progress: Progress | None
) -> Download | None:
    last = latest(archive, settings)
    kept = last if last is not None and last.is_kept(settings) else None
    known = None if force else kept
    part = Part(archive, settings)
    site = source.site_of(archive, settings)
    if isinstance(archive, Issue) and site and known and known.url in {site.url(at.path) for at in archive.places}:
        return known  # an issue never changes, so none is asked for twice
    try:
        if site is None:
            arrival = directory.copy(archive, source.folder(settings), known, part)
        else:
            from etl.fetch import transfer  # httpx and tenacity take longer to import than a folder takes to read

            arrival = transfer.download(archive, site, part, known=known, now=now, progress=progress)
    except NoQuestionError:
        if last is not None or not isinstance(archive, Archive) or archive.legislature <= LAST_LEGISLATURE:
            raise
        arrival = Nothing.ABSENT  # a legislature has just begun
    if isinstance(arrival, Origin):
        return _record(archive, settings, now, arrival, part, last)
    part.discard()
    if isinstance(archive, Issue):
        return kept  # gone upstream, as all of a year are at its end: ours stays
    return known if arrival is Nothing.UNCHANGED else None


def _record(
    archive: AnyArchive, settings: Settings, now: datetime, origin: Origin, part: Part, last: Download | None
) -> Download:
    """Puts what arrived in the raw zone, and its row in the manifest."""
    sha256, length = part.keep()
    if isinstance(archive, Archive):  # what a cut left of another form is of no use now
        for asked in _in_each_form(archive):
            Part(asked, settings).discard()
    row = Download(
        name=archive.name,
        form=archive.form,
        url=origin.url,
        sha256=sha256,
        bytes=length,
        etag=origin.etag,
        last_modified=origin.last_modified,
        mtime_ns=origin.mtime_ns,
        fetched_at=now.astimezone(UTC),
        is_new=last is None or last.sha256 != sha256,
    )
    manifest.append(row, settings)
    return row if last is None or row.is_new else replace(row, fetched_at=last.fetched_at)


def _refuse_vanished(archive: Archive, settings: Settings) -> None:
    """Raises SourceError when this source had the archive at an earlier run."""
    urls = {source.url_of(form, settings) for form in _in_each_form(archive)}
    from_here = [row for row in manifest.downloads(archive, settings) if row.url in urls]
    if from_here:
        how = "404" if source.site_of(archive, settings) else "no such file"
        last = from_here[-1]
        raise SourceError(
            f"{archive.name}: the source no longer has it ({how}); it was last fetched on {last.fetched_at:%Y-%m-%d}; "
            f"what was published stays. If it has moved from {last.url}, mend its path in etl/catalogue.py"
        )


def _source_has(archive: AnyArchive, settings: Settings) -> bool:
    site = source.site_of(archive, settings)
    if site is None:
        return (source.folder(settings) / archive.path).is_file()

    from etl.fetch import transfer

    return transfer.has(archive, site)
