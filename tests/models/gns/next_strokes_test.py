import numpy as np
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.models.gns import next_strokes
from tfdood.types import SplineStrokes


def test_next_stroke_is_the_factor_of_the_density():
    prior = drawings.type_prior()
    points, numbers = drawings.strokes()
    before = SplineStrokes(points, numbers * [[1, 1, 0]])
    found = next_strokes.after(prior, before)
    log_probs = prior.log_probs(SplineStrokes(points, numbers))
    np.testing.assert_allclose(
        np.log1p(-found.stop_probability[0]), log_probs.stops[0, 2], rtol=1e-3
    )
    # The start moves to the centre of a pixel.
    x, y = points[0, 2, 0] * 0.8 + points[0, 2, 1] * 0.2
    row, column = int(y), int(x)
    shift = [column + 0.5 - x, row + 0.5 - y]
    moved = tf.tensor_scatter_nd_add(
        points, [[0, 2]], [tf.ones([5, 1]) * shift]
    )
    exact = prior.log_probs(SplineStrokes(moved, numbers)).starts[0, 2]
    np.testing.assert_allclose(
        np.log(found.start_density[0, row, column]), exact, rtol=1e-3
    )
