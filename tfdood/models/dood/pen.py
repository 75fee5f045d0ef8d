"""The pen: how strokes turn into ink (App. B.1). Predicted, not latent."""

import keras
import tensorflow as tf

from tfdood.distributions import heads
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import ModelConfig

_MAX_BLUR = 0.04  # In widths of the strokes' frame.
_STROKE_CONTRAST = (0.1, 0.9)
_CANVAS_CONTRAST = (0.1, 1.5)


class StrokePen(keras.layers.Layer):
    """Blur and contrast of one stroke."""

    def __init__(
        self,
        num_inputs: int,
        width: int,
        min_blur: float,
        blur_bias: float,
        stroke_contrast_bias: float,
    ):
        super().__init__()
        self.min_blur = min_blur
        self.mlp = mlp_lib.MLP(
            num_inputs, 2, width, output_bias=[blur_bias, stroke_contrast_bias]
        )
        self.built = True

    def call(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Features `[..., F]` to blur and stroke contrast, each `[...]`."""
        outputs = self.mlp(features)
        blur = heads.bounded(outputs[..., 0], self.min_blur, _MAX_BLUR)
        return blur, heads.bounded(outputs[..., 1], *_STROKE_CONTRAST)


class NoStrokePen:
    """For decoders that take no pen: blur and contrast of 1, always."""

    def __call__(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Features `[..., F]` to blur and stroke contrast, each `[...]`."""
        ones = tf.ones_like(features[..., 0])
        return ones, ones


def stroke_pen(config: ModelConfig, num_inputs: int) -> StrokePen | NoStrokePen:
    """The pen that the decoder of `config` takes."""
    if config.decoder == "neural":
        return NoStrokePen()
    return StrokePen(
        num_inputs,
        config.width,
        config.min_blur,
        config.blur_bias,
        config.stroke_contrast_bias,
    )


class CanvasPen(keras.layers.Layer):
    """The contrast of a whole drawing."""

    def __init__(self, num_inputs: int, width: int, bias: float):
        super().__init__()
        self.mlp = mlp_lib.MLP(num_inputs, 1, width, output_bias=[bias])
        self.built = True

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Features `[..., F]` to canvas contrasts `[...]`."""
        return heads.bounded(self.mlp(features)[..., 0], *_CANVAS_CONTRAST)
