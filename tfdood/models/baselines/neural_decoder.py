"""A decoder that paints strokes from codes."""

import keras
import tensorflow as tf

from tfdood.drawing import frames
from tfdood.nn import mlp as mlp_lib


class NeuralDecoder(keras.layers.Layer):
    """An MLP that paints a code in a frame; the layout places the frame.

        frame = softplus(MLP((code - mean) / std) + ink_bias)
        image = warp(frame, layout)

    The frame has as many pixels as the canvas. Source: the authors' AIR.

    Args:
        image_size: height and width of the canvas in pixels.
        code_size: `D`.
        width: units of the hidden layers.
        ink_bias: initial logit of the ink.
        mean: approximate mean of the numbers of a code under their prior.
        std: their approximate standard deviation. Without standardisation, the
            inputs of the MLP are nearly equal, and it learns to ignore them.
    """

    def __init__(
        self,
        image_size: int,
        code_size: int,
        width: int,
        ink_bias: float,
        mean: float = 0.0,
        std: float = 1.0,
    ):
        super().__init__()
        self.image_size = image_size
        self.ink_bias = ink_bias
        self.mean, self.std = mean, std
        self.mlp = mlp_lib.MLP(code_size, image_size**2, width)
        self.built = True

    def call(self, layouts: tf.Tensor, code: tf.Tensor) -> tf.Tensor:
        """Paints images of strokes.

        Args:
            layouts: `[..., 4]`.
            code: `[..., D]`.

        Returns:
            `[..., H, W, 1]`, at least 0, without upper bound.
        """
        code = (code - self.mean) / self.std
        ink = tf.nn.softplus(self.mlp(code) + self.ink_bias)
        frame = [self.image_size, self.image_size, 1]
        ink = tf.reshape(ink, tf.concat([tf.shape(code)[:-1], frame], 0))
        return frames.warp_from_frames(ink, layouts)
