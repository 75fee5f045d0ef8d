import math

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas
from tfdood.models.common import token
from tfdood.types import Strokes


def _strokes():
    return Strokes(
        tf.ones([2, 3]),
        tf.random.stateless_uniform([2, 3, 4], [1, 2], 0.2, 0.6),
        tf.random.stateless_uniform([2, 3, 5, 2], [3, 4]),
    )


@pytest.mark.parametrize("model", token.MODELS.values())
def test_token_without_noise_is_its_type(model):
    strokes = _strokes()
    same = token.sample(
        strokes, tf.zeros([2, 3, 5, 2]), tf.zeros([2, 7]), model
    )
    np.testing.assert_allclose(
        canvas.place(same.layout, same.control_points),
        canvas.place(strokes.layout, strokes.control_points),
        atol=1e-6,
    )


def test_parameters_stay_in_their_ranges():
    ranges = token.AffineRanges(0.2, 0.4, 0.25 * math.pi, 0.3)
    far = 50.0 * np.eye(7, dtype=np.float32)
    matrices = token.affine(tf.constant(far), ranges).numpy()
    np.testing.assert_allclose(matrices[0], [[1, 0, 0.2], [0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(matrices[3], [[1, 0, 0], [0, 1.4, 0]], atol=1e-6)
    half = math.sqrt(0.5)
    turned = [[half, -half, 0], [half, half, 0]]
    np.testing.assert_allclose(matrices[4], turned, atol=1e-6)
    np.testing.assert_allclose(matrices[5], [[1, 0.3, 0], [0, 1, 0]], atol=1e-6)


def test_motor_noise_of_the_code_is_zero_at_the_ends():
    model = token.MODELS["code"]
    np.testing.assert_allclose(
        token.motor_std(5, model), [0, 0.003, 0.1, 0.003, 0], rtol=1e-5
    )
    np.testing.assert_allclose(token.motor_std(2, model), [0, 0])


def test_motor_noise_of_the_text_is_the_same_at_all_points():
    std = token.motor_std(5, token.MODELS["text"])
    np.testing.assert_allclose(std, 1e-3, rtol=1e-6)


def test_affine_transforms_of_the_text_are_uniform_in_their_ranges():
    count = 4_000
    strokes = Strokes(
        tf.ones([count, 1]),
        tf.tile([[[0.0, 0.0, 1.0, 0.0]]], [count, 1, 1]),
        tf.fill([count, 1, 2, 2], 0.5),
    )
    noise = np.zeros([count, 7], np.float32)
    noise[:, 0] = np.random.default_rng(0).normal(size=count)
    model = token.MODELS["text"]
    moved = token.sample(strokes, tf.zeros([count, 1, 2, 2]), noise, model)
    # A shift is in half image widths; the centre of the canvas is 0.5.
    shift = 2.0 * (moved.control_points[:, 0, 0, 0] - 0.5)
    test = scipy.stats.kstest(shift, scipy.stats.uniform(-0.2, 0.4).cdf)
    assert test.pvalue > 0.01


def test_one_affine_transform_moves_all_strokes():
    strokes = _strokes()
    noise = tf.random.stateless_normal([2, 7], [5, 6])
    model = token.MODELS["code"]
    moved = token.sample(strokes, tf.zeros([2, 3, 5, 2]), noise, model)
    before = canvas.place(strokes.layout, strokes.control_points).numpy()
    for drawing in range(2):
        # One affine explains where all points went.
        points = before[drawing].reshape(-1, 2)
        design = np.concatenate([points, np.ones([15, 1])], -1)
        goal = moved.control_points[drawing].numpy().reshape(-1, 2)
        _, residual, rank, _ = np.linalg.lstsq(design, goal, rcond=None)
        assert rank == 3
        np.testing.assert_allclose(residual, 0.0, atol=1e-10)
        assert np.abs(goal - points).max() > 1e-3


def test_move_is_one_affine_transform_of_the_whole_drawing():
    layout, noise = (
        tf.random.stateless_normal(shape, [1, 2])
        for shape in ([5, 3, 4], [5, 4])
    )
    points = tf.random.stateless_uniform([5, 3, 6, 2], [3, 4])
    strokes = Strokes(tf.ones([5, 3]), layout, points)
    moved = token.move(strokes, noise)
    reach = [0.1, 0.1, 0.1, 0.1 * np.pi]
    change = [0.0, 0.0, 1.0, 0.0] + reach * np.tanh(noise / 2.0)
    affine = affine_lib.from_layout(tf.constant(change, tf.float32))
    expected = affine_lib.transform_points(
        canvas.place(layout, points), affine[:, tf.newaxis]
    )
    np.testing.assert_allclose(
        canvas.place(moved.layout, points), expected, atol=1e-5
    )
    same = token.move(strokes, tf.zeros([5, 4]))
    np.testing.assert_allclose(same.layout, layout, rtol=1e-5, atol=1e-6)
