"""Parts of the networks that see the canvas so far."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfdood.nn import batch_norm, convolutions, training_pass


class CanvasNetwork(keras.layers.Layer):
    """Convolutions, each followed by pooling, down to one pixel.

    Each level has a 3 x 3 convolution, normalisation, an activation, pooling of
    2 x 2 pixels, and dropout. A tanh comes after the normalisation, a ReLU
    before it.

    Args:
        label: begins the names of the moments, see `batch_norm.BatchNorm`.
        filters: channels of each level; 28 x 28 pixels take four levels.
        activation: `tanh` or `relu`.
        dropout: rate of dropout of each level.
        moments: the mean and the standard deviation of the pixels of canvases.
    """

    def __init__(
        self,
        label: str,
        filters: Sequence[int],
        activation: str,
        dropout: float,
        moments: tuple[float, float],
    ) -> None:
        super().__init__()
        self.is_rectified = activation == "relu"
        self.rate = dropout
        self.moments = moments
        # Before a normalisation a bias has no effect.
        self.convolutions = [
            convolutions.convolution(*sizes, 3, use_bias=self.is_rectified)
            for sizes in zip([1, *filters], filters, strict=False)
        ]
        self.norms = [
            batch_norm.BatchNorm(size, f"{label}_{level}")
            for level, size in enumerate(filters)
        ]
        self.built = True

    def call(
        self,
        canvases: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tf.Tensor:
        """Describes canvases.

        Args:
            canvases: `[N, 28, 28]` in [0, 1].
            run: the training step, if there is one.

        Returns:
            `[N, C]`, `C` the filters of the last level.
        """
        features = standardised(canvases, self.moments)
        for layer, norm in zip(self.convolutions, self.norms, strict=True):
            features = layer(features)
            if self.is_rectified:
                features = norm(tf.nn.relu(features), run=run)
            else:
                features = tf.tanh(norm(features, run=run))
            features = tf.nn.max_pool2d(features, 2, 2, "VALID")
            features = training_pass.dropout(features, self.rate, run)
        return features[:, 0, 0]


def standardised(
    canvases: tf.Tensor, moments: tuple[float, float]
) -> tf.Tensor:
    """Makes images of canvases, with a mean of 0 and a variance of 1.

    Args:
        canvases: `[N, 28, 28]` in [0, 1].
        moments: the mean and the standard deviation of their pixels.

    Returns:
        `[N, 28, 28, 1]`.
    """
    mean, std = moments
    return (canvases[..., tf.newaxis] - mean) / std
