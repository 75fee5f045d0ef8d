import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.models.common import noise

_SEED = tf.constant([3, 4])


@pytest.fixture(scope="module", name="paper_model")
def _paper_model(tiny):
    keras.utils.set_random_seed(0)
    return models.build(
        dataclasses.replace(tiny, encoder="paper", glimpse_size=20)
    )


def _trace(model, images, dropout_seed, num_particles=1):
    numbers = noise.draw(
        model.config, tf.constant([1, 2]), len(images), num_particles
    )
    return model._infer(images, numbers, num_particles, dropout_seed)


def test_particles_see_the_same_image_and_go_their_own_ways(model, images):
    trace = _trace(model, images, None, num_particles=3)
    target = np.reshape(trace.target_embedding, [3, 4, -1])
    np.testing.assert_allclose(target[1], target[0], rtol=1e-6)
    np.testing.assert_allclose(
        target[0], model.generative.encoder(images), rtol=1e-4, atol=1e-5
    )
    layouts = np.reshape(trace.strokes.layout, [3, 4, -1])
    assert np.all(layouts[1] != layouts[0])


def test_what_was_drawn_is_what_the_canvas_shows(model, images):
    trace = _trace(model, images, None)
    np.testing.assert_allclose(
        trace.steps.canvas,
        model.render(trace.strokes, trace.pen),
        atol=1e-5,
    )
    embedded = [
        model.generative.canvas_encoder(canvas)
        for canvas in (tf.zeros_like(images), trace.steps.canvas[:, 0])
    ]
    np.testing.assert_allclose(
        trace.canvas_embeddings[:, :2], tf.stack(embedded, 1), atol=1e-5
    )


def test_every_image_has_dropout_of_its_own(paper_model):
    images = tf.ones([4, 20, 20, 1])
    whole = _trace(paper_model, images, None)
    dropped = _trace(paper_model, images, _SEED)
    again = _trace(paper_model, images, _SEED)
    for name in ("target_embedding", "canvas_embeddings"):
        same, fresh = (
            np.reshape(getattr(trace, name), [4, -1, 8])[:, 0]
            for trace in (whole, dropped)
        )
        np.testing.assert_allclose(same[1:], same[:-1], rtol=1e-5, atol=1e-6)
        assert np.abs(np.diff(fresh, axis=0)).max(1).min() > 1e-4
        # The same route, repeated: exact.
        np.testing.assert_array_equal(
            getattr(again, name), getattr(dropped, name)
        )
