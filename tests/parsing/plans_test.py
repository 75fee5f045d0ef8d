"""Tests of the plans: the order and directions of strokes under a prior."""

import itertools

import numpy as np
import pytest
from scipy import special

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.parsing import plans

MOST = 6
STROKES = [
    np.array([[20.0, 20.0], [40.0, 22.0], [60.0, 30.0]]),
    np.array([[70.0, 80.0], [30.0, 75.0]]),
    np.array([[50.0, 50.0]]),
]


class Prior:
    """A prior whose scores depend on all inputs."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.kernel = rng.normal(size=[28, 28])

    def seen(self, canvas):
        return (canvas * self.kernel).sum((-2, -1))

    def run(self, signature, canvas_before, **inputs):
        return {
            "value": getattr(self, signature)(
                self.seen(canvas_before), **inputs
            )
        }

    def score_start(self, seen, previous_end, starts):
        away = starts - previous_end[:, np.newaxis]
        return np.sin(seen)[:, np.newaxis] - (away @ [0.03, 0.02]) ** 2

    def score_stroke(self, seen, control_points, num_control_points):
        first, last = (
            control_points[:, 0],
            control_points[np.arange(len(seen)), num_control_points - 1],
        )
        return np.cos(seen) + (last - first) @ [0.01, -0.02]

    def score_stop(self, seen):
        return 0.3 * seen


def log_prob(prior, strokes):
    """The log probability of strokes in their order, step by step."""
    total, end = 0.0, np.array([[0.5, 0.5]])
    points = np.zeros([len(STROKES), MOST, 2], np.float32)
    counts = np.zeros([len(STROKES)], np.int32)
    for row, stroke in enumerate(strokes):
        points[row, : len(stroke)], counts[row] = stroke, len(stroke)
    canvases = splat_canvases.canvases_before(points, counts).numpy()
    for number in range(len(strokes) + 1):
        seen = prior.seen(canvases[number : number + 1])
        stop = prior.score_stop(seen)[0]
        if number == len(strokes):
            return total + special.log_expit(stop)
        stroke = strokes[number]
        curve = bspline.basis(len(stroke), 2) @ stroke
        padded = np.zeros([1, MOST, 2])
        padded[0, : len(stroke)] = stroke
        total += special.log_expit(-stop)
        total += prior.score_start(seen, end, curve[np.newaxis, :1])[0, 0]
        total += prior.score_stroke(seen, padded, np.array([len(stroke)]))[0]
        end = curve[np.newaxis, 1]
    raise AssertionError


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_plan_is_the_best_of_all(count):
    prior, strokes = Prior(), STROKES[:count]
    scores = [
        log_prob(prior, [strokes[n][:: 1 - 2 * way] for n, way in drawn])
        for order in itertools.permutations(range(count))
        for ways in itertools.product((0, 1), repeat=count)
        for drawn in [list(zip(order, ways, strict=True))]
    ]
    (plan,) = plans.best(prior, [strokes], MOST)
    # The ink of a stroke hardly depends on its direction.
    np.testing.assert_allclose(plan.score, max(scores), atol=1e-2)
    own = log_prob(prior, plans.arranged(strokes, plan))
    np.testing.assert_allclose(own, plan.score, atol=1e-2)


def test_sets_do_not_depend_on_each_other():
    prior = Prior()
    sets = [STROKES, STROKES[1:], STROKES[:1]]
    together = plans.best(prior, sets, MOST)
    for strokes, plan in zip(sets, together, strict=True):
        (alone,) = plans.best(prior, [strokes], MOST)
        np.testing.assert_allclose(plan.score, alone.score, atol=1e-5)
        np.testing.assert_array_equal(plan.order, alone.order)


def test_greedy_scores_are_those_of_a_greedy_order():
    prior = Prior()
    drawn, left = [], list(STROKES)

    def density(strokes):
        finished = special.log_expit(prior.score_stop(seen(strokes)))
        return log_prob(prior, strokes) - finished

    def seen(strokes):
        points = np.zeros([len(STROKES), MOST, 2], np.float32)
        counts = np.zeros([len(STROKES)], np.int32)
        for row, stroke in enumerate(strokes):
            points[row, : len(stroke)], counts[row] = stroke, len(stroke)
        canvas = splat_canvases.canvases_before(points, counts)[-1]
        return prior.seen(canvas.numpy())

    while left:
        number, way = max(
            itertools.product(range(len(left)), (1, -1)),
            key=lambda x: density([*drawn, left[x[0]][:: x[1]]]),
        )
        drawn.append(left.pop(number)[::way])
    sets = [STROKES, STROKES[1:]]
    scores = plans.greedy_scores(prior, sets, MOST)
    np.testing.assert_allclose(scores[0], log_prob(prior, drawn), atol=1e-2)
    exact = [plan.score for plan in plans.best(prior, sets, MOST)]
    assert np.all(scores <= np.add(exact, 1e-5))
