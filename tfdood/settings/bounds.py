"""The values that a setting may have."""

import math
from typing import NamedTuple


class Interval(NamedTuple):
    """The numbers from `low` to `high`.

    Attributes:
        low: the smallest number.
        high: the largest number, included.
        is_open: whether `low` itself is excluded.
    """

    low: float
    high: float = math.inf
    is_open: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and not (
            self.is_open and value == self.low
        )

    def __str__(self) -> str:
        bracket = "(" if self.is_open else "["
        return f"in {bracket}{self.low:.10g}, {self.high:.10g}]"


class Choices(tuple):
    """The names that a setting may have."""

    def __str__(self) -> str:
        return "one of " + ", ".join(self)


AT_LEAST_0 = Interval(0)
AT_LEAST_1 = Interval(1)
ABOVE_0 = Interval(0, is_open=True)
FRACTION = Interval(0, 1)

Bound = Interval | Choices
