"""Codes: strokes that a network draws, without curves.

A code is `2 K` numbers, `[..., K, 2]`, in the place of control points,
with the prior N(0, I).
"""

import keras
import tensorflow as tf

from tfdood.distributions import correlated_normal
from tfdood.models import base
from tfdood.models.common import layout, noise, rows, token
from tfdood.models.dood import decoder
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import ModelConfig
from tfdood.types import Drawing, Pen, Strokes

_NUM_PARSES = 20  # of a character, the best of which is its type
_MIN_STD = 1e-6


class Posterior(keras.layers.Layer):
    """q(code | features), a Gaussian with independent numbers.

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
        num_control_points: `K`.
        std_bias: added to the logits of the standard deviations.
        has_bounded_means: whether a tanh keeps the means in (-1, 1), as in
            the authors' AIR.
    """

    def __init__(
        self,
        num_inputs: int,
        width: int,
        num_control_points: int,
        std_bias: float = 0.0,
        *,
        has_bounded_means: bool = True,
    ):
        super().__init__()
        self.num_control_points = num_control_points
        self.std_bias = std_bias
        self.has_bounded_means = has_bounded_means
        self.mlp = mlp_lib.MLP(num_inputs, 4 * num_control_points, width)
        self.built = True

    def call(self, features: tf.Tensor) -> correlated_normal.CorrelatedNormal:
        """Features `[..., F]` to a distribution over `[..., K]` pairs."""
        outputs = self.mlp(features)
        per_pair = [self.num_control_points, 4]
        outputs = tf.reshape(
            outputs, tf.concat([tf.shape(outputs)[:-1], per_pair], 0)
        )
        loc, scale = tf.split(outputs, 2, -1)
        if self.has_bounded_means:
            loc = tf.tanh(loc)
        scale = tf.nn.softplus(scale + self.std_bias) + _MIN_STD
        return correlated_normal.CorrelatedNormal(
            loc, scale, tf.zeros_like(loc[..., 0])
        )


class CodeModel(base.DrawingModel):
    """What models have in common whose strokes are codes that add up.

    Args:
        config: the architecture.
        **only: settings of it that have to be so, by name.

    Raises:
        ValueError: If one of them is not.
    """

    def __init__(self, config: ModelConfig, **only: str | int):
        only = {"decoder": "neural", "prior": "independent", **only}
        for name, value in only.items():
            if getattr(config, name) != value:
                raise ValueError(
                    f"The model {config.name!r} needs model.{name}={value}, "
                    f"got {getattr(config, name)!r}."
                )
        super().__init__(config)
        self.decoder = decoder.NeuralDecoder(config)

    def render(self, strokes, pen):
        """See `DrawingModel.render`; the pen does not matter."""
        images = self.decoder(strokes.layout, strokes.control_points)
        present = strokes.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
        return tf.cumsum(present * images, -4)

    def exemplars(self, images, num_exemplars=1, seed=None):
        """See `DrawingModel.exemplars`; all is moved, codes stay the same."""
        types, moves = noise.streams(seed, 2)
        parse = self.parse(images, _NUM_PARSES, types)
        strokes = rows.best(parse.drawing.strokes, parse.log_likelihood)
        strokes = tf.nest.map_structure(
            lambda x: tf.repeat(x[tf.newaxis], num_exemplars, 0), strokes
        )
        shape = [num_exemplars, layout.SIZE]
        moves = noise.normal(moves, tf.shape(images)[0], shape)
        return self.drawing(token.move(strokes, moves))

    def drawing(self, strokes: Strokes) -> Drawing:
        """The drawing of strokes."""
        pen = no_pen(strokes.presence)
        return Drawing(strokes, pen, self.render(strokes, pen))


def log_prior(codes: tf.Tensor) -> tf.Tensor:
    """Log densities `[...]` of codes `[..., K, 2]` under N(0, I), in nats."""
    standard = correlated_normal.CorrelatedNormal(
        tf.zeros_like(codes),
        tf.ones_like(codes),
        tf.zeros_like(codes[..., 0]),
    )
    return tf.reduce_sum(standard.log_prob(codes), -1)


def no_pen(presence: tf.Tensor) -> Pen:
    """The pen of strokes that are drawn without one: all ones."""
    ones = tf.ones_like(presence)
    return Pen(ones, ones, ones[..., 0])
