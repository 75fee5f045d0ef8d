import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.data.batching import Batch
from tfdood.models.gnm import divergences, learning, random_numbers
from tfdood.settings.scenes import SceneObjective

_SEED = tf.constant([1, 2])
_OBJECTIVE = SceneObjective(
    beta=3.0,
    beta_steps=100,
    temperature_start=2.0,
    temperature_end=0.5,
    temperature_hold_steps=100,
    temperature_steps=200,
    rate_start=0.3,
    rate_end=0.1,
    rate_steps=100,
    what_start=0.2,
    what_steps=100,
    where_start=5.0,
    where_steps=50,
)


def _loss(settings, objective, step):
    model = tiny_scenes.build(settings)
    images = tiny_scenes.images(settings)
    batch = Batch(images, tf.zeros([3], tf.int64))
    learner = learning.SceneLearner(model, objective)
    return model, images, learner.loss(batch, tf.constant(step), _SEED)


def _sample(model, images, temperature):
    drawn = random_numbers.draw(model.settings, _SEED, len(images), 1)
    numbers = random_numbers.Numbers(*(x[0] for x in drawn))
    return model.explain(model.encoder(images), numbers, temperature)


# At step 50: beta 1.5, what 0.6, where 1; at 200 all schedules have ended.
@pytest.mark.parametrize(
    ("step", "temperature", "rate", "beta", "what", "where"),
    [
        (0, 2.0, 0.3, 0.0, 0.2, 5.0),
        (25, 2.0, 0.25, 0.75, 0.4, 3.0),
        (150, 1.25, 0.1, 3.0, 1.0, 1.0),
        (1_000, 0.5, 0.1, 3.0, 1.0, 1.0),
    ],
)
def test_the_loss_has_its_terms_with_the_weights_of_the_step(
    step, temperature, rate, beta, what, where
):
    model, images, loss = _loss(tiny_scenes.SETTINGS, _OBJECTIVE, step)
    sample = _sample(model, images, temperature)
    densities = sample.densities
    own = divergences.between(densities.posterior, densities.prior)
    fixed = divergences.auxiliary(
        densities.posterior, sample.latents.presence, rate, _OBJECTIVE
    )
    code = divergences.of_normals(
        densities.code.posterior, densities.code.prior
    )
    expected = (
        -model.log_likelihood(images, sample.canvas)
        + beta * code
        + sum(own[k] for k in ("presence", "where", "depth"))
        + sum(fixed[k] for k in ("presence", "depth"))
        + what * (own["what"] + fixed["what"])
        + where * fixed["where"]
    )
    np.testing.assert_allclose(loss.total, np.mean(expected), rtol=1e-4)
    np.testing.assert_allclose(
        loss.metrics["expected_objects"],
        np.sum(sample.latents.presence) / 3,
        rtol=1e-5,
    )


def test_the_background_has_two_divergences_and_covers_nothing_at_first():
    objective = dataclasses.replace(
        _OBJECTIVE, background_start=7.0, background_steps=10, opaque_steps=5
    )
    model, images, first = _loss(tiny_scenes.COLOURS, objective, 0)
    *_, later = _loss(tiny_scenes.COLOURS, objective, 9)
    difference = (
        first.metrics["log_likelihood"] - later.metrics["log_likelihood"]
    )
    assert abs(difference) > 1.0  # of the opaque objects
    sample = _sample(model, images, 2.0)
    own = divergences.of_normals(
        sample.densities.background_posterior,
        sample.densities.background_prior,
    )
    np.testing.assert_allclose(
        first.metrics["kl_background"], np.mean(own), rtol=1e-4
    )
    fixed = first.metrics["auxiliary_kl_background"]
    half = dataclasses.replace(objective, background_start=3.5)
    *_, other = _loss(tiny_scenes.COLOURS, half, 0)
    np.testing.assert_allclose(
        first.total - other.total, 3.5 * fixed, rtol=1e-2
    )


def test_warnings_name_each_schedule_that_does_not_end():
    learner = learning.SceneLearner(None, _OBJECTIVE)
    assert learner.warnings(200) == []
    found = learner.warnings(99)
    assert [w.rpartition("objective.")[2] for w in found] == [
        "beta_steps.",
        "temperature_steps.",
        "temperature_hold_steps.",
        "rate_steps.",
        "what_steps.",
    ]


def test_every_weight_has_a_gradient_with_colours():
    model = tiny_scenes.build(tiny_scenes.COLOURS)
    batch = Batch(tiny_scenes.images(model.settings), tf.zeros([3], tf.int64))
    learner = learning.SceneLearner(model, _OBJECTIVE)
    variables = model.trainable_variables
    with tf.GradientTape() as tape:
        loss = learner.loss(batch, tf.constant(100), _SEED)
    gradients = tape.gradient(loss.total, [v.value for v in variables])
    silent = [
        variable.path
        for variable, gradient in zip(variables, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    ]
    assert silent == []
