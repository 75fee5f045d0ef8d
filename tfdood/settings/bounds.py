"""The values that a setting may take."""

import math
from typing import NamedTuple


class Interval(NamedTuple):
    """Numbers from `low` (excluded if `is_open`) to `high`."""

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
    """A list of allowed values."""

    def __str__(self) -> str:
        return "one of " + ", ".join(self)


AT_LEAST_0 = Interval(0)
AT_LEAST_1 = Interval(1)
ABOVE_0 = Interval(0, is_open=True)
FRACTION = Interval(0, 1)

Bound = Interval | Choices
