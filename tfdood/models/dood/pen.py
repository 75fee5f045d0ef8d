"""The pen: blur and contrast of strokes (paper, App. B.1).

The model predicts the pen; it is not a latent variable.
"""

import keras
import tensorflow as tf

from tfdood.distributions import heads
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.architectures import Dood, DoodDr
from tfdood.types import Pen

_MAX_BLUR = 0.04  # In the widths of `types.Pen`.
_STROKE_CONTRAST = (0.1, 0.9)
_CANVAS_CONTRAST = (0.1, 1.5)


class StrokePen(keras.layers.Layer):
    """Predicts the blur and the contrast of a stroke.

    The blur is between `settings.min_blur` and 0.04, in widths of the canvas,
    or of the stroke's frame if `settings.stroke_frame` is `glimpse`; the stroke
    contrast is between 0.1 and 0.9.

    Args:
        settings: gives the smallest blur and the initial values.
        num_inputs: size of the features.
    """

    def __init__(self, settings: Dood, num_inputs: int):
        super().__init__()
        self.min_blur = settings.min_blur
        self.mlp = mlp_lib.MLP(
            num_inputs,
            2,
            settings.width,
            output_bias=[settings.blur_bias, settings.stroke_contrast_bias],
        )
        self.built = True

    def call(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps features `[..., F]` to blur and stroke contrast, `[...]`."""
        outputs = self.mlp(features)
        blur = heads.bounded(outputs[..., 0], self.min_blur, _MAX_BLUR)
        return blur, heads.bounded(outputs[..., 1], *_STROKE_CONTRAST)


class NoStrokePen:
    """Returns a blur and a contrast of 1, for decoders without a pen.

    Args:
        settings: not used.
        num_inputs: not used.
    """

    def __init__(self, settings: DoodDr, num_inputs: int):
        del settings, num_inputs

    def __call__(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps features `[..., F]` to ones `[...]` and ones `[...]`."""
        ones = tf.ones_like(features[..., 0])
        return ones, ones


class CanvasPen(keras.layers.Layer):
    """Predicts the canvas contrast of a drawing, between 0.1 and 1.5.

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
        bias: initial logit of the contrast.
    """

    def __init__(self, num_inputs: int, width: int, bias: float):
        super().__init__()
        self.mlp = mlp_lib.MLP(num_inputs, 1, width, output_bias=[bias])
        self.built = True

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features `[..., F]` to canvas contrasts `[...]`."""
        return heads.bounded(self.mlp(features)[..., 0], *_CANVAS_CONTRAST)


def from_logits(logits: Pen, min_blur: float) -> Pen:
    """Maps unbounded numbers to pens in the ranges of the model's pens.

    Args:
        logits: of each number, leading dimensions `...`.
        min_blur: the smallest blur.

    Returns:
        A `Pen` with the same leading dimensions.
    """
    return Pen(*map(heads.bounded, logits, *_ranges(min_blur)))


def to_logits(pen: Pen, min_blur: float) -> Pen:
    """Inverts `from_logits`; numbers out of their ranges are moved there.

    Args:
        pen: leading dimensions `...`.
        min_blur: the smallest blur.

    Returns:
        The logits, as a `Pen` with the same leading dimensions.
    """
    return Pen(*map(heads.unbounded, pen, *_ranges(min_blur)))


def _ranges(min_blur: float) -> tuple[Pen, Pen]:
    """The smallest and the largest numbers of a pen."""
    ranges = Pen((min_blur, _MAX_BLUR), _STROKE_CONTRAST, _CANVAS_CONTRAST)
    return tuple(Pen(*ends) for ends in zip(*ranges, strict=True))


def repeated(
    values: tf.Tensor, num_drawings: int | tf.Tensor, num_strokes: int
) -> Pen:
    """Repeats a pen for all strokes of several drawings.

    Args:
        values: `[3]`: blur, stroke contrast and canvas contrast.
        num_drawings: `B`.
        num_strokes: `T`.

    Returns:
        A `Pen` with leading dimension `[B]`.
    """
    blur, stroke_contrast, canvas_contrast = tf.unstack(values)
    per_stroke = [num_drawings, num_strokes]
    return Pen(
        tf.fill(per_stroke, blur),
        tf.fill(per_stroke, stroke_contrast),
        tf.fill([num_drawings], canvas_contrast),
    )


def mean_of_first_strokes(pens: Pen) -> tf.Tensor:
    """Averages the pens of first strokes.

    Args:
        pens: leading dimensions `...`.

    Returns:
        `[3]`: the mean blur, stroke contrast and canvas contrast.
    """
    values = [
        pens.blur[..., 0],
        pens.stroke_contrast[..., 0],
        pens.canvas_contrast,
    ]
    return tf.stack([tf.reduce_mean(value) for value in values])
