"""Models with strokes that are codes: a network paints them."""

from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models import signature
from tfdood.models.baselines import neural_decoder
from tfdood.models.common import layout, noise, rows, sequence_model, token
from tfdood.nn import mlp as mlp_lib
from tfdood.types import Codes, Drawing, Pen

tfd = tfp.distributions

MOST_INK = 1e6
"""The largest pixel of a canvas that clients may give. It exceeds 1, because a
canvas is a sum of painted codes."""

_MIN_STD = 1e-6


def moved_copies(codes: Codes, num_copies: int, seed: tf.Tensor) -> Codes:
    """Copies drawings and moves each copy at random, see `token.move`.

    Args:
        codes: leading dimension `[B]`.
        num_copies: `E`.
        seed: int32 `[2]`, or `[B, 2]` with one seed for each drawing.

    Returns:
        `Codes` with leading dimensions `[E, B]`.
    """
    copies = tf.nest.map_structure(
        lambda x: tf.repeat(x[tf.newaxis], num_copies, 0), codes
    )
    num_drawings = tf.shape(codes.presence)[0]
    moves = noise.normal(seed, num_drawings, [num_copies, layout.SIZE])
    return token.move(copies, moves)


class Posterior(keras.layers.Layer):
    """q(code | features), a Gaussian with a diagonal covariance.

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
        code_size: `D`.
        std_bias: initial offset of the logits of the standard deviations.
        has_bounded_means: whether a tanh bounds the means to (-1, 1), as in
            the authors' AIR.
    """

    def __init__(
        self,
        num_inputs: int,
        width: int,
        code_size: int,
        std_bias: float = 0.0,
        *,
        has_bounded_means: bool = True,
    ):
        super().__init__()
        self.std_bias = std_bias
        self.has_bounded_means = has_bounded_means
        self.mlp = mlp_lib.MLP(num_inputs, 2 * code_size, width)
        self.built = True

    def call(self, features: tf.Tensor) -> tfd.Normal:
        """Maps features `[..., F]` to distributions of `[..., D]` numbers."""
        loc, scale = tf.split(self.mlp(features), 2, -1)
        if self.has_bounded_means:
            loc = tf.tanh(loc)
        scale = tf.nn.softplus(scale + self.std_bias) + _MIN_STD
        return tfd.Normal(loc, scale)


class CodeModel(sequence_model.SequenceModel):
    """A sequence model whose canvas is the sum of its painted codes."""

    most_ink = MOST_INK

    def __init__(self, settings: Any):
        super().__init__(settings)
        self.decoder = neural_decoder.NeuralDecoder(
            settings.image_size,
            settings.code_size,
            settings.width,
            settings.ink_bias,
        )

    @property
    def noise_shape(self) -> noise.Shape:
        """See `SequenceModel.noise_shape`."""
        return noise.Shape(
            self.settings.num_strokes, (self.settings.code_size,)
        )

    def render(self, codes: Codes) -> tf.Tensor:
        """Paints codes and adds them up.

        Args:
            codes: leading dimensions `...`.

        Returns:
            `[..., T, H, W, 1]`, at least 0, the canvas after each code.
        """
        images = self.decoder(codes.layout, codes.code)
        present = codes.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
        return tf.cumsum(present * images, -4)

    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.exemplars`; one random move applies to all codes."""
        types, moves = noise.streams(seed, 2)
        parse = self.parse(images, sequence_model.NUM_PARSES, types)
        codes = rows.best(parse.drawing.strokes, parse.log_likelihood)
        return self.drawing(moved_copies(codes, num_exemplars, moves))

    def drawing(self, codes: Codes) -> Drawing:
        """Paints codes and returns them as a `Drawing`."""
        return Drawing(codes, no_pen(codes.presence), self.render(codes))

    def outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `Model.outputs`."""
        return outputs(drawing)

    def latents(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `SequenceModel.latents`."""
        return drawing.strokes._asdict()

    def render_signature(self) -> signature.Signature:
        """See `SequenceModel.render_signature`."""

        def render(**latents: tf.Tensor) -> dict[str, tf.Tensor]:
            canvases = self.render(Codes(**latents))
            return {"canvas": canvases[:, -1], "canvases": canvases}

        return signature.Signature(render, code_inputs(self.settings.code_size))


def outputs(drawing: Drawing) -> dict[str, tf.Tensor]:
    """Converts a drawing of codes to the named outputs of a signature."""
    return {
        "canvas": drawing.canvas,
        "canvases": drawing.canvases,
        **drawing.strokes._asdict(),
        "num_strokes": sequence_model.num_strokes(drawing.strokes.presence),
    }


def code_inputs(
    code_size: int, num_strokes: int | str = "T"
) -> dict[str, signature.Input]:
    """Lists the inputs of the signature `render` for codes.

    Args:
        code_size: `D`.
        num_strokes: `T`; a name if clients may choose the number.

    Returns:
        The inputs by name.
    """
    return {
        "presence": signature.Input((num_strokes,), low=0.0, high=1.0),
        "layout": signature.numbers(num_strokes, layout.SIZE),
        "code": signature.numbers(num_strokes, code_size),
    }


def log_prior(code: tf.Tensor) -> tf.Tensor:
    """Computes log densities `[...]` of codes `[..., D]` under N(0, I)."""
    return tf.reduce_sum(tfd.Normal(0.0, 1.0).log_prob(code), -1)


def no_pen(presence: tf.Tensor) -> Pen:
    """Returns a `Pen` of ones, for strokes that a network paints.

    Args:
        presence: `[..., T]`.
    """
    ones = tf.ones_like(presence)
    return Pen(ones, ones, ones[..., 0])
