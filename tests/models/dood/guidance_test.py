import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.dood import guidance

_EMBEDDINGS = tf.constant([[1.0] * 8, [2.0] * 8])
_STATES = tf.constant([[3.0] * 8, [4.0] * 8])


@pytest.fixture(name="guide", params=[True, False], ids=["guided", "unguided"])
def _guide(request, tiny):
    return guidance.build(
        dataclasses.replace(tiny, execution_guided=request.param)
    )


def test_residual_is_the_ink_that_is_left_and_its_share(tiny):
    target = np.zeros([2, 20, 20, 1], np.float32)
    target[0, :4, 0] = 1.0
    canvas = np.zeros_like(target)
    canvas[0, 1:6, 0] = [[0.5], [1.0], [0.0], [0.25], [0.25]]
    image, share = guidance.Guided(tiny).residual(
        tf.constant(target), tf.constant(canvas)
    )
    np.testing.assert_array_equal(
        image[0, :6, 0, 0], [1.0, 0.5, 0.0, 1.0, -0.25, -0.25]
    )
    # Of 4 pixels of ink 2 are left, and of an empty drawing none.
    np.testing.assert_allclose(share, [[0.5], [0.0]], rtol=1e-5)


def test_residual_passes_no_gradient_to_the_canvas(tiny):
    target, canvas = tf.ones([1, 20, 20, 1]), tf.zeros([1, 20, 20, 1])
    with tf.GradientTape() as tape:
        tape.watch(canvas)
        image, share = guidance.Guided(tiny).residual(target, canvas)
        total = tf.reduce_sum(image) + tf.reduce_sum(share)
    assert tape.gradient(total, canvas) is None


def test_features_have_the_declared_sizes(guide, tiny):
    image, share = guide.residual(tf.ones([2, 20, 20, 1]), tf.zeros([1]))
    encoder, _ = guide.residual_encoders(tiny)
    embedding = encoder(image)
    assert embedding.shape[-1] == guide.embedding_size
    assert share.shape == (2, guide.share_size)
    residual = guidance.Residual(image, embedding, share)
    prior = guide.presence_prior_features(_EMBEDDINGS, _STATES)
    assert prior.shape == (2, guide.presence_prior_size)
    posterior = guide.presence_posterior_features(
        residual, _EMBEDDINGS, _STATES
    )
    assert posterior.shape == (2, guide.presence_posterior_size)


def test_features_without_guidance_do_not_depend_on_the_canvas(tiny):
    blind = guidance.Unguided(tiny)
    target = tf.random.stateless_uniform([2, 20, 20, 1], [1, 2])
    seen = [
        tf.concat([tf.reshape(x, [2, -1]) for x in (*rest, features)], -1)
        for canvas in (tf.zeros_like(target), target)
        for rest in [blind.residual(target, canvas)]
        for features in [blind.presence_prior_features(canvas, _STATES)]
    ]
    # Copies of features that do not see the canvas: exact.
    np.testing.assert_array_equal(*seen)
    of_images, of_glimpses = blind.canvas_encoders(None, None)
    assert of_images(target).shape == of_glimpses(target).shape == (2, 0)
