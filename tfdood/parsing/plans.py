"""In which order and directions a person would draw given strokes.

A prior of strokes is asked for the log probability of each step that any order
can have; `orders` then finds the best order. The prior is a model with these
signatures (GNS, Feinman and Lake, 2021, Sec. 3, "Type prior"):

    score_start   log p(start | canvas so far, end of the last stroke)
    score_stroke  log p(stroke | start, canvas so far)
    score_stop    log odds that the drawing is finished

Control points are in pixels of the 105 x 105 image.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.models.gns import frame
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import orders

MOST_STROKES = 8
"""The most strokes of a set; each more than doubles the table of steps."""


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
    ways = [_Ways(strokes, most_control_points) for strokes in sets]
    rows = [_all_rows(own.count) for own in ways]
    plans = []
    for own, scores in zip(rows, _asked(endpoints, ways, rows), strict=True):
        plan = orders.best(_table(own, scores))
        finished = special.log_expit(float(scores.stop[-1]))
        plans.append(plan._replace(score=plan.score + finished))
    return plans


def greedy_scores(
    endpoints: endpoints_lib.Endpoints,
    sets: Sequence[Sequence[np.ndarray]],
    most_control_points: int,
) -> np.ndarray:
    """Scores sets in an order that takes the best next stroke at each step.

    A set of `n` strokes asks the prior about `n (n + 1)` strokes, and not about
    `n 2^n` as in `best`. No score is larger than that of `best`.

    Args:
        endpoints: the prior.
        sets: see `best`.
        most_control_points: `N` of padded strokes.

    Returns:
        log p(strokes) of each set in that order, in nats.
    """
    ways = [_Ways(strokes, most_control_points) for strokes in sets]
    is_drawn = [np.zeros([1, own.count], bool) for own in ways]
    last = [2 * own.count for own in ways]
    scores = np.zeros(len(sets))
    while unfinished := [n for n, own in enumerate(is_drawn) if not own.all()]:
        rows = [_next_rows(is_drawn[n], last[n]) for n in unfinished]
        found = _asked(endpoints, [ways[n] for n in unfinished], rows)
        for n, own, steps in zip(unfinished, rows, found, strict=True):
            _, way = own.stroke
            values = steps.start[0, way] + steps.stroke
            last[n] = way[values.argmax()]
            is_drawn[n][0, last[n] // 2] = True
            scores[n] += values.max() + special.log_expit(-steps.stop[0])
    canvases = [
        {"canvas_before": own.canvases(drawn)}
        for own, drawn in zip(ways, is_drawn, strict=True)
    ]
    stops = np.concatenate(_scores(endpoints, "score_stop", canvases))
    return scores + special.log_expit(stops)


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


class _Ways:
    """A set of `n` strokes in both directions, `2 n` ways to draw one.

    Attributes:
        count: `n`.
        number: `[2 n]`, of control points.
        points: `[2 n, N, 2]`.
        starts: `[2 n, 2]`, the first point of each.
        ends: `[2 n + 1, 2]`, the last point of each; the last row is where the
            stroke before the first one ends.
    """

    def __init__(self, strokes: Sequence[np.ndarray], most: int) -> None:
        self.count = len(strokes)
        both = [way for x in strokes for way in (x, x[::-1])]
        self.number = np.array([len(x) for x in both], np.int32)
        self.points = np.zeros([len(both), most, 2], np.float32)
        for row, way in zip(self.points, both, strict=True):
            row[: len(way)] = way
        ends = np.stack([bspline.basis(len(x), 2) @ x for x in both])
        self.starts = ends[:, 0].astype(np.float32)
        first = np.full([1, 2], frame.FIRST_END)  # Before the first stroke.
        self.ends = np.vstack([ends[:, 1], first]).astype(np.float32)

    def canvases(self, is_drawn: np.ndarray) -> np.ndarray:
        """The canvas of each set of strokes, `[R, 28, 28]`.

        The ink of a stroke hardly depends on its direction.

        Args:
            is_drawn: `[R, n]`, bool.
        """
        sets = is_drawn.astype(np.float32)
        return splat_canvases.small(np.tensordot(sets, self.ink, 1)).numpy()

    @functools.cached_property
    def ink(self) -> np.ndarray:
        """`[n, 105, 105]`, of each stroke."""
        ink = splat_canvases.stroke_ink(self.points[::2], self.number[::2])
        return ink.numpy()


class _Rows(NamedTuple):
    """What the prior is asked about a set of `n` strokes.

    Attributes:
        is_drawn: `[C, n]`, bool, the strokes on each canvas.
        start: of each start that is asked, its canvas and its last end, one of
            `_Ways.ends`: two arrays `[R]`.
        stroke: of each stroke, its canvas and its way: two arrays `[R']`.
    """

    is_drawn: np.ndarray
    start: tuple[np.ndarray, np.ndarray]
    stroke: tuple[np.ndarray, np.ndarray]


class _Scores(NamedTuple):
    """What the prior says about a set of `n` strokes, in nats.

    Attributes:
        start: `[R, 2 MOST_STROKES]`, of all ways; the first `2 n` count.
        stroke: `[R']`.
        stop: `[C]`, log odds.
    """

    start: np.ndarray
    stroke: np.ndarray
    stop: np.ndarray


def _all_rows(count: int) -> _Rows:
    """All steps of all orders."""
    is_drawn = np.arange(2**count)[:, np.newaxis] >> np.arange(count)
    is_drawn = is_drawn & 1 > 0
    is_before = np.repeat(is_drawn, 2, 1)  # [2^n, 2 n]
    is_empty = ~is_drawn.any(1, keepdims=True)
    is_finished = is_drawn.all(1, keepdims=True)
    is_start = np.hstack([is_before, is_empty]) & ~is_finished
    return _Rows(is_drawn, np.nonzero(is_start), np.nonzero(~is_before))


def _next_rows(is_drawn: np.ndarray, last: int) -> _Rows:
    """The steps after one canvas `[1, n]`, whose last end is `last`."""
    ways = np.nonzero(~np.repeat(is_drawn, 2, 1))
    return _Rows(is_drawn, (np.zeros(1, int), np.array([last])), ways)


def _table(rows: _Rows, scores: _Scores) -> np.ndarray:
    """Fills the table of `orders.best` with the scores of `_all_rows`."""
    size, count = rows.is_drawn.shape
    by_start = np.zeros([size, 2 * count + 1, 2 * count])
    by_start[rows.start] = scores.start[:, : 2 * count]
    by_stroke = np.zeros([size, 2 * count])
    by_stroke[rows.stroke] = scores.stroke
    going_on = special.log_expit(-scores.stop)[:, np.newaxis]
    steps = by_start + (by_stroke + going_on)[:, np.newaxis]
    return steps.reshape(*steps.shape[:2], count, 2)


def _asked(
    endpoints: endpoints_lib.Endpoints,
    ways: Sequence[_Ways],
    rows: Sequence[_Rows],
) -> list[_Scores]:
    """Asks the prior about several sets of strokes together."""
    inputs = list(map(_inputs, ways, rows))
    by_signature = (
        _scores(endpoints, f"score_{name}", parts)
        for name, parts in zip(
            _Scores._fields, zip(*inputs, strict=True), strict=True
        )
    )
    return list(map(_Scores, *by_signature))


def _inputs(ways: _Ways, rows: _Rows) -> tuple[dict[str, np.ndarray], ...]:
    """The inputs of the signatures of `_Scores`."""
    canvases = ways.canvases(rows.is_drawn)
    drawn, last = rows.start
    starts = np.zeros([2 * MOST_STROKES, 2], np.float32)
    starts[: len(ways.starts)] = ways.starts
    start = {
        "canvas_before": canvases[drawn],
        "previous_end": ways.ends[last],
        "starts": np.tile(starts, [len(drawn), 1, 1]),
    }
    drawn, way = rows.stroke
    stroke = {
        "canvas_before": canvases[drawn],
        "control_points": ways.points[way],
        "num_control_points": ways.number[way],
    }
    return start, stroke, {"canvas_before": canvases}


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
    found = endpoints_lib.run_all(
        endpoints, signature, shows_progress=False, **joined
    )
    (scores,) = found.values()
    counts = [len(part["canvas_before"]) for part in parts]
    return np.split(scores, np.cumsum(counts)[:-1])
