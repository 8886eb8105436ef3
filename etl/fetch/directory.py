"""A directory that holds the same tree as the site: archives are copied from it."""

from __future__ import annotations

import shutil
from pathlib import Path

from etl.catalogue import AnyArchive
from etl.errors import SourceError
from etl.fetch.manifest import Download
from etl.fetch.raw import Nothing, Origin, Part


def copy(archive: AnyArchive, root: Path, known: Download | None, part: Part) -> Origin | Nothing:
    """Bring an archive into its part, unless its file has the size and time of the last download.

    Returns:
        Where the bytes come from, or why there are none.

    Raises:
        SourceError: the file is not whole and harmless, or changed while it was read.
    """
    file = root / archive.path
    if not file.is_file():
        return Nothing.ABSENT
    before = file.stat()
    url = file.resolve().as_uri()
    if known and (known.url, known.bytes, known.mtime_ns) == (url, before.st_size, before.st_mtime_ns):
        return Nothing.UNCHANGED

    from etl.fetch.archive_file import verify  # zipfile is not needed when nothing is new

    origin = Origin(url, mtime_ns=before.st_mtime_ns, total=before.st_size)
    part.begin(origin)
    try:
        shutil.copyfile(file, part.path)
        after = file.stat()
        if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise SourceError(f"{archive.name}: {file} changed while it was read; run again once it is written")
        verify(part.path, archive)
    except SourceError:
        part.discard()
        raise
    return origin
