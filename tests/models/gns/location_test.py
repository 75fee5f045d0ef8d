"""Tests of the location model."""

import numpy as np
import tensorflow as tf

from tests import seeding
from tfdood.models.gns import location

CANVAS = tf.random.stateless_uniform([1, 28, 28], [3, 4])


def test_the_density_sees_the_canvas_and_the_previous_end():
    seeding.initial_weights()
    model = location.LocationModel(num_mixtures=3)
    end = tf.constant([[20.0, 30.0]])
    outputs = model(CANVAS, end)
    assert outputs.shape == (1, 18)
    assert not np.allclose(model(1.0 - CANVAS, end), outputs, atol=1e-4)
    assert not np.allclose(model(CANVAS, end + 40.0), outputs, atol=1e-4)


def test_the_density_of_starts_integrates_to_one():
    seeding.initial_weights()
    outputs = location.LocationModel(3)(CANVAS, tf.constant([[50.0, 50.0]]))
    places = np.arange(-150.0, 250.0, 2.0, np.float32)
    points = np.stack(np.meshgrid(places, places), -1)
    density = tf.exp(location.starts(outputs[:, None, None]).log_prob(points))
    np.testing.assert_allclose(tf.reduce_sum(density) * 4.0, 1.0, atol=1e-2)
