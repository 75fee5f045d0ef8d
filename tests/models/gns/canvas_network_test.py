"""Tests of the network that sees canvases."""

import numpy as np
import pytest
import tensorflow as tf

from tests import seeding
from tfdood.models.gns import canvas_network

CANVASES = tf.random.stateless_uniform([3, 28, 28], [1, 2])


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_rows_do_not_depend_on_each_other(activation):
    seeding.initial_weights()
    network = canvas_network.CanvasNetwork(
        "test", (2, 3, 4, 5), activation, 0.5, (0.1, 0.2)
    )
    together = network(CANVASES)
    assert together.shape == (3, 5)
    for row in range(3):
        alone = network(CANVASES[row : row + 1])
        np.testing.assert_allclose(together[row], alone[0], atol=1e-5)
    assert not np.allclose(together[0], together[1], atol=1e-3)


def test_standardised_canvases_have_mean_0_and_variance_1():
    pixels = CANVASES.numpy()
    moments = float(pixels.mean()), float(pixels.std())
    found = canvas_network.standardised(CANVASES, moments).numpy()
    assert found.shape == (3, 28, 28, 1)
    np.testing.assert_allclose(found.mean(), 0.0, atol=1e-4)
    np.testing.assert_allclose(found.std(), 1.0, rtol=1e-4)
