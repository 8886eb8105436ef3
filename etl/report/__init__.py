"""The pages in reports/: a page a run, the list of runs, and the Data Docs.

Importing this costs nothing. `facts` and `pages` are imported only where a run did something.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from etl.lake import ledger
from etl.settings import Settings


def run_page(settings: Settings, run_id: str) -> Path:
    """The page of a run."""
    return settings.reports / "runs" / f"{ledger.file_name(run_id)}.html"


def data_docs(settings: Settings) -> Path:
    """The page of the rules, with the last result of each."""
    return settings.reports / "data_docs" / "index.html"


def moment(at: datetime) -> str:
    """An instant in UTC, for a person."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
