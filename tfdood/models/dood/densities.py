"""Log densities of strokes."""

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.models.common import rows
from tfdood.models.dood import generative, inference
from tfdood.models.dood import prior as prior_lib
from tfdood.types import StepLogProbs


def log_posterior(trace: inference.Trace) -> StepLogProbs:
    """Collects log q of presence, layout and stroke at each step.

    Args:
        trace: of `N` rows.

    Returns:
        `[N, T]` each, in nats; 0 for the layout and the latent of an absent
        stroke.
    """
    steps = trace.steps
    return StepLogProbs(
        presence.log_prob_steps(steps.presence, steps.presence_logits),
        steps.presence * steps.log_layout,
        steps.presence * steps.log_stroke,
    )


def log_prior(
    prior: prior_lib.Prior,
    latents: generative.Latents,
    conditions: generative.Conditions,
    dropout_seed: tf.Tensor | None = None,
) -> tuple[StepLogProbs, tf.Tensor]:
    """Computes log p of presence, layout and stroke, for all steps at once.

    Args:
        prior: the prior of the next stroke.
        latents: of `N` drawings.
        conditions: what the prior of each stroke depends on.
        dropout_seed: int32 `[2]`, or None for no dropout.

    Returns:
        `[N, T]` each, in nats; 0 for the layout and the latent of an absent
        stroke. And `[N, T]`, the logits of p(presence).
    """
    present = latents.presence
    p_layout = prior.layout(conditions.layout_state)
    p_stroke = prior.stroke(
        rows.merge(latents.layout),
        rows.merge(conditions.canvas_glimpse),
        rows.merge(conditions.stroke_state),
        dropout_seed,
    )
    log_stroke = p_stroke.log_prob(rows.merge(latents.stroke))
    log_stroke = tf.reshape(log_stroke, [-1, present.shape[1]])
    logits = prior.presence_logits(
        conditions.canvas_embeddings, conditions.layout_state
    )
    log_probs = StepLogProbs(
        presence.log_prob_steps(present, logits),
        present * p_layout.log_prob(latents.layout),
        present * log_stroke,
    )
    return log_probs, logits
