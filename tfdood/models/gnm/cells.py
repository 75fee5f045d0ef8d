"""The latents of the cells: is there an object, where, how far, and what.

The same network computes the posterior from the features `f^x` of an image and
the prior from the features `f` of a scene's code. Source: Jiang and Ahn, 2020,
Sec. 3.1, 3.3 and App. D; the ranges are those of the authors' code.
"""

from typing import NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.drawing.placement import Placement
from tfdood.models.gnm import gaussians, random_numbers
from tfdood.nn import convolutions
from tfdood.settings.scenes import Gnm

tfd = tfp.distributions

_LARGEST_LOGIT = 8.8  # of the presence
_WHERE_LIMIT = 0.01  # of the initial kernel
_SCALE_BIAS = -1.0  # initial mean of the scale's logit


class CellLatents(NamedTuple):
    """The latents of `K` cells, row by row.

    Attributes:
        presence: `[..., K]` in [0, 1], 1 where a cell has an object.
        where: `[..., K, 4]`: logit of the scale, logarithm of height over
            width, and x and y before tanh.
        depth: `[..., K, 1]`; larger is farther.
        what: `[..., K, D]`.
    """

    presence: tf.Tensor
    where: tf.Tensor
    depth: tf.Tensor
    what: tf.Tensor


class CellDensities(NamedTuple):
    """The independent densities of the latents of `K` cells.

    Attributes:
        presence: `[..., K]`, logits of Bernoulli densities.
        where: normal, `[..., K, 4]`.
        depth: normal, `[..., K, 1]`.
        what: normal, `[..., K, D]`.
    """

    presence: tf.Tensor
    where: tfd.Normal
    depth: tfd.Normal
    what: tfd.Normal

    def sample(
        self,
        numbers: random_numbers.Numbers,
        temperature: tf.Tensor | None = None,
    ) -> CellLatents:
        """Samples latents.

        Args:
            numbers: the random numbers, with the leading dimensions of the
                densities.
            temperature: of the relaxed presence, positive; None for a presence
                of 0 or 1.

        Returns:
            The latents, differentiable except a presence of 0 or 1.
        """
        uniform = numbers.presence
        if temperature is None:
            is_present = uniform < tf.sigmoid(self.presence)
            presence = tf.cast(is_present, tf.float32)
        else:
            presence = relaxed_presence(self.presence, uniform, temperature)
        return CellLatents(
            presence,
            gaussians.sample(self.where, numbers.where),
            gaussians.sample(self.depth, numbers.depth),
            gaussians.sample(self.what, numbers.what),
        )

    def log_prob(self, latents: CellLatents) -> tf.Tensor:
        """Computes the log density of latents with a presence of 0 or 1.

        Args:
            latents: leading dimensions broadcast.

        Returns:
            `[...]`, in nats, summed over cells.
        """
        presence = tfd.Bernoulli(self.presence).log_prob(latents.presence)
        pairs = zip(self[1:], latents[1:], strict=True)
        return tf.reduce_sum(presence, -1) + tf.add_n(
            [tf.reduce_sum(d.log_prob(x), [-2, -1]) for d, x in pairs]
        )


class CellNetwork(keras.layers.Layer):
    """Maps features on the grid to densities of the cells' latents."""

    def __init__(self, settings: Gnm) -> None:
        """Makes the network.

        Args:
            settings: the architecture.
        """
        super().__init__()
        self.settings = settings
        width = settings.width
        self.trunk = [convolutions.Block(width, width, 1) for _ in range(2)]
        self.presence = convolutions.convolution(width, 1, 1)
        self.depth = convolutions.convolution(width, 2, 1)
        self.what = convolutions.convolution(width, 2 * settings.what_size, 1)
        self.where = keras.layers.Conv2D(
            2 * random_numbers.WHERE_SIZE,
            1,
            kernel_initializer=keras.initializers.RandomUniform(
                -_WHERE_LIMIT, _WHERE_LIMIT
            ),
        )
        self.where.build((None, None, None, width))
        start = tf.one_hot(0, 2 * random_numbers.WHERE_SIZE) * _SCALE_BIAS
        self.where.bias.assign(start)
        self.built = True

    def call(self, features: tf.Tensor) -> CellDensities:
        """Maps `[N, G, G, width]` to `CellDensities` of `[N, K]` cells."""
        for block in self.trunk:
            features = block(features)
        cells, floor = self.settings.num_cells, self.settings.std_floor

        def head(layer: keras.layers.Layer) -> tf.Tensor:
            outputs = layer(features)
            return tf.reshape(outputs, [-1, cells, outputs.shape[-1]])

        presence = _LARGEST_LOGIT * tf.tanh(head(self.presence)[..., 0])
        return CellDensities(
            presence,
            *(
                gaussians.normal(head(layer), floor)
                for layer in (self.where, self.depth, self.what)
            ),
        )


def relaxed_presence(
    logits: tf.Tensor, uniform: tf.Tensor, temperature: tf.Tensor | float
) -> tf.Tensor:
    """Samples a relaxed Bernoulli variable (binary Concrete).

        y = sigmoid((logit - log(u / (1 - u))) / temperature)

    The smaller the temperature, the nearer are samples to 0 and 1. Source:
    Maddison et al., 2017, and Jang et al., 2017.

    Args:
        logits: `[...]`.
        uniform: `[...]` in [0, 1); a sample falls with it.
        temperature: scalar, positive.

    Returns:
        `[...]` in [0, 1].
    """
    tiny = 1e-6
    uniform = tf.clip_by_value(uniform, tiny, 1.0 - tiny)
    noise = tf.math.log1p(-uniform) - tf.math.log(uniform)
    return tf.sigmoid((logits + noise) / temperature)


def placement(where: tf.Tensor, grid_size: int) -> Placement:
    """Computes where objects lie.

        scale = sigmoid(s) [1 / sqrt(exp r), sqrt(exp r)]
        shift = (2 / G) (cell + 1/2 + tanh [x, y]) - 1

    So an object's centre may leave its cell by up to half a cell. s is at least
    -20 and r at most 20 in absolute value, which keeps the scale finite and
    above 0.

    Args:
        where: `[..., K, 4]`: s, r, x and y; the cells row by row.
        grid_size: `G`, with `K = G**2`.

    Returns:
        The placement, leading dimensions `[..., K]`.
    """
    scale, ratio, x, y = tf.unstack(where, axis=-1)
    half = 0.5 * tf.clip_by_value(ratio, -20.0, 20.0)
    scale = tf.sigmoid(tf.maximum(scale, -20.0))
    cells = tf.range(grid_size**2)
    column = tf.cast(cells % grid_size, tf.float32)
    row = tf.cast(cells // grid_size, tf.float32)
    place = tf.stack([column + tf.tanh(x), row + tf.tanh(y)], -1)
    return Placement(
        tf.stack([scale * tf.exp(-half), scale * tf.exp(half)], -1),
        (2.0 / grid_size) * (place + 0.5) - 1.0,
    )
