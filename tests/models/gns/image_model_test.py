"""Pixels of ink, given strokes."""

import numpy as np
import tensorflow as tf
from scipy import ndimage

from tests.models.gns import drawings
from tfdood.models.gns import image_model
from tfdood.types import SplineStrokes


def test_the_noise_is_where_there_is_no_ink():
    strokes = drawings.strokes()
    count = len(drawings.NUMBERS)
    canvas = image_model.canvas(
        strokes, tf.fill([count], 0.8), tf.fill([count], 0.03), 105
    ).numpy()
    assert canvas.shape == (count, 105, 105)
    np.testing.assert_allclose(canvas[-1], 0.03, atol=1e-6)  # no strokes
    assert canvas[0].max() > 0.9
    np.testing.assert_allclose(canvas[0, 0, 0], 0.03, atol=1e-6)


def test_a_smaller_image_shows_the_whole_page():
    strokes = drawings.strokes()
    count = len(drawings.NUMBERS)
    centres = []
    for size in (105, 35):
        std, noise = tf.fill([count], size / 105), tf.fill([count], 0.0)
        ink = image_model.canvas(strokes, std, noise, size).numpy()[0]
        places = (np.arange(size) + 0.5) / size
        centres.append(
            [(ink.sum(axis) @ places) / ink.sum() for axis in (0, 1)]
        )
    np.testing.assert_allclose(*centres, atol=0.02)


def test_a_long_stroke_has_no_gaps_in_a_large_image():
    points = np.zeros([1, 1, 5, 2], np.float32)
    points[0, 0, :2] = [[5.0, 50.0], [95.0, 50.0]]
    strokes = SplineStrokes(points, np.array([[2]]))
    canvas = image_model.canvas(
        strokes, tf.fill([1], 1.0), tf.fill([1], 0.0), 1_024
    )
    _, count = ndimage.label(canvas[0].numpy() > 0.5)
    assert count == 1


def test_the_probability_is_that_of_each_pixel():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.1, 0.9, [2, 4, 4])
    images = (rng.random([2, 4, 4, 1]) > 0.5).astype("f4")
    expected = np.log(np.where(images[..., 0] > 0.5, p, 1 - p)).sum((1, 2))
    np.testing.assert_allclose(
        image_model.log_prob(images, tf.constant(p)), expected
    )
    impossible = image_model.log_prob(
        np.ones([1, 1, 1, 1]), tf.zeros([1, 1, 1])
    )
    assert np.isfinite(impossible).all()
