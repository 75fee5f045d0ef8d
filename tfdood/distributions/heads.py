"""Heads: they map network outputs to parameters of distributions."""

import tensorflow as tf

_MIN_STD = 1e-6
_MOST_LOG_STD = 10.0  # Its exponential can be squared in float32.
_MIN_SHARE = 1e-4  # Of an interval, between a value and its ends.


def bounded(
    logits: tf.Tensor, low: tf.Tensor | float, high: tf.Tensor | float
) -> tf.Tensor:
    """Squashes logits into an interval.

        y = low + (high - low) sigmoid(x)

    Args:
        logits: `[...]`, the `x`.
        low: lower end of the interval; broadcasts with `logits`.
        high: upper end of the interval; broadcasts with `logits`.

    Returns:
        `[...]` in [low, high]; the ends occur through rounding only.
    """
    return low + (high - low) * tf.sigmoid(logits)


def unbounded(
    value: tf.Tensor, low: tf.Tensor | float, high: tf.Tensor | float
) -> tf.Tensor:
    """Inverts `bounded`; values at the ends get finite logits.

    Args:
        value: `[...]` in [low, high].
        low: lower end of the interval; broadcasts with `value`.
        high: upper end of the interval; broadcasts with `value`.

    Returns:
        `[...]`, the logits, at most 9.3 in size.
    """
    share = (value - low) / (high - low)
    share = tf.clip_by_value(share, _MIN_SHARE, 1.0 - _MIN_SHARE)
    return tf.math.log(share) - tf.math.log1p(-share)


def gaussian_parameters(
    loc: tf.Tensor,
    scale: tf.Tensor,
    shear: tf.Tensor,
    low: tf.Tensor | float,
    high: tf.Tensor | float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Squashes logits into the parameters of a `CorrelatedNormal`.

    Args:
        loc: `[..., D]`, logits of the means, which lie in (low, high).
        scale: `[..., D]`, logits of the scales, which lie in (1e-6, 1).
        shear: `[...]`, logits of the shears, which lie in (-1, 1).
        low: lower ends of the means; broadcasts with `loc`.
        high: upper ends of the means; broadcasts with `loc`.

    Returns:
        `loc`, `scale` and `shear`, with the shapes of their logits.
    """
    return (
        bounded(loc, low, high),
        bounded(scale, _MIN_STD, 1.0),
        bounded(shear, -1.0, 1.0),
    )


def gaussian_of_correlation(
    log_std: tf.Tensor, correlation: tf.Tensor, added: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """Maps logits to a `CorrelatedNormal` whose variances have a lower bound.

        cov = [[a^2, r a b], [r a b, b^2]] + added I,   r = tanh(correlation)

    with `a` and `b` the exponentials of `log_std`, at most e^10. The sum is
    Tikhonov's; the result is the Cholesky factor of `cov`. Source: GNS, the
    authors' code.

    Args:
        log_std: `[..., 2]`, any values.
        correlation: `[...]`, any values.
        added: positive, to both variances.

    Returns:
        The scales `[..., 2]` and the shears `[...]`, as `CorrelatedNormal`
        takes them.
    """
    a, b = tf.unstack(tf.exp(tf.minimum(log_std, _MOST_LOG_STD)), axis=-1)
    r = tf.tanh(correlation)
    x_variance = a**2 + added
    # The variance of y given x, as a sum of what is never negative.
    kept = 1.0 - r**2 + r**2 * added / x_variance
    scale = tf.sqrt(tf.stack([x_variance, added + b**2 * kept], -1))
    return scale, r * a * b / scale[..., 0]
