import numpy as np
import pytest
import tensorflow as tf

from tfdood.distributions import presence
from tfdood.models.common import noise
from tfdood.models.dood import densities


@pytest.fixture(scope="module", name="trace")
def _trace(dood, images):
    numbers = noise.draw(dood.noise_shape, tf.constant([1, 2]), 4, 5)
    return dood._infer(images, numbers, 5)


def test_posterior_counts_present_strokes_only(trace):
    found = densities.log_posterior(trace)
    steps = trace.steps
    is_absent = steps.presence.numpy() == 0.0
    assert 0 < is_absent.sum() < is_absent.size
    for values, all_values in (
        (found.layout, steps.log_layout),
        (found.stroke, steps.log_stroke),
    ):
        expected = np.where(is_absent, 0.0, all_values)
        np.testing.assert_array_equal(values, expected)  # copies: exact
    expected = presence.log_prob_steps(steps.presence, steps.presence_logits)
    np.testing.assert_allclose(found.presence, expected, rtol=1e-5)


def test_prior_of_all_steps_is_that_of_each_step(dood, trace):
    prior, steps = dood.generative.prior, trace.steps
    found, logits = densities.log_prior(prior, trace.latents, trace.conditions)
    for t in range(steps.presence.shape[1]):
        present = steps.presence[:, t]
        layout = prior.layout(steps.layout_state[:, t])
        stroke = prior.stroke(
            steps.layout[:, t],
            steps.canvas_glimpse[:, t],
            steps.stroke_state[:, t],
        )
        close = {"rtol": 1e-4, "atol": 1e-4}
        for values, expected in (
            (found.layout, present * layout.log_prob(steps.layout[:, t])),
            (found.stroke, present * stroke.log_prob(steps.stroke[:, t])),
        ):
            np.testing.assert_allclose(values[:, t], expected, **close)
        expected = prior.presence_logits(
            trace.canvas_embeddings[:, t], steps.layout_state[:, t]
        )
        np.testing.assert_allclose(logits[:, t], expected, **close)
