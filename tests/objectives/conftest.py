import numpy as np
import pytest
import tensorflow as tf

from tfdood import types as drawings
from tfdood.distributions import presence


def make_parse(chains, logits, seed=0):
    """A parse of given chains [..., T], all else drawn at random.

    The log densities of layout and control points depend on the step and are
    zero where the stroke is absent.
    """
    rng = np.random.default_rng(seed)
    chains = tf.constant(chains)
    leading, num_steps = chains.shape[:-1], chains.shape[-1]

    def present():
        return chains * rng.normal(size=num_steps)

    decided = presence.previous(chains)
    prior_logits = tf.constant(rng.normal(size=num_steps))
    nothing = tf.zeros([*leading, 0])
    strokes = drawings.Strokes(chains, nothing, nothing)
    return drawings.Parse(
        drawing=drawings.Drawing(strokes, nothing, nothing),
        log_posterior=drawings.StepLogProbs(
            presence=presence.log_prob_steps(chains, logits),
            layout=present(),
            control_points=present(),
        ),
        log_prior=drawings.StepLogProbs(
            presence=presence.log_prob_steps(chains, prior_logits),
            layout=present(),
            control_points=present(),
        ),
        log_likelihood=tf.constant(rng.normal(scale=5.0, size=leading)),
        baseline=decided * rng.normal(scale=3.0, size=num_steps),
        presence_logits=drawings.PresenceLogits(
            tf.broadcast_to(logits, chains.shape),
            tf.broadcast_to(prior_logits, chains.shape),
        ),
    )


@pytest.fixture(name="make_parse")
def make_parse_fixture():
    return make_parse
