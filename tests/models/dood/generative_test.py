import numpy as np
import tensorflow as tf

from tfdood.models.common import noise


def _sample(model, numbers):
    generative = model.generative
    return generative.sample(
        generative.initial_state(5), model._typical_pens(5), numbers
    )


def test_canvases_show_the_strokes_that_were_drawn(model):
    drawing = _sample(model, noise.draw(model.config, tf.constant([1, 2]), 5))
    np.testing.assert_allclose(
        drawing.canvases,
        model.render(drawing.strokes, drawing.pen),
        atol=1e-5,
    )
    assert np.all(np.diff(drawing.strokes.presence, axis=1) <= 0.0)


def test_who_stops_at_once_draws_nothing(model):
    numbers = noise.draw(model.config, tf.constant([1, 2]), 5)
    stopping = numbers._replace(presence=tf.ones_like(numbers.presence))
    drawing = _sample(model, stopping)
    np.testing.assert_array_equal(drawing.strokes.presence, 0.0)
    np.testing.assert_array_equal(drawing.canvases, 0.0)
