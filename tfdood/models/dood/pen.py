"""The pen: how strokes turn into ink (App. B.1). Predicted, not latent."""

import keras
import tensorflow as tf

from tfdood.distributions import heads
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import Dood, DoodDr

_MAX_BLUR = 0.04  # In widths of the strokes' frame.
_STROKE_CONTRAST = (0.1, 0.9)
_CANVAS_CONTRAST = (0.1, 1.5)


class StrokePen(keras.layers.Layer):
    """Predicts blur and contrast of one stroke.

    Args:
        settings: gives the bounds and the initial values.
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
    """Gives blur and contrast of 1, for decoders without a pen.

    Args:
        settings: as of `StrokePen`; not used.
        num_inputs: as of `StrokePen`; not used.
    """

    def __init__(self, settings: DoodDr, num_inputs: int):
        del settings, num_inputs

    def __call__(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps features `[..., F]` to ones, `[...]`, twice."""
        ones = tf.ones_like(features[..., 0])
        return ones, ones


class CanvasPen(keras.layers.Layer):
    """Predicts the contrast of a whole drawing."""

    def __init__(self, num_inputs: int, width: int, bias: float):
        super().__init__()
        self.mlp = mlp_lib.MLP(num_inputs, 1, width, output_bias=[bias])
        self.built = True

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Maps features `[..., F]` to canvas contrasts `[...]`."""
        return heads.bounded(self.mlp(features)[..., 0], *_CANVAS_CONTRAST)
