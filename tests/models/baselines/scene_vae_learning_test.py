import numpy as np
import pytest
import tensorflow as tf

from tests.models.baselines import tiny_scene_vae
from tests.models.gnm import tiny_scenes
from tfdood.data.batching import Batch
from tfdood.models.baselines import scene_vae_learning
from tfdood.models.gnm import divergences
from tfdood.settings.scenes import CodeObjective

_SEED = tf.constant([1, 2])
_OBJECTIVE = CodeObjective(beta=3.0, beta_steps=100)


def _loss(model, step, seed=_SEED):
    learner = scene_vae_learning.SceneVaeLearner(model, _OBJECTIVE)
    batch = Batch(tiny_scenes.images(), tf.zeros([3], tf.int64))
    return learner.loss(batch, tf.constant(step), seed)


@pytest.mark.parametrize(("step", "beta"), [(0, 0.0), (50, 1.5), (200, 3.0)])
@pytest.mark.parametrize("prior", ["mlp", "convolutional", "gaussian"])
def test_the_loss_is_the_error_and_the_weighted_divergence(prior, step, beta):
    model, images = (
        tiny_scene_vae.build(scene_prior=prior),
        tiny_scenes.images(),
    )
    loss = _loss(model, step)
    numbers = model.numbers(_SEED, 3, 1)[0]
    canvas, code = model.explain(model.encoder(images), numbers)
    means = code.posterior.loc - code.prior.loc
    ratio = code.posterior.scale / code.prior.scale
    kl = 0.5 * np.sum(
        ratio**2 + (means / code.prior.scale) ** 2 - 1 - 2 * np.log(ratio), -1
    )
    expected = beta * kl - model.log_likelihood(images, canvas)
    np.testing.assert_allclose(loss.total, np.mean(expected), rtol=1e-4)
    np.testing.assert_allclose(loss.metrics["kl_code"], np.mean(kl), rtol=1e-4)


@pytest.mark.parametrize("prior", ["mlp", "convolutional", "gaussian"])
def test_the_divergence_is_the_mean_of_sampled_ratios(prior):
    """Divergences of a level depend on samples of the levels before it."""
    model = tiny_scene_vae.build(scene_prior=prior)
    images = tf.repeat(tiny_scenes.images(count=1), 2_000, 0)
    numbers = model.numbers(_SEED, 2_000, 1)[0]
    _, code = model.explain(model.encoder(images), numbers)
    kl = divergences.of_normals(code.posterior, code.prior)
    difference = (kl + code.log_ratio()).numpy()
    assert np.mean(kl) > 0.1
    error = difference.std() / np.sqrt(len(difference))
    assert abs(difference.mean()) < 4 * error
