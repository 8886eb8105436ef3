"""Which question was published when: issues of the Journal officiel and how many questions each holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

from etl.sample.facts import LEGISLATURES, LIVE, QE_BY_MONTH, TODAY, Legislature

WEEK = timedelta(days=7)


def tuesday_from(day: date) -> date:
    """The first Tuesday on or after a day: the written questions' issue (docs/source/formats.md 10)."""
    return day + timedelta(days=(1 - day.weekday()) % 7)


def last_tuesday(legislature: Legislature) -> date:
    """The last issue that the sample holds: the 17th stops before TODAY, a closed one at its end."""
    end = TODAY - timedelta(days=1) if legislature.number == LIVE else legislature.closed
    return end - timedelta(days=(end.weekday() - 1) % 7)


def tuesdays(legislature: Legislature) -> list[date]:
    """Every issue, no week skipped."""
    days, day, last = [], legislature.first_issue, last_tuesday(legislature)
    while day <= last:
        days.append(day)
        day += WEEK
    return days


def in_session(day: date) -> bool:
    """Whether deputies sit: October to mid-July, but at Christmas, late February and late April."""
    return (
        (day.month >= 10 and (day.month, day.day) < (12, 22))
        or (1, 10) < (day.month, day.day) < (2, 20)
        or (3, 5) < (day.month, day.day) < (4, 18)
        or (5, 1) < (day.month, day.day) < (7, 20)
    )


def spread(total: int, weights: Sequence[float]) -> list[int]:
    """Share a total by weights; the shares add up to it, and each is at least 1 when there are enough."""
    least = 1 if total >= len(weights) else 0
    rest, whole = total - least * len(weights), sum(weights)
    counts, done, cumulated = [], 0, 0.0
    for weight in weights:
        cumulated += weight
        upto = int(rest * cumulated / whole + 0.5)
        counts.append(least + upto - done)
        done = upto
    counts[-1] += rest - done
    return counts


def _written(legislature: Legislature) -> tuple[list[date], list[float]]:
    first, *counts = QE_BY_MONTH[legislature.number].split()
    year, month = int(first[:4]), int(first[5:])
    by_month = {}
    for count in counts:
        by_month[year, month] = int(count)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    days = tuesdays(legislature)
    issues = {key: sum((day.year, day.month) == key for day in days) for key in by_month}
    return days, [by_month[day.year, day.month] / issues[day.year, day.month] for day in days]


def _sittings(legislature: Legislature) -> tuple[list[date], list[float]]:
    days, weights = [], []
    for tuesday in tuesdays(legislature):
        if in_session(tuesday):
            days.append(tuesday + timedelta(days=1))
            weights.append(27.0)
            if tuesday.toordinal() // 7 % 2:
                days.append(tuesday + timedelta(days=2))
                weights.append(18.0)
    kept = [i for i, day in enumerate(days) if day <= min(legislature.closed, TODAY)]
    return [days[i] for i in kept], [weights[i] for i in kept]


class Calendar:
    """The day of each number of an archive; numbers grow with the days.

    Args:
        legislature: 14 to 17.
        kind: QE (Tuesdays), QG (the Wednesday or Thursday after the sitting), QOSD (Tuesdays in session).
        total: how many questions the archive holds.
    """

    def __init__(self, legislature: int, kind: str, total: int) -> None:
        facts = LEGISLATURES[legislature]
        if kind == "QE":
            days, weights = _written(facts)
        elif kind == "QG":
            days, weights = _sittings(facts)
        else:
            days = [day for day in tuesdays(facts) if in_session(day)]
            weights = [1.0] * len(days)
        self.total = total
        self.days = days
        self.last = last_tuesday(facts)
        self._first: list[int] = []
        number = 1
        for count in spread(total, weights):
            self._first.append(number)
            number += count

    def day(self, number: int) -> date:
        """The day a number is published; a number past the archive's end comes out on TODAY."""
        if number > self.total:
            return TODAY
        return self.days[bisect_right(self._first, number) - 1]
