"""Chance that is the same on any machine and Python: Random.seed(int) and Random.random() only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws for a question; the same key gives the same draws."""

    __slots__ = ("_random", "roll")

    def __init__(self, key: int) -> None:
        self._random = Random(key)
        self.roll = self._random.random

    def reset(self, key: int) -> None:
        """Start again from another key."""
        self._random.seed(key)

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.roll() < probability

    def below(self, limit: int) -> int:
        """An integer from 0 to limit - 1."""
        return int(self.roll() * limit)

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self.roll() * len(items))]

    def weighted(self, cumulated: Sequence[float]) -> int:
        """The index of an item, by its cumulated weights."""
        return bisect_right(cumulated, self.roll() * cumulated[-1])

    def quantile(self, points: Sequence[tuple[float, float]]) -> float:
        """A number whose distribution is linear between (share, value) points; shares go from 0 to 1."""
        share = self.roll()
        for (low, start), (high, end) in pairwise(points):
            if share <= high:
                return start + (end - start) * (share - low) / (high - low)
        return points[-1][1]
