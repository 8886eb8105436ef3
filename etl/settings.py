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
DATAGOUV = "https://www.data.gouv.fr/api/1"
KEEP_RAW = 90  # days, a quarter
KEEP_SHARED = 30  # days
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
        return _days("ANQ_KEEP_RAW", KEEP_RAW)

    @property
    def share(self) -> str | None:
        """Where each release is put for readers: ANQ_PUBLISH, a folder, or a URL of file, s3, gs or az."""
        return os.environ.get("ANQ_PUBLISH") or None

    @property
    def share_url(self) -> str | None:
        """The address under which readers find what is put there, where it is another: ANQ_PUBLISH_URL."""
        return os.environ.get("ANQ_PUBLISH_URL") or None

    @property
    def keep_shared(self) -> int:
        """Days for which a release stays there once a newer one has come: ANQ_PUBLISH_DAYS.

        Raises:
            UsageError: it is no number of days.
        """
        return _days("ANQ_PUBLISH_DAYS", KEEP_SHARED)

    @property
    def lakehouse(self) -> str | None:
        """A DuckLake that each release is brought to: ANQ_LAKEHOUSE, `ducklake:` and its catalogue; a secret."""
        return os.environ.get("ANQ_LAKEHOUSE") or None

    @property
    def lakehouse_data(self) -> str | None:
        """Where its files go, when it is made: ANQ_LAKEHOUSE_DATA, a folder or a URL."""
        return os.environ.get("ANQ_LAKEHOUSE_DATA") or None

    @property
    def datagouv_key(self) -> str | None:
        """The key of data.gouv.fr's API, with which it is told of each release: ANQ_DATAGOUV_KEY; a secret."""
        return os.environ.get("ANQ_DATAGOUV_KEY") or None

    @property
    def datagouv_resource(self) -> str:
        """Which resource there is the release: ANQ_DATAGOUV_RESOURCE, `dataset/resource`, both by their id."""
        return os.environ.get("ANQ_DATAGOUV_RESOURCE", "")

    @property
    def datagouv_api(self) -> str:
        """The API: ANQ_DATAGOUV_API, for another site than data.gouv.fr, such as its demo."""
        return os.environ.get("ANQ_DATAGOUV_API", DATAGOUV)

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


def _days(name: str, default: int) -> int:
    """A number of days that a variable of the environment gives."""
    told = os.environ.get(name) or str(default)
    if not told.isdecimal():
        raise UsageError(f"{name} is {told!r}, a number of days was expected")
    return int(told)
