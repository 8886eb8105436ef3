"""Whether the weekly issues still come: written questions are published every Tuesday (FORMATS.md 10)."""

from __future__ import annotations

from datetime import date, timedelta

from etl.catalogue import archive
from etl.lake import markers
from etl.sample import is_marked
from etl.settings import Settings

_WEEK, _TUESDAY = timedelta(days=7), 1


def late(settings: Settings, today: date) -> list[str]:
    """A line for each live archive of written questions that lacks an issue.

    Args:
        settings: the home.
        today: the day; what was published on it need not be there yet.

    Returns:
        What to tell the operator; nothing of an archive that is made up.
    """
    told = []
    for one in markers.partitions(settings.lake):
        raw = settings.raw / f"{one.source_sha256}.zip"
        if one.question_type != "QE" or archive(*one.key).frozen or not raw.exists() or is_marked(raw):
            continue
        missing = _missing(one.last_issue, today)
        if missing:
            told.append(
                f"{archive(*one.key).name}: the issue of Tuesday {missing} is not there, the last one is of "
                f"{one.last_issue}; the source may have stopped: compare with the Journal officiel"
            )
    return told


def _missing(last: date | None, today: date) -> date | None:
    """The first Tuesday before today that has no issue."""
    if last is None:
        return None
    following = last + timedelta(days=(_TUESDAY - last.weekday()) % 7 or 7)
    return following if following < today else None
