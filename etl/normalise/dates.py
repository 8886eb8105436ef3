"""Dates of both shapes (docs/source/formats.md 1, 2.4), and the days a legislature opened and closed."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache
from typing import NamedTuple

from etl.schema import tables

_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:[T ][\d:.]+)?(?:Z|[+-]\d\d:?\d\d)?")
_MIDNIGHT = r"(?!00:00(?::00(?:\.0+)?)?[Z+-])"  # of a day, whatever the zone
_INSTANT = re.compile(rf"\d{{4}}-\d\d-\d\d[T ]{_MIDNIGHT}\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)")
_FRENCH = re.compile(r"(?P<d>\d\d?)/(?P<m>\d\d?)/(?P<y>\d{4})(?: [\d:.]+)?")


class Legislature(NamedTuple):
    """First and last day; `closed_on` is None for the sitting legislature."""

    opened_on: date
    closed_on: date | None


@lru_cache(maxsize=20_000)
def parse_date(text: str) -> date:
    """A day written 2026-02-20, 2026-02-20+01:00 or 20/02/2026, with a time or without.

    An instant, 2026-02-19T23:00:00Z, is the day that it is in Paris; midnight, in any zone, is of the day as written.

    Raises:
        ValueError: it is not such a day.
    """
    if _INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(_paris()).date()
        except OverflowError as error:
            raise ValueError(f"not a date: {text!r}") from error
    match = _ISO.fullmatch(text) or _FRENCH.fullmatch(text)
    if not match:
        raise ValueError(f"not a date: {text!r}")
    return date(int(match["y"]), int(match["m"]), int(match["d"]))


@cache
def _paris() -> tzinfo:
    import pytz

    zone: tzinfo = pytz.timezone("Europe/Paris")
    return zone


@cache
def legislatures() -> dict[int, Legislature]:
    """By number, the legislatures that schemas/legislatures.yaml declares."""
    return {number: Legislature(opened_on, closed_on) for number, opened_on, closed_on in tables()["legislatures"].rows}
