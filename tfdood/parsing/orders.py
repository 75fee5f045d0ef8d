"""The best order and directions of strokes, by a table of log probabilities.

At each step, the prior sees the set of the strokes that were drawn before and
the end of the last one, but not the order of the others. So the log probability
of a drawing is a sum over steps:

    score = sum_i  step[drawn before i, last end before i, stroke i, direction]

Dynamic programming over the sets of strokes (Held and Karp, 1962) finds the
best order exactly. GNS tries all `n! 2^n` orders and directions, or random ones
if they are many (Feinman and Lake, 2021, App. B).
"""

from typing import NamedTuple

import numpy as np


class Plan(NamedTuple):
    """In which order and direction strokes are drawn.

    Attributes:
        order: `[n]`, the number of the stroke of each step.
        directions: `[n]`, 0 for each stroke as given, 1 if it is reversed.
        score: the sum over steps, in nats.
    """

    order: np.ndarray
    directions: np.ndarray
    score: float


def best(steps: np.ndarray) -> Plan:
    """Finds the plan with the largest score.

    Args:
        steps: `[2^n, 2 n + 1, n, 2]`, the log probability of a step in nats: by
            the set of strokes that were drawn, as bits; by the end that was
            drawn last, `2 stroke + direction`, or `2 n` before the first
            stroke; by the next stroke and its direction. Where a set does not
            hold the last stroke, or holds the next one, values do not count.

    Returns:
        The `Plan`.
    """
    count = steps.shape[2]
    everything = 2**count - 1
    values = np.full([2**count, 2 * count + 1], -np.inf)
    values[0, 2 * count] = 0.0
    before = np.zeros(values.shape, int)
    for drawn in range(everything):
        totals = values[drawn, :, np.newaxis, np.newaxis] + steps[drawn]
        for stroke in range(count):
            if drawn >> stroke & 1:
                continue
            for direction in (0, 1):
                column = totals[:, stroke, direction]
                place = drawn | 1 << stroke, 2 * stroke + direction
                before[place] = column.argmax()
                values[place] = column.max()
    return _traced_back(values[everything], before, count)


def _traced_back(
    last_values: np.ndarray, before: np.ndarray, count: int
) -> Plan:
    """Follows the best plan from its last step to its first."""
    drawn, last = 2**count - 1, int(last_values.argmax())
    ends = []
    while drawn:
        ends.append(last)
        drawn, last = drawn ^ 1 << last // 2, int(before[drawn, last])
    order = np.array(ends[::-1], int)
    return Plan(order // 2, order % 2, float(last_values.max()))
