import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.models.common import noise
from tfdood.types import Pen


def _sample(model, numbers):
    pen = Pen(tf.fill([5, 3], 0.02), tf.fill([5, 3], 0.7), tf.fill([5], 0.5))
    start = model.generative.initial_state(5)
    return *model.generative.sample(start, pen, numbers), pen


def test_canvases_show_the_strokes_that_were_drawn(dood):
    numbers = noise.draw(dood.noise_shape, tf.constant([1, 2]), 5)
    latents, canvases, pen = _sample(dood, numbers)
    np.testing.assert_allclose(
        canvases, dood.draw_steps(latents, pen), atol=1e-5
    )
    assert np.all(np.diff(latents.presence, axis=1) <= 0.0)
    assert np.max(canvases) > 0.1


def test_a_drawing_without_strokes_is_blank(dood):
    numbers = noise.draw(dood.noise_shape, tf.constant([1, 2]), 5)
    stopping = numbers._replace(presence=tf.ones_like(numbers.presence))
    latents, canvases, _ = _sample(dood, stopping)
    np.testing.assert_array_equal(latents.presence, 0.0)
    np.testing.assert_array_equal(canvases, 0.0)


@pytest.mark.parametrize("glimpse_size", [10, 20])
def test_glimpses_of_the_size_of_the_image_share_its_encoder(
    tiny, glimpse_size
):
    settings = dataclasses.replace(tiny, glimpse_size=glimpse_size)
    generative = models.build(settings).generative
    is_shared = generative.glimpse_encoder is generative.encoder
    assert is_shared == (glimpse_size == 20)
    assert generative.canvas_encoder is generative.encoder


def test_canvases_are_not_encoded_without_guidance(tiny):
    settings = dataclasses.replace(tiny, execution_guided=False)
    generative = models.build(settings).generative
    assert generative.canvas_encoder(tf.ones([2, 20, 20, 1])).shape == [2, 0]
