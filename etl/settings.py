"""Where things are: the home folder, and the source of the archives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

OPENDATA = "https://data.assemblee-nationale.fr"
DILA = "https://echanges.dila.gouv.fr"
PAGES = "https://questions.assemblee-nationale.fr"


@dataclass(frozen=True)
class Settings:
    """The home folder and the source.

    Attributes:
        home: folder that holds raw/, lake/, warehouse/ and reports/.
        source: "sample", "opendata", an http(s) base URL, or a directory; the last two hold the same tree as
            the Assembly's site, and the Journal officiel's issues as DILA's has them.
    """

    home: Path
    source: str

    @classmethod
    def from_env(cls) -> Settings:
        """Settings from ANQ_HOME (default `data`) and ANQ_SOURCE (default `sample`)."""
        return cls(Path(os.environ.get("ANQ_HOME", "data")), os.environ.get("ANQ_SOURCE", "sample"))

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
