"""In which order and directions a person would draw given strokes.

A prior of strokes is asked for the log probability of each step that any order
can have; `orders` then finds the best order. The prior is a model with these
signatures (GNS, Feinman and Lake, 2021, Sec. 3.1):

    score_start   log p(start | canvas so far, end of the last stroke)
    score_stroke  log p(stroke | start, canvas so far)
    score_stop    log odds that the drawing is finished

Control points are in pixels of the 105 x 105 image.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import orders

MOST_STROKES = 8
"""Of a set: the table of its steps grows by more than 2 with each stroke."""

_FIRST_END = 0.5  # Where the stroke before the first one ends, in pixels.


def best(
    endpoints: endpoints_lib.Endpoints,
    sets: Sequence[Sequence[np.ndarray]],
    most_control_points: int,
) -> list[orders.Plan]:
    """Finds the best order and directions of several sets of strokes.

    Args:
        endpoints: the prior.
        sets: the control points `[N, 2]` of each stroke; at least one set, and
            1 to `MOST_STROKES` strokes in each.
        most_control_points: `N` of padded strokes.

    Returns:
        A plan of each set; its score is log p(strokes), in nats.
    """
    tables = [_Table(strokes, most_control_points) for strokes in sets]
    starts, strokes, stops = (
        _scores(endpoints, f"score_{name}", parts)
        for name, parts in zip(
            _Inputs._fields,
            zip(*map(_inputs, tables), strict=True),
            strict=True,
        )
    )
    plans = []
    for table, *scores in zip(tables, starts, strokes, stops, strict=True):
        plan = orders.best(table.steps(*scores))
        finished = special.log_expit(float(scores[-1][-1]))
        plans.append(plan._replace(score=plan.score + finished))
    return plans


def arranged(
    strokes: Sequence[np.ndarray], plan: orders.Plan
) -> list[np.ndarray]:
    """Puts strokes into the order and the directions of a plan.

    Args:
        strokes: the control points `[N, 2]` of each.
        plan: for them.

    Returns:
        The strokes in order.
    """
    return [
        strokes[number][::-1] if is_reversed else strokes[number]
        for number, is_reversed in zip(plan.order, plan.directions, strict=True)
    ]


class _Table:
    """All steps of a set of `n` strokes, as rows of inputs."""

    def __init__(self, strokes: Sequence[np.ndarray], most: int) -> None:
        count = len(strokes)
        self.count = count
        both = [way for x in strokes for way in (x, x[::-1])]
        self.number = np.array([len(x) for x in both], np.int32)
        self.points = np.zeros([2 * count, most, 2], np.float32)
        for row, way in zip(self.points, both, strict=True):
            row[: len(way)] = way
        ends = np.stack([bspline.basis(len(x), 2) @ x for x in both])
        self.starts = ends[:, 0].astype(np.float32)  # [2 n, 2]
        self.ends = np.vstack([ends[:, 1], [2 * [_FIRST_END]]]).astype("f4")
        self.is_drawn = np.arange(2**count)[:, np.newaxis] >> np.arange(count)
        self.is_drawn = self.is_drawn & 1 > 0  # [2^n, n]
        is_before = np.repeat(self.is_drawn, 2, 1)  # [2^n, 2 n]
        is_empty = ~self.is_drawn.any(1, keepdims=True)
        is_finished = self.is_drawn.all(1, keepdims=True)
        # Rows of starts: a set and its last end; of strokes: a set and a way.
        self.start_rows = np.nonzero(
            np.hstack([is_before, is_empty]) & ~is_finished
        )
        self.stroke_rows = np.nonzero(~is_before)

    def canvases(self) -> np.ndarray:
        """The canvas of each set of strokes, `[2^n, 28, 28]`.

        The ink of a stroke hardly depends on its direction.
        """
        ink = splat_canvases.stroke_ink(self.points[::2], self.number[::2])
        sets = self.is_drawn.astype(np.float32)
        return splat_canvases.small(np.tensordot(sets, ink, 1)).numpy()

    def steps(
        self, starts: np.ndarray, strokes: np.ndarray, stops: np.ndarray
    ) -> np.ndarray:
        """Fills the table of `orders.best`.

        Args:
            starts: `[R, 2 n or more]`, of `start_rows`.
            strokes: `[R']`, of `stroke_rows`.
            stops: `[2^n]`.
        """
        count = self.count
        by_start = np.zeros([2**count, 2 * count + 1, 2 * count])
        by_start[self.start_rows] = starts[:, : 2 * count]
        by_stroke = np.zeros([2**count, 2 * count])
        by_stroke[self.stroke_rows] = strokes
        going_on = special.log_expit(-stops)[:, np.newaxis]
        steps = by_start + (by_stroke + going_on)[:, np.newaxis]
        return steps.reshape(*steps.shape[:2], count, 2)


class _Inputs(NamedTuple):
    start: dict[str, np.ndarray]
    stroke: dict[str, np.ndarray]
    stop: dict[str, np.ndarray]


def _inputs(table: _Table) -> _Inputs:
    """The inputs of the three signatures, by name."""
    canvases = table.canvases()
    drawn, last = table.start_rows
    starts = np.zeros([2 * MOST_STROKES, 2], np.float32)
    starts[: len(table.starts)] = table.starts
    start = {
        "canvas_before": canvases[drawn],
        "previous_end": table.ends[last],
        "starts": np.tile(starts, [len(drawn), 1, 1]),
    }
    drawn, way = table.stroke_rows
    stroke = {
        "canvas_before": canvases[drawn],
        "control_points": table.points[way],
        "num_control_points": table.number[way],
    }
    return _Inputs(start, stroke, {"canvas_before": canvases})


def _scores(
    endpoints: endpoints_lib.Endpoints,
    signature: str,
    parts: Sequence[dict[str, np.ndarray]],
) -> list[np.ndarray]:
    """Calls a signature for the rows of all parts together."""
    joined = {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
    found = endpoints_lib.run_all(endpoints, signature, **joined)
    (scores,) = found.values()
    counts = [len(part["canvas_before"]) for part in parts]
    return np.split(scores, np.cumsum(counts)[:-1])
