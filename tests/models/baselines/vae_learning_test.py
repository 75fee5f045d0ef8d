import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood.drawing import smoothing
from tfdood.models.baselines import vae, vae_learning
from tfdood.settings.objectives import PixelObjective

_SEED = tf.constant([1, 2])
_STEP = tf.constant(0, tf.int64)
_BATCH = tiny_models.batch(8)
_OBJECTIVE = PixelObjective(
    num_particles=3, signal_scale_floor=0.7, scale_decay=0.5
)


@pytest.fixture(scope="module", name="model")
def _model():
    return tiny_models.build("vae", "model.pixel_scale=running")


def _learner(model, **changes):
    objective = dataclasses.replace(_OBJECTIVE, **changes)
    return vae_learning.VaeLearner(model, objective)


def _sampled(learner):
    """What the loss of the batch is computed from."""
    count = learner.num_collages(_BATCH.images)
    images = learner.with_collages(_BATCH.images, count, _SEED)
    return images, learner.model.sample(images, 3, _SEED)


@pytest.mark.parametrize("count", [0, 2])
def test_loss_is_the_negative_elbo_and_that_of_collages(model, count):
    learner = _learner(model, collages=count / 8)
    loss = learner.loss(_BATCH, _STEP, _SEED)
    images, sample = _sampled(learner)
    real = slice(None, 8 - count)
    elbo = np.mean(vae.log_weights(sample)[:, real])
    canvas = sample.drawing.canvas
    # A collage has a flat prior.
    of_collages = (
        sample.log_posterior - learner.log_likelihoods(images, canvas)[1]
    )
    collage_loss = np.sum(of_collages[:, 8 - count :]) / (3 * (8 - count))
    kl = np.mean((sample.log_posterior - sample.log_prior)[:, real])
    error = np.abs(images - canvas)[:, real]
    for got, expected in (
        (loss.metrics["elbo"], elbo),
        (loss.metrics["collage_loss"], collage_loss),
        (loss.total, collage_loss - elbo),
        (loss.metrics["kl_code"], kl),
        (loss.metrics["expected_absolute_error"], error.mean()),
        (loss.statistics["error"], error.mean((0, 1))),
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_loss_compares_blurred_canvases_with_blurred_images(model):
    learner = _learner(model, smoothing=5.0, smoothing_steps=10)
    loss = learner.loss(_BATCH, tf.constant(5, tf.int64), _SEED)
    images, sample = _sampled(learner)
    likelihood = model.log_likelihood(
        *(smoothing.smooth(x, 2.5) for x in (images, sample.drawing.canvas))
    )
    expected = likelihood + sample.log_prior - sample.log_posterior
    np.testing.assert_allclose(
        loss.metrics["elbo"], np.mean(expected), rtol=1e-4
    )


def test_gradient_reaches_every_parameter(model):
    learner = _learner(model, collages=0.25)
    variables = learner.parameter_groups()["model"].variables
    assert len(variables) == len(model.trainable_variables)
    with tf.GradientTape() as tape:
        total = learner.loss(_BATCH, _STEP, _SEED).total
    gradients = tape.gradient(total, [v.value for v in variables])
    assert all(np.any(gradient) for gradient in gradients)


def test_pixel_scale_follows_the_error_of_the_loss():
    learner = _learner(
        tiny_models.build("vae", "model.pixel_scale=running"), scale_hold=0.02
    )
    loss = learner.loss(_BATCH, _STEP, _SEED)
    learner.update(loss.statistics, _STEP)
    expected = 0.5 * 0.02 + 0.5 * loss.statistics["error"]
    assert np.max(expected) > 0.02
    np.testing.assert_allclose(
        learner.model.running_pixel_scale, np.maximum(expected, 0.02), rtol=1e-5
    )
