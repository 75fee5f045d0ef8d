"""Heads: network outputs squashed into the parameters of distributions."""

import tensorflow as tf

_MIN_STD = 1e-6


def bounded(logits: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Squashes logits into (low, high): `low + (high - low) * sigmoid(x)`."""
    return low + (high - low) * tf.sigmoid(logits)


def gaussian_parameters(
    loc: tf.Tensor,
    scale: tf.Tensor,
    shear: tf.Tensor,
    low: tf.Tensor | float,
    high: tf.Tensor | float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Squashes logits into the parameters of a `CorrelatedNormal`.

    Args:
        loc: `[..., D]`, logits of the means, which end up in (low, high).
        scale: `[..., D]`, logits of the standard deviations, in (1e-6, 1).
        shear: `[...]`, logits of the shear, in (-1, 1).
        low: broadcasts with `loc`.
        high: broadcasts with `loc`.

    Returns:
        The three parameters, of the same shapes.
    """
    return (
        bounded(loc, low, high),
        bounded(scale, _MIN_STD, 1.0),
        bounded(shear, -1.0, 1.0),
    )
