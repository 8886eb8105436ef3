"""Where things are: the home folder, and the source of the archives."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from etl.errors import UsageError

OPENDATA = "https://data.assemblee-nationale.fr"
DILA = "https://echanges.dila.gouv.fr"
PAGES = "https://questions.assemblee-nationale.fr"
WWW = "https://www.assemblee-nationale.fr"
KEEP_RAW = 90  # days, a quarter
MAX_AGE_DAYS = 8  # without anything new: each Tuesday has its issue (docs/source/formats.md 10)
_CREDENTIALS = re.compile(r"(?<=://)(.*)@")  # to the last @: a password that is not percent-encoded may hold anything


@dataclass(frozen=True)
class Settings:
    """The home folder and the source.

    Attributes:
        home: folder that holds raw/, lake/, warehouse/ and reports/.
        source: "sample", "opendata", an http(s) base URL, or a directory; the last two hold the same tree as
            the Assembly's site, and the Journal officiel's issues as DILA's has them. Credentials in a URL are taken
            out of it, so that nothing that names the source shows them.
        secret: the URL that credentials were taken out of, and these, as `user:password`.
    """

    home: Path
    source: str
    secret: tuple[str, str] | None = field(repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        """Parts the source from its credentials."""
        if match := self.source.startswith(("http://", "https://")) and _CREDENTIALS.search(self.source):
            url, given = without_credentials(self.source), unquote(match[1])
            object.__setattr__(self, "source", url)
            object.__setattr__(self, "secret", (url, given if ":" in given else f"{given}:"))

    @classmethod
    def from_env(cls) -> Settings:
        """Settings from ANQ_HOME (default `data`) and ANQ_SOURCE (default `sample`)."""
        return cls(Path(os.environ.get("ANQ_HOME", "data")), os.environ.get("ANQ_SOURCE", "sample"))

    @property
    def credentials(self) -> str | None:
        """The `user:password` that came with the source's URL."""
        return self.secret[1] if self.secret and self.secret[0] == self.source else None

    @property
    def authorization(self) -> str | None:
        """The Authorization header for a source that is a URL: ANQ_HTTP_AUTHORIZATION, such as `Bearer …`."""
        return os.environ.get("ANQ_HTTP_AUTHORIZATION")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Where else the source may send us on to: ANQ_ALLOW_HOSTS, `host` or `host:port`, with commas between them."""
        return frozenset(os.environ.get("ANQ_ALLOW_HOSTS", "").lower().replace(" ", "").split(",")) - {""}

    @property
    def notify(self) -> str | None:
        """Who is told of what failed, waits or is missing: ANQ_NOTIFY, addresses as apprise writes them; a secret."""
        return os.environ.get("ANQ_NOTIFY") or None

    @property
    def ping(self) -> str | None:
        """What is called after each good run, so that its silence is noticed: ANQ_PING, a URL; a secret."""
        return os.environ.get("ANQ_PING") or None

    @property
    def store(self) -> str | None:
        """Where the home is kept, which is then a cache of it: ANQ_STORE, such as `s3://bucket/prefix`."""
        return os.environ.get("ANQ_STORE", "").rstrip("/") or None

    @property
    def keep_raw(self) -> int:
        """Days for which an archive that nothing needs any more stays in raw/: ANQ_KEEP_RAW.

        Raises:
            UsageError: it is no number of days.
        """
        told = os.environ.get("ANQ_KEEP_RAW") or str(KEEP_RAW)
        if not told.isdecimal():
            raise UsageError(f"ANQ_KEEP_RAW is {told!r}, a number of days was expected")
        return int(told)

    @property
    def raw(self) -> Path:
        """What the source sent, byte for byte."""
        return self.home / "raw"

    @property
    def lake(self) -> Path:
        """Parquet, one dataset a table."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """DuckDB releases and `current.duckdb`."""
        return self.home / "warehouse"

    @property
    def reports(self) -> Path:
        """Run summaries and Data Docs."""
        return self.home / "reports"


def without_credentials(url: str) -> str:
    """A URL without the `user:password@` in front of its host."""
    return _CREDENTIALS.sub("", url)
