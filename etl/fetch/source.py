"""Where the source is: a site over HTTP, or a folder that holds the same tree."""

from __future__ import annotations

import netrc
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etl.catalogue import AnyArchive, Issue
from etl.errors import UsageError
from etl.fetch.sample import sample_site
from etl.settings import DILA, OPENDATA, PAGES, WWW, Settings

if TYPE_CHECKING:
    from etl.fetch.http import Site

_ASSEMBLY = frozenset(urlsplit(url).netloc for url in (OPENDATA, PAGES, WWW))


def site_of(archive: AnyArchive, settings: Settings) -> Site | None:
    """The site that has an archive; None when the source is a folder."""
    return site(settings, DILA if isinstance(archive, Issue) else OPENDATA)


def url_of(archive: AnyArchive, settings: Settings) -> str:
    """Where the source has an archive, as the manifest names it."""
    asked = site_of(archive, settings)
    return asked.url(archive.path) if asked else (folder(settings).resolve() / archive.path).as_uri()


def site(settings: Settings, address: str) -> Site | None:
    """The site to ask; None when the source is a folder.

    Args:
        settings: the source.
        address: what `opendata` stands for.

    Raises:
        UsageError: the source is an address without a host, or with an impossible port.
    """
    if settings.source == "opendata":
        base, authorization, hosts = address, None, _ASSEMBLY
    elif settings.source.startswith(("http://", "https://")):
        base, hosts = settings.source.rstrip("/"), frozenset[str]()
        host = _host(base)
        authorization = settings.authorization or _basic(settings.credentials) or _basic(_from_netrc(host))
    else:
        return None

    from etl.fetch.http import Site  # httpx and tenacity take longer to import than a folder takes to read

    return Site(base, authorization, hosts | settings.allowed_hosts)


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


def _host(base: str) -> str:
    try:
        parts = urlsplit(base)
        if parts.hostname and parts.port != 0:
            return parts.hostname
    except ValueError:
        pass
    raise UsageError(f"the source {base} is no address; give one such as {OPENDATA}")


def _from_netrc(host: str) -> str | None:
    """The `user:password` that ~/.netrc has for a host."""
    try:
        entry = netrc.netrc().authenticators(host)
    except FileNotFoundError:
        return None
    except netrc.NetrcParseError as error:
        raise UsageError(f"~/.netrc cannot be used: {error}; correct it, or set ANQ_HTTP_AUTHORIZATION") from error
    return f"{entry[0]}:{entry[2]}" if entry else None


def _basic(credentials: str | None) -> str | None:
    """The header for a `user:password`."""
    return f"Basic {b64encode(credentials.encode()).decode()}" if credentials else None
