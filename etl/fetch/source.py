"""Where the source is: a site over HTTP, or a folder that holds the same tree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etl.catalogue import AnyArchive, Issue
from etl.errors import UsageError
from etl.fetch.sample import sample_site
from etl.settings import DILA, OPENDATA, Settings

if TYPE_CHECKING:
    from etl.fetch.http import Site


def site_of(archive: AnyArchive, settings: Settings) -> Site | None:
    """The site that has an archive; None when the source is a folder."""
    return site(settings, DILA if isinstance(archive, Issue) else OPENDATA)


def site(settings: Settings, address: str) -> Site | None:
    """The site to ask; None when the source is a folder.

    Args:
        settings: the source.
        address: what `opendata` stands for.

    Raises:
        UsageError: the source is an address without a host, or with an impossible port.
    """
    source = address if settings.source == "opendata" else settings.source
    if not source.startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(source)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise UsageError(f"the source {source} is no address; give one such as {OPENDATA}")

    from etl.fetch.http import Site  # httpx and tenacity take longer to import than a folder takes to read

    return Site(source.rstrip("/"))


def folder(settings: Settings) -> Path:
    """The folder that holds the tree; the sample's is made when it is not there.

    Raises:
        UsageError: there is no such folder.
    """
    if settings.source == "sample":
        return sample_site(settings)
    root = Path(settings.source).expanduser()
    if not root.is_dir():
        raise UsageError(
            f"the source {settings.source} is neither a directory nor an http(s) address; "
            "choose sample, opendata, an address or a directory"
        )
    return root
