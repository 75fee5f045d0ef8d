import dataclasses

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.distributions import mixture
from tfdood.models.common import encoders
from tfdood.models.dood import guidance, prior

_MEAN, _STD = [0.0, 0.0, 0.8, 0.0], [0.2, 0.2, 0.2, 0.4]


def test_independent_prior_has_the_published_densities(tiny):
    fixed = prior.IndependentPrior(tiny)
    rng = np.random.default_rng(0)
    state = tf.zeros([2, 3, tiny.width])
    layouts = rng.normal(size=[2, 3, 4]).astype(np.float32)
    np.testing.assert_allclose(
        fixed.layout(state).log_prob(layouts),
        scipy.stats.norm.logpdf(layouts, _MEAN, _STD).sum(-1),
        rtol=1e-5,
    )
    points = rng.normal(size=[6, 5, 2]).astype(np.float32)
    density = fixed.stroke(layouts.reshape(6, 4), None, None)
    np.testing.assert_allclose(
        density.log_prob(points),
        scipy.stats.norm.logpdf(points, 0.5, 0.2).sum((1, 2)),
        rtol=1e-5,
    )
    probability = tf.sigmoid(fixed.presence_logits(None, state))
    np.testing.assert_allclose(probability, np.full([2, 3], 0.5), rtol=1e-5)


def test_independent_prior_turns_noise_into_samples(tiny):
    fixed = prior.IndependentPrior(tiny)
    uniform = tf.constant([0.0, 0.5, 0.999])
    noise = tf.random.stateless_normal([3, 4], [1, 2])
    layouts = mixture.from_noise(
        fixed.layout(tf.zeros([3, tiny.width])), uniform, noise
    )
    np.testing.assert_allclose(
        layouts, _MEAN + _STD * noise, rtol=1e-5, atol=1e-6
    )
    noise = tf.random.stateless_normal([3, 5, 2], [3, 4])
    density = fixed.stroke(layouts, None, None).distribution
    points = mixture.from_noise(density, tf.zeros([3, 5]), noise)
    np.testing.assert_allclose(points, 0.5 + 0.2 * noise, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sequential", prior.SequentialPrior),
        ("independent", prior.IndependentPrior),
    ],
)
def test_settings_choose_the_prior(tiny, name, kind):
    settings = dataclasses.replace(tiny, prior=name)
    guide = guidance.build(settings)
    built = prior.build(settings, guide, encoders.build(settings)[1])
    assert type(built) is kind


@pytest.mark.parametrize("seen", [True, False])
def test_presence_of_the_sequential_prior_sees_canvas_or_state(tiny, seen):
    settings = dataclasses.replace(tiny, execution_guided=seen)
    built = prior.SequentialPrior(
        settings, guidance.build(settings), encoders.NoEncoder()
    )
    kernel = built.presence_head.output_layer.kernel
    kernel.assign(tf.ones_like(kernel))
    size = tiny.width if seen else 0
    canvas, state = tf.zeros([2, size]), tf.zeros([2, tiny.width])
    before = built.presence_logits(canvas, state)
    by_state = built.presence_logits(canvas, state + 1.0)
    # The same route with other inputs that are not read: exact.
    assert np.array_equal(by_state, before) == seen
    if seen:
        by_canvas = built.presence_logits(canvas + 1.0, state)
        assert np.all(by_canvas != before)
