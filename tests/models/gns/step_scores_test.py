"""Tests of the densities of single steps."""

import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.models.gns import prior as prior_lib
from tfdood.models.gns import step_scores
from tfdood.types import SplineStrokes

NUMBERS = np.array([3, 1, 4], np.int32)
POINTS = np.zeros((3, 5, 2), np.float32)
POINTS[0, :3] = [[20, 20], [40, 22], [60, 30]]
POINTS[1, :1] = [[50, 50]]
POINTS[2, :4] = [[70, 80], [60, 60], [40, 75], [30, 75]]


@pytest.fixture(scope="module")
def prior():
    return prior_lib.TypePrior(num_mixtures=3)


def test_the_steps_of_a_drawing_add_up_to_its_density(prior):
    canvases = splat_canvases.canvases_before(POINTS, NUMBERS)
    curves = bspline.points(POINTS, NUMBERS, 2).numpy()
    ends = np.concatenate([[[0.5, 0.5]], curves[:-1, 1]]).astype(np.float32)
    starts = step_scores.of_starts(
        prior, canvases[:-1], ends, curves[:, np.newaxis, 0]
    )
    strokes = step_scores.of_strokes(prior, canvases[:-1], POINTS, NUMBERS)
    stops = step_scores.of_stops(prior, canvases)
    total = (
        tf.reduce_sum(starts)
        + tf.reduce_sum(strokes)
        + tf.reduce_sum(tf.math.log_sigmoid(-stops[:-1]))
        + tf.math.log_sigmoid(stops[-1])
    )
    drawing = SplineStrokes(POINTS[np.newaxis], NUMBERS[np.newaxis])
    expected = prior.log_probs(drawing).total[0]
    np.testing.assert_allclose(total, expected, rtol=1e-4)


def test_rows_do_not_depend_on_each_other(prior):
    canvases = splat_canvases.canvases_before(POINTS, NUMBERS)[:-1]
    together = step_scores.of_strokes(prior, canvases, POINTS, NUMBERS)
    for row in range(3):
        part = slice(row, row + 1)
        alone = step_scores.of_strokes(
            prior, canvases[part], POINTS[part], NUMBERS[part]
        )
        np.testing.assert_allclose(together[part], alone, rtol=1e-4)


def test_several_starts_share_a_canvas(prior):
    canvas = splat_canvases.canvases_before(POINTS, NUMBERS)[:1]
    ends = tf.constant([[0.5, 0.5]])
    starts = np.array([[[10.0, 20.0], [50.0, 60.0]]], np.float32)
    both = step_scores.of_starts(prior, canvas, ends, starts)
    for place in range(2):
        one = step_scores.of_starts(
            prior, canvas, ends, starts[:, place : place + 1]
        )
        np.testing.assert_allclose(both[:, place], one[:, 0], rtol=1e-5)
