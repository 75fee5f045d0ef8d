import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood import models
from tfdood.data.batching import Batch
from tfdood.models.gnm import prior_learning
from tfdood.models.gnm.learning import SceneLearner
from tfdood.settings.scenes import SceneObjective

_SEED = tf.constant([1, 2])
_PART = SceneObjective(beta=3.0, beta_steps=0, learns="scene_code")
_SETTINGS = [tiny_scenes.SETTINGS, tiny_scenes.COLOURS]


def _gradients(learner, model, settings, variables):
    images = tiny_scenes.images(settings)
    batch = Batch(images, tf.zeros([3], tf.int64))
    with tf.GradientTape() as tape:
        loss = learner.loss(batch, tf.constant(1_000_000), _SEED)
    return loss, tape.gradient(loss.total, [v.value for v in variables])


@pytest.mark.parametrize("settings", _SETTINGS)
def test_the_code_has_the_gradients_of_the_whole_loss(settings):
    model = tiny_scenes.build(settings)
    part = models.trainable(model, _PART)
    assert isinstance(part, prior_learning.PriorLearner)
    whole = SceneLearner(model, SceneObjective(beta=3.0))
    variables = part.parameter_groups()["model"].variables
    loss, gradients = _gradients(part, model, settings, variables)
    other, expected = _gradients(whole, model, settings, variables)
    for gradient, value in zip(gradients, expected, strict=True):
        assert np.any(gradient)
        np.testing.assert_allclose(gradient, value, rtol=1e-3, atol=1e-5)
    for name in set(loss.metrics) - {"loss"}:
        np.testing.assert_allclose(
            loss.metrics[name], other.metrics[name], rtol=1e-5
        )


@pytest.mark.parametrize("settings", _SETTINGS)
def test_only_the_prior_of_scenes_learns(settings):
    model = tiny_scenes.fresh(settings)
    learner = models.trainable(model, _PART)
    own = {v.path for v in learner.parameter_groups()["model"].variables}
    images = tiny_scenes.images(settings)
    before = model.reconstruct(images).canvas
    for variable in model.trainable_variables:
        if variable.path in own:
            variable.assign_add(tf.ones_like(variable))
    np.testing.assert_array_equal(model.reconstruct(images).canvas, before)


def test_the_schedule_of_the_code_alone_is_watched():
    learner = prior_learning.PriorLearner(None, SceneObjective(beta_steps=9))
    (sentence,) = learner.warnings(5)
    assert sentence.endswith("lower objective.beta_steps.")
