"""What networks do in a training step and not afterwards."""

import tensorflow as tf

from tfdood.nn import dropout as dropout_lib


class TrainingPass:
    """One training step: makes dropout, and collects the moments of the batch.

    Networks take a `TrainingPass`, or None after training.

    Args:
        seed: int32 `[2]`; each use of `dropout` has random numbers of its own.
        rate_factor: multiplies the rates of all dropout, from 0 for none to 1.

    Attributes:
        statistics: moments of the batch by name, see `nn.batch_norm`.
    """

    def __init__(self, seed: tf.Tensor, rate_factor: float = 1.0) -> None:
        self.statistics: dict[str, tf.Tensor] = {}
        self._seed = seed
        self._rate_factor = rate_factor
        self._num_seeds = 0

    def dropout(self, features: tf.Tensor, rate: float) -> tf.Tensor:
        """Sets random features to zero, see `nn.dropout.dropout`."""
        rate *= self._rate_factor
        if not rate:
            return features
        seed = tf.random.fold_in(self._seed, self._num_seeds)
        self._num_seeds += 1
        return dropout_lib.dropout(features, rate, seed)


def dropout(
    features: tf.Tensor, rate: float, training: TrainingPass | None
) -> tf.Tensor:
    """Sets random features to zero in training; else changes nothing.

    Args:
        features: `[..., C]`, where `C` is a multiple of 4.
        rate: share of features that become zero, in [0, 1).
        training: the training step, if there is one.

    Returns:
        `[..., C]`.
    """
    return features if training is None else training.dropout(features, rate)
