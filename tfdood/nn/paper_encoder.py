"""The image encoder of the paper (App. B.3), of convolutions."""

import keras
import numpy as np
import tensorflow as tf

from tfdood.nn import dropout as dropout_lib
from tfdood.nn import mlp

_FILTERS = [8, 16]


class PaperEncoder(keras.layers.Layer):
    """Two 3x3 convolutions at full resolution, dropout, two dense layers."""

    def __init__(self, image_size: int, width: int, dropout: float) -> None:
        """Makes an encoder.

        Args:
            image_size: `H = W` in pixels, at least 5.
            width: size of the embedding.
            dropout: rate of dropout on the feature map, in [0, 1).
        """
        super().__init__()
        self.image_shape = tf.TensorShape([image_size, image_size, 1])
        self.dropout = dropout
        self.convolutions = []
        shape = (None, image_size, image_size, 1)
        for filters in _FILTERS:
            fan_in = 9 * shape[-1]
            layer = keras.layers.Conv2D(
                filters,
                3,
                activation="relu",
                kernel_initializer=mlp.fan_in_uniform(fan_in),
                bias_initializer=mlp.fan_in_uniform(fan_in),
            )
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
            self.convolutions.append(layer)
        self.num_features = int(np.prod(shape[1:]))
        self.hidden = mlp.dense(self.num_features, width, "tanh")
        self.output_layer = mlp.dense(width, width)
        self.built = True

    def call(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Maps images to embeddings.

        Args:
            images: `[N, H, W, 1]`.
            dropout_seed: int32 `[2]`; without it, there is no dropout.

        Returns:
            `[N, width]`.

        Raises:
            ValueError: If the images have another shape.
        """
        if not self.image_shape.is_compatible_with(images.shape[1:]):
            raise ValueError(
                f"Images must be [N, {', '.join(map(str, self.image_shape))}], "
                f"got {images.shape}."
            )
        features = tf.ensure_shape(images, [None, *self.image_shape])
        for layer in self.convolutions:
            features = layer(features)
        if dropout_seed is not None and self.dropout:
            features = dropout_lib.dropout(features, self.dropout, dropout_seed)
        features = tf.reshape(features, [-1, self.num_features])
        return self.output_layer(self.hidden(features))
