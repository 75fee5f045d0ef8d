"""A pixel scale that is read off the canvas.

How far a pixel of an image is from the canvas depends on the canvas around it:
errors are large at the edges of strokes, and nearly zero far from ink.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfdood.nn import block_convolution, mlp

_FILTERS = 8
_INITIAL_LOG = -3.0
_MAX_LOG_EXCESS = 10.0  # Sums of ink have no bound, but scales are finite.
_INITIAL_BIAS = 0.5  # All units see blank canvas: no scale can get stuck there.


class CanvasScale(keras.layers.Layer):
    """The scale of each pixel's density, as a function of the canvas.

        scale = max(floor + exp(net(canvas)), bound)

    The net has one convolution with ReLU, and two dense layers at each pixel.
    The density of an image given the canvas is then still proper: its scale
    depends on the canvas alone.

    Attributes:
        bound: weight, a scalar. Training decreases it to `floor`.

    Args:
        floor: the smallest scale, positive.
        kernel: height and width, in pixels, of the window around a pixel on
            which its scale depends.
    """

    def __init__(self, floor: float, kernel: int):
        super().__init__()
        self.floor = floor
        self.bound = self.add_weight(
            shape=[],
            initializer=keras.initializers.Constant(floor),
            trainable=False,
            aggregation="only_first_replica",
            name="bound",
        )
        self.convolution = keras.layers.Conv2D(
            _FILTERS, kernel, padding="same", activation=_relu
        )
        self.convolution.build((None, None, None, 1))
        self.hidden = keras.layers.Dense(
            _FILTERS,
            activation=_relu,
            kernel_initializer=mlp.fan_in_uniform(_FILTERS),
            bias_initializer=keras.initializers.Constant(_INITIAL_BIAS),
        )
        self.hidden.build((None, _FILTERS))
        self.output_layer = keras.layers.Dense(
            1, bias_initializer=keras.initializers.Constant(_INITIAL_LOG)
        )
        self.output_layer.build((None, _FILTERS))
        self.built = True

    def call(self, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the scales.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            `[..., H, W, 1]`, at least `bound`.
        """
        return tf.maximum(self.unbounded(canvas), self.bound)

    def fixed(self, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the scales without gradients, on CPUs in less time.

        There, XLA compiles the net for each shape, which pays in training
        only. GPUs have fast convolutions, and their XLA needs parts of CUDA
        that may be missing.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            `[..., H, W, 1]`, at least `bound`; no gradient flows through them.
        """
        if tf.config.list_physical_devices("GPU"):
            return tf.stop_gradient(self(canvas))
        height, width, _ = canvas.shape[-3:]
        weights = [*self.convolution.weights, *self.hidden.weights]
        weights += self.output_layer.weights
        log_excess = _log_excess(
            tf.stop_gradient(tf.reshape(canvas, [-1, height, width, 1])),
            *(tf.stop_gradient(weight) for weight in weights),
        )
        scales = self.floor + tf.exp(tf.minimum(log_excess, _MAX_LOG_EXCESS))
        scales = tf.reshape(scales, tf.shape(canvas))
        return tf.maximum(scales, tf.stop_gradient(self.bound))

    def unbounded(self, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the scales without the bound, from which the net learns.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            `[..., H, W, 1]`, at least `floor`.
        """
        height, width, _ = canvas.shape[-3:]
        blank = [[0, 0], [0, height % 2], [0, width % 2], [0, 0]]
        rows = tf.pad(tf.reshape(canvas, [-1, height, width, 1]), blank)
        blocks = self.convolution.activation(
            block_convolution.convolve(rows, *self.convolution.weights)
        )
        features = self.hidden(tf.reshape(blocks, [-1, _FILTERS]))
        size = block_convolution.BLOCK
        shape = [-1, *blocks.shape[1:3], size**2]
        log_excess = tf.nn.depth_to_space(
            tf.reshape(self.output_layer(features), shape), size
        )
        # LiteRT has the gradient of `tf.slice`, but not that of an index.
        log_excess = tf.reshape(
            tf.slice(log_excess, [0, 0, 0, 0], [-1, height, width, 1]),
            tf.shape(canvas),
        )
        return self.floor + tf.exp(tf.minimum(log_excess, _MAX_LOG_EXCESS))


@tf.function(jit_compile=True, autograph=False)
def _log_excess(
    canvas: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor,
    hidden: tf.Tensor,
    hidden_bias: tf.Tensor,
    output: tf.Tensor,
    output_bias: tf.Tensor,
) -> tf.Tensor:
    """The net as sums that XLA joins to one loop over pixels."""
    _, height, width, _ = canvas.shape
    size = kernel.shape[0]
    reach = [(size - 1) // 2, size // 2]
    padded = tf.pad(canvas, [[0, 0], reach, reach, [0, 0]])
    features = sum(
        padded[:, row : row + height, column : column + width]
        * kernel[row, column]
        for row in range(size)
        for column in range(size)
    )
    features = tf.nn.relu(features + bias)
    features = sum(
        features[..., i : i + 1] * hidden[i] for i in range(_FILTERS)
    )
    features = tf.nn.relu(features + hidden_bias)
    products = features * output[:, 0]
    return tf.reduce_sum(products, -1, keepdims=True) + output_bias


@tf.custom_gradient
def _relu(
    x: tf.Tensor,
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
    """ReLU with a gradient of operations that LiteRT has."""
    y = tf.nn.relu(x)
    return y, lambda upstream: tf.where(y > 0.0, upstream, 0.0)
