"""Tests of the termination model."""

import numpy as np
import tensorflow as tf

from tests import seeding
from tfdood.models.gns import termination


def test_the_log_odds_of_a_canvas_do_not_depend_on_others():
    seeding.initial_weights()
    model = termination.TerminationModel()
    canvases = tf.random.stateless_uniform([3, 28, 28], [5, 6])
    together = model(canvases)
    assert together.shape == (3,)
    for row in range(3):
        alone = model(canvases[row : row + 1])
        np.testing.assert_allclose(together[row], alone[0], atol=1e-5)
    assert len(np.unique(together)) == 3
