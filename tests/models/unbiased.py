"""Compares the mean weight of samples with the exact likelihood of an image."""

import numpy as np
import tensorflow as tf

from tfdood import models

_COUNT = 4_000


def check(
    model: models.ExplainingModel, image: tf.Tensor, exact: tf.Tensor
) -> None:
    """Checks that weights estimate `exp(exact)` without bias.

    Args:
        model: whose `log_weights` are checked.
        image: `[1, S, S, C]`.
        exact: scalar, log p(image) in nats.
    """
    log_weights = model.log_weights(
        tf.tile(image, [_COUNT, 1, 1, 1]), 1, tf.constant([3, 4])
    )
    weights = np.exp(log_weights[0] - exact)
    error = weights.std() / np.sqrt(_COUNT)
    assert error < 0.05
    assert abs(weights.mean() - 1) < 4 * error
    assert weights.std() > 0.01  # p and q differ
