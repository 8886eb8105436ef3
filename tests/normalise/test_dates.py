"""Days of both shapes, and what is no day."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.normalise.dates import legislatures, parse_date


@given(st.dates(), st.sampled_from(["", "Z", "+01:00", "-04:00", "T00:00:00", "T22:15:00.000+02:00", " 00:00:00.0"]))
def test_any_day_in_iso_with_or_without_time_and_zone(day, suffix):
    assert parse_date(day.isoformat() + suffix) == day


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-06-30T22:00:00.000Z", date(2025, 7, 1)),
        ("2025-06-30T21:59:59Z", date(2025, 6, 30)),
        ("2025-12-31T23:00Z", date(2026, 1, 1)),
        ("2025-12-31T22:59:59.999+00:00", date(2025, 12, 31)),
        ("2025-06-30T18:00:00-0400", date(2025, 7, 1)),
        ("2025-07-01T00:00:00+02:00", date(2025, 7, 1)),
        ("2025-06-30 22:00:00Z", date(2025, 7, 1)),
    ],
)
def test_an_instant_is_the_day_that_it_is_in_paris(instant, day):
    assert parse_date(instant) == day


@given(st.dates(), st.sampled_from(["00:00:00.000+01:00", "00:00:00+0400", "00:00Z", "00:00:00-10:00"]))
def test_midnight_is_that_of_the_day_that_is_written(day, midnight):
    assert parse_date(f"{day}T{midnight}") == day


@given(st.dates(), st.sampled_from(["", " 00:00", " 22:15:00"]))
def test_any_day_in_french(day, time):
    assert parse_date(f"{day.day:02}/{day.month:02}/{day.year:04}{time}") == day
    assert parse_date(f"{day.day}/{day.month}/{day.year:04}") == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025",
        "2025-3-4",
        "2025-02-30",
        "30/02/2025",
        "00/01/2025",
        "31/13/2025",
        "04/03/25",
        "2025-03-04 ",
        "2025-03-04+1",
        "20250304",
        "0000-01-01",
        "2025-03-04T",
        "4 mars 2025",
        "04-03-2025",
        "2025/03/04",
        "2025-03-04\n",
        "2025-03-04T25:00:00Z",
        "9999-12-31T23:00:00Z",
    ],
)
def test_what_is_no_day(text):
    with pytest.raises(ValueError, match=r"date|day|month|year|hour"):
        parse_date(text)


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_a_value_error(text):
    with suppress(ValueError):
        assert isinstance(parse_date(text), date)


def test_legislatures_follow_each_other():
    numbers = sorted(legislatures())
    assert numbers == list(range(7, 18))
    for before, after in pairwise(numbers):
        closed = legislatures()[before].closed_on
        assert closed is not None
        assert timedelta(0) < legislatures()[after].opened_on - closed < timedelta(60)
    assert legislatures()[17].closed_on is None
