"""The presence of strokes: a chain of coin flips that ends at the first 0."""

import tensorflow as tf


def previous(presence: tf.Tensor) -> tf.Tensor:
    """Shifts presence by one step: 1 where a step makes a decision.

    Args:
        presence: `[..., T]`, 1 while the drawing goes on, never 1 after a 0.

    Returns:
        `[..., T]`, `o_{t-1}` with `o_0 = 1`: 1 up to the first 0 of `presence`
        and at this 0, and 0 after it.
    """
    return tf.concat(
        [tf.ones_like(presence[..., :1]), presence[..., :-1]], axis=-1
    )


def log_prob_steps(presence: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Computes the log probability of each step's decision.

        log p_t = o_{t-1} log Bernoulli(o_t; sigmoid(logits_t)),   o_0 = 1

    A decision is to go on (1) or to stop (0). Steps after the first 0 make no
    decision; their value is 0. Source: paper, Eq. 4.

    Args:
        presence: `[..., T]`, 0 or 1, never 1 after a 0.
        logits: `[..., T]`, log odds of going on.

    Returns:
        `[..., T]`, in nats.
    """
    sign = 2.0 * presence - 1.0
    return previous(presence) * tf.math.log_sigmoid(sign * logits)


def log_prob_counts(logits: tf.Tensor) -> tf.Tensor:
    """Computes the log probability of each number of strokes.

        log p(n) = sum_{t <= n} log sigmoid(logits_t)
                   + [n < T] log sigmoid(-logits_{n+1})

    Args:
        logits: `[..., T]`, log odds of going on.

    Returns:
        `[..., T + 1]`, in nats, for 0 to T strokes.
    """
    zero = tf.zeros_like(logits[..., :1])
    goes_on = tf.cumsum(tf.math.log_sigmoid(logits), axis=-1)
    stops = tf.math.log_sigmoid(-logits)
    return tf.concat([zero, goes_on], -1) + tf.concat([stops, zero], -1)


def sample_step(
    previous_presence: tf.Tensor, logits: tf.Tensor, uniform: tf.Tensor
) -> tf.Tensor:
    """Samples whether a drawing gets one more stroke.

        o_t = o_{t-1} [uniform < sigmoid(logits)]

    No gradient flows through the decision.

    Args:
        previous_presence: `[...]`, `o_{t-1}`, 0 or 1.
        logits: `[...]`, log odds of going on.
        uniform: `[...]`, uniform noise in [0, 1).

    Returns:
        `[...]`, 0 or 1, in the dtype of `previous_presence`.
    """
    goes_on = tf.cast(uniform < tf.sigmoid(logits), previous_presence.dtype)
    return previous_presence * goes_on
