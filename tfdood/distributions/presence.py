"""The presence of strokes: a chain of coin flips that stops at the first 0."""

import tensorflow as tf


def previous(presence: tf.Tensor) -> tf.Tensor:
    """The presence one step earlier: whether a step is still decided.

    Args:
        presence: `[..., T]`, 1 while the drawing goes on, never 1 after a 0.

    Returns:
        `[..., T]`, `o_{t-1}` with `o_0 = 1`: 1 up to and including the step
        of the first 0.
    """
    return tf.concat(
        [tf.ones_like(presence[..., :1]), presence[..., :-1]], axis=-1
    )


def log_prob_steps(presence: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """Log probability of each step's choice to go on or to stop.

        log p_t = o_{t-1} log Bernoulli(o_t; sigmoid(logits_t)),   o_0 = 1

    Steps after the first 0 leave no choice and count zero. Paper, Eq. 4.

    Args:
        presence: `[..., T]`, 0 or 1, never 1 after a 0.
        logits: `[..., T]`, log odds of going on.

    Returns:
        `[..., T]`, in nats.
    """
    sign = 2.0 * presence - 1.0
    return previous(presence) * tf.math.log_sigmoid(sign * logits)


def log_prob_counts(logits: tf.Tensor) -> tf.Tensor:
    """Log probability of each number of strokes.

        log p(n) = sum_{t <= n} log sigmoid(logits_t)
                   + log sigmoid(-logits_{n+1}),   the last term for n < T

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
    """Decides whether a drawing that goes on gets one more stroke.

        o_t = o_{t-1} [uniform < sigmoid(logits)]

    No gradient flows through the choice.

    Args:
        previous_presence: `[...]`, 0 or 1.
        logits: `[...]`, log odds of going on.
        uniform: `[...]`, uniform noise in [0, 1).

    Returns:
        `[...]`, 0 or 1, of the dtype of `previous_presence`.
    """
    goes_on = tf.cast(uniform < tf.sigmoid(logits), previous_presence.dtype)
    return previous_presence * goes_on
