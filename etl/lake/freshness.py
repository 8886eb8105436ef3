"""Whether the weekly issues still come: written questions are published every Tuesday (docs/source/formats.md 10)."""

from __future__ import annotations

from datetime import date, timedelta

from etl.catalogue import archive
from etl.files.mark import is_marked
from etl.lake import markers
from etl.settings import Settings

_WEEK, _TUESDAY = timedelta(days=7), 1


def late(settings: Settings, today: date) -> list[str]:
    """A line for each live archive of written questions that lacks an issue.

    Args:
        settings: the home.
        today: an issue of this day need not be there yet.

    Returns:
        Lines for the operator; none for an archive of the made-up sample.
    """
    lines = []
    for partition in markers.partitions(settings.lake):
        source, raw = archive(*partition.key), settings.raw / f"{partition.source_sha256}.zip"
        if partition.question_type != "QE" or source.frozen or not raw.exists() or is_marked(raw):
            continue
        missing = _missing(partition.last_issue, today)
        if missing:
            lines.append(
                f"{source.name}: the issue of Tuesday {missing} is not there, the last one is of "
                f"{partition.last_issue}; the source may have stopped: compare with the Journal officiel"
            )
    return lines


def _missing(last: date | None, today: date) -> date | None:
    """The first Tuesday before today that has no issue."""
    if last is None:
        return None
    following = last + timedelta(days=(_TUESDAY - last.weekday()) % 7 or 7)
    return following if following < today else None
