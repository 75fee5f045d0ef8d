import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import encoders
from tfdood.models.dood import pen, recognition


@pytest.fixture(name="make")
def _make(tiny):
    def make(**settings):
        changed = dataclasses.replace(tiny, **settings)
        _, of_glimpses = encoders.build(changed)
        return recognition.RecognitionModel(changed, of_glimpses, pen.StrokePen)

    return make


def _blank_and_drawn():
    """Targets, and canvases with none or half of their ink."""
    target = tf.random.stateless_uniform([2, 20, 20, 1], [1, 2])
    return target, target * [[[[0.0]]], [[[0.5]]]]


def test_presence_starts_at_its_bias_and_depends_on_the_residual(make):
    model = make(presence_bias=1.5)
    target, canvas = _blank_and_drawn()
    residual = model.residual(target, canvas, None)
    np.testing.assert_allclose(residual.share, [[1.0], [0.5]], rtol=1e-5)
    rest = tf.zeros([2, 8]), tf.zeros([2, 8])
    logits = model.presence_logits(residual, *rest)
    np.testing.assert_allclose(logits, 1.5, rtol=1e-5)
    kernel = model.presence_head.output_layer.kernel
    kernel.assign(tf.random.stateless_normal(kernel.shape, [3, 4]))
    blank, drawn = model.presence_logits(residual, *rest)
    assert blank != drawn


def test_layout_of_the_whole_image_shows_target_and_residual(make):
    model = make(glimpse_size=20)
    target, canvas = _blank_and_drawn()
    residual = model.residual(target, canvas, None)
    whole = tf.constant([[0.0, 0.0, 1.0, 0.0]] * 2)
    shown = model.glimpses(whole, target, residual)
    for glimpse, image in zip(shown, (target, target - canvas), strict=True):
        np.testing.assert_allclose(glimpse, image, atol=1e-5)


def test_residual_passes_no_gradient(make):
    model = make()
    target, canvas = _blank_and_drawn()
    with tf.GradientTape() as tape:
        tape.watch([target, canvas])
        residual = model.residual(target, canvas, None)
        total = tf.reduce_sum(residual.image) + tf.reduce_sum(
            residual.embedding
        )
    assert tape.gradient(total, [target, canvas]) == [None, None]


@pytest.mark.parametrize("guided", [True, False])
@pytest.mark.parametrize("encoder", ["paper", "patches"])
def test_features_of_a_stroke_depend_on_both_glimpses(make, encoder, guided):
    model = make(encoder=encoder, execution_guided=guided)
    shape = [2, 10, 10, 1]
    target, residual = tf.unstack(
        tf.random.stateless_uniform([2, *shape], [5, 6])
    )
    residual = residual[..., : int(guided)]
    with tf.GradientTape() as tape:
        tape.watch([target, residual])
        features = model.stroke_features(
            target, residual, tf.ones([2, 8]), None
        )
        total = tf.reduce_sum(features**2)
    joint = guided and encoder == "patches"
    num_embeddings = 1 if joint or not guided else 2
    assert features.shape == [2, 8 * (1 + num_embeddings)]
    gradients = tape.gradient(total, [target, residual])
    assert np.any(gradients[0])
    assert not guided or np.any(gradients[1])
    assert model.stroke_posterior(features).loc.shape == [2, 5, 2]


def test_models_without_a_pen_have_no_weights_of_it(tiny):
    _, of_glimpses = encoders.build(tiny)
    with_pen, without = (
        recognition.RecognitionModel(tiny, of_glimpses, kind)
        for kind in (pen.StrokePen, pen.NoStrokePen)
    )
    own = with_pen.stroke_pen.count_params()
    assert own > 0
    assert without.count_params() == with_pen.count_params() - own
