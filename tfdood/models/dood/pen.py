"""The pen: how strokes turn into ink (App. B.1). Predicted, not latent."""

import keras
import tensorflow as tf

from tfdood import networks

# In image widths, for control points placed on the canvas.
_BLUR = (0.005, 0.04)
_STROKE_CONTRAST = (0.1, 0.9)
_CANVAS_CONTRAST = (0.1, 1.5)


class StrokePen(keras.layers.Layer):
    """Blur and contrast of one stroke."""

    def __init__(
        self,
        num_inputs: int,
        width: int,
        blur_bias: float,
        stroke_contrast_bias: float,
    ):
        super().__init__()
        self.mlp = networks.MLP(
            num_inputs, 2, width, output_bias=[blur_bias, stroke_contrast_bias]
        )
        self.built = True

    def call(self, features: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Features `[..., F]` to blur and stroke contrast, each `[...]`."""
        outputs = self.mlp(features)
        blur = networks.bounded(outputs[..., 0], *_BLUR)
        return blur, networks.bounded(outputs[..., 1], *_STROKE_CONTRAST)


class CanvasPen(keras.layers.Layer):
    """The contrast of a whole drawing."""

    def __init__(self, num_inputs: int, width: int, bias: float):
        super().__init__()
        self.mlp = networks.MLP(num_inputs, 1, width, output_bias=[bias])
        self.built = True

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """Features `[..., F]` to canvas contrasts `[...]`."""
        return networks.bounded(self.mlp(features)[..., 0], *_CANVAS_CONTRAST)
