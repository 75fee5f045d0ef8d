"""What the tests of objectives share: parses of known chains."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf

from tfdood.distributions import presence
from tfdood.types import (
    Context,
    Drawing,
    Parse,
    PresenceLogits,
    StepLogProbs,
    Strokes,
)


def _make_parse(chains: np.ndarray, logits: tf.Tensor, seed: int = 0) -> Parse:
    """Makes a parse of given chains `[..., T]`; all else is random.

    The log densities of layout and stroke depend on the step and are zero where
    the stroke is absent.
    """
    rng = np.random.default_rng(seed)
    chains = tf.constant(chains)
    leading, num_steps = chains.shape[:-1], chains.shape[-1]

    def present():
        return chains * rng.normal(size=num_steps)

    prior_logits = tf.constant(rng.normal(size=num_steps))
    nothing = tf.zeros([*leading, 0])
    strokes = Strokes(chains, nothing, nothing)
    return Parse(
        drawing=Drawing(strokes, nothing, nothing),
        log_posterior=StepLogProbs(
            presence=presence.log_prob_steps(chains, logits),
            layout=present(),
            stroke=present(),
        ),
        log_prior=StepLogProbs(
            presence=presence.log_prob_steps(chains, prior_logits),
            layout=present(),
            stroke=present(),
        ),
        log_likelihood=tf.constant(rng.normal(scale=5.0, size=leading)),
        presence_logits=PresenceLogits(
            tf.broadcast_to(logits, chains.shape),
            tf.broadcast_to(prior_logits, chains.shape),
        ),
        context=Context(nothing, nothing),
    )


@pytest.fixture
def make_parse() -> Callable[..., Parse]:
    """A function from chains `[..., T]` and logits of q to a parse."""
    return _make_parse
