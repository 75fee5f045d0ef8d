"""Tests of the fit of characters to images."""

import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing.curves import bspline
from tfdood.models.gns import fitting, image_model, token
from tfdood.models.gns import prior as prior_lib
from tfdood.types import SplineStrokes

SIZE = 105
NUMBERS = np.array([[2, 3], [1, 0]], np.int32)
POINTS = np.zeros((2, 2, 3, 2), np.float32)
POINTS[0, 0, :2] = [[20, 30], [80, 30]]
POINTS[0, 1] = [[50, 30], [52, 60], [40, 90]]
POINTS[1, 0, 0] = [60, 40]
STROKES = SplineStrokes(tf.constant(POINTS), tf.constant(NUMBERS))
_INPUTS = [
    tf.TensorSpec([None, SIZE, SIZE, 1]),
    SplineStrokes(
        tf.TensorSpec([None, 2, 3, 2]), tf.TensorSpec([None, 2], tf.int32)
    ),
    tf.TensorSpec([], tf.int32),
]


@pytest.fixture(scope="module")
def prior():
    return prior_lib.TypePrior(num_mixtures=2)


@pytest.fixture(scope="module")
def fit(prior):
    @tf.function(autograph=False, input_signature=_INPUTS)
    def call(images, strokes, num_steps):
        count = tf.shape(images)[0]
        steps, rate = tf.fill([count], num_steps), tf.fill([count], 0.3)
        return fitting.fit(prior, images, strokes, steps, rate)

    return call


def drawn(points):
    """Binary images of strokes."""
    strokes = SplineStrokes(tf.constant(points), STROKES.num_control_points)
    rows = [len(points)]
    canvas = image_model.canvas(
        strokes, tf.fill(rows, 1.5), tf.fill(rows, 0.02), SIZE
    )
    return tf.cast(canvas[..., tf.newaxis] > 0.5, tf.float32)


def test_without_steps_nothing_moves(fit, prior):
    found = fit(drawn(POINTS), STROKES, 0)
    np.testing.assert_array_equal(found.types.control_points, POINTS)
    np.testing.assert_allclose(found.strokes.control_points, POINTS, atol=1e-4)
    np.testing.assert_allclose(
        found.log_type, prior.log_probs(STROKES).total, rtol=1e-5
    )
    still = token.Token(
        tf.zeros([2, 2, 2]),
        tf.zeros_like(POINTS),
        tf.constant([[1.0, 1, 0, 0]] * 2),
    )
    np.testing.assert_allclose(
        found.log_token, token.log_prob(STROKES, still), rtol=1e-5
    )


def test_the_likelihood_is_that_of_each_pixel(fit):
    images = drawn(POINTS)
    found = fit(images, STROKES, 0)
    p, x = (np.float64(v) for v in (found.canvas, images[..., 0]))
    expected = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum((1, 2))
    np.testing.assert_allclose(found.log_likelihood, expected, rtol=1e-4)


def test_strokes_move_to_the_ink(fit):
    moved = POINTS.copy()
    moved[0, 0, :2, 1] += 3.0
    images = drawn(moved)
    before, after = (fit(images, STROKES, steps) for steps in (0, 30))
    assert (fitting.log_joint(after) >= fitting.log_joint(before)).numpy().all()
    gained = after.log_likelihood - before.log_likelihood
    assert gained[0] > 30.0
    row = after.strokes.control_points[0, 0, :2, 1].numpy()
    np.testing.assert_allclose(row, 33.0, atol=1.0)


def test_rows_do_not_depend_on_each_other(fit):
    images = drawn(POINTS)
    both = fit(images, STROKES, 2)
    one = SplineStrokes(*(x[:1] for x in STROKES))
    alone = fit(images[:1], one, 2)
    np.testing.assert_allclose(
        both.strokes.control_points[:1], alone.strokes.control_points, atol=1e-2
    )


def test_a_drawing_without_strokes_has_a_density(fit):
    empty = SplineStrokes(STROKES.control_points, tf.zeros([2, 2], tf.int32))
    found = fit(tf.zeros([2, SIZE, SIZE, 1]), empty, 2)
    assert np.isfinite(fitting.log_joint(found)).all()
    assert (found.canvas.numpy() < 0.05).all()


@pytest.fixture(scope="module")
def refit():
    @tf.function(autograph=False, input_signature=_INPUTS)
    def call(images, types, num_steps):
        count = tf.shape(images)[0]
        steps, rate = tf.fill([count], num_steps), tf.fill([count], 0.3)
        still = token.Token(
            tf.zeros_like(types.control_points[..., 0, :]),
            tf.zeros_like(types.control_points),
            tf.tile([token.AFFINE_MEAN], [count, 1]),
        )
        pen = [tf.fill([count], value) for value in fitting.WIDE_PEN]
        return fitting.refit(images, types, still, *pen, steps, rate)

    return call


def score(found):
    return (found.log_token + found.log_likelihood).numpy()


def test_types_stay_and_the_score_is_that_of_token_and_image(refit):
    images = drawn(POINTS)
    found = refit(images, STROKES, 3)
    np.testing.assert_array_equal(found.types.control_points, POINTS)
    np.testing.assert_allclose(
        found.log_token, token.log_prob(STROKES, found.token), rtol=1e-5
    )
    p, x = (np.float64(v) for v in (found.canvas, images[..., 0]))
    expected = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum((1, 2))
    np.testing.assert_allclose(found.log_likelihood, expected, rtol=1e-4)


def test_a_shifted_copy_is_found(refit):
    shift = np.float32([6.0, -4.0])
    moved = POINTS + shift * (np.arange(3) < NUMBERS[..., None])[..., None]
    images = drawn(moved)
    found = refit(images, STROKES, 60)
    assert (score(found) > score(refit(images, STROKES, 0)) + 500.0).all()
    curves, expected = (
        bspline.points(tf.constant(points), NUMBERS, 20).numpy()
        for points in (found.strokes.control_points, moved)
    )
    # The dot of the second drawing may stay: noise explains few pixels, too.
    assert np.abs(curves - expected)[0].max() < 2.5
    # A shift of all strokes is more probable than one of each point.
    assert (found.token.affine[0, 2:] * np.sign(shift) > 1.0).numpy().all()


def test_own_images_have_higher_scores_than_others(refit):
    images = drawn(POINTS)
    own = score(refit(images, STROKES, 30))
    others = score(refit(images[::-1], STROKES, 30))
    assert (own > others + 50.0).all()


def test_rates_of_zero_leave_the_token(refit):
    images = tf.ones([2, SIZE, SIZE, 1])
    found = fitting.refit(
        images,
        STROKES,
        refit(images, STROKES, 2).token,
        std=tf.constant([2.0, 0.5]),
        noise=tf.constant([0.1, 0.2]),
        num_steps=tf.constant([5, 5]),
        rate=tf.zeros([2]),
    )
    np.testing.assert_allclose(found.noise, [0.1, 0.2], rtol=1e-5)
    # The smallest blur is not reached, because nothing could leave it.
    np.testing.assert_allclose(found.std, [2.0, 0.5155], rtol=1e-5)
    expected = refit(images, STROKES, 2).token
    for value, wanted in zip(found.token, expected, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-5)


def test_the_pen_is_wide_until_strokes_are_near(refit):
    moved = POINTS.copy()
    moved[0, :, :, 1] += 12.0
    images = drawn(moved)
    far, near = refit(images, STROKES, 15), refit(images, STROKES, 120)
    distance = [
        np.abs(x.strokes.control_points[0, 0, :2, 1] - 42.0).max()
        for x in (far, near)
    ]
    assert distance[0] > 2.0 > distance[1]
    assert far.std[0] > 2.0 > near.std[0]
    assert far.noise[0] > near.noise[0]
