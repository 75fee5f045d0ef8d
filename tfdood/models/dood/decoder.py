"""Decoders: what turns a stroke, its layout and its pen into ink.

A decoder maps layouts `[..., 4]`, control points `[..., K, 2]`, blurs and
stroke contrasts `[...]` to images `[..., H, W, 1]`, which are then composited.
It also knows what may vary between two drawings of one character.
"""

import keras
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawing import warp as warp_lib
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian as rasterize
from tfdood.models.common import token
from tfdood.models.dood import stroke
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import ModelConfig
from tfdood.types import Pen, Strokes

# Nearer to zero, a layout's scale is taken as this: a frame of half a pixel of
# a canvas of 50, which can still be inverted.
_SMALLEST_SCALE = 0.01


class SplineOnCanvas:
    """A Bezier curve; the layout moves its points (paper, Sec. 2.1)."""

    def __init__(self, config: ModelConfig):
        self.image_size = config.image_size
        self.num_curve_points = config.num_curve_points

    def __call__(
        self,
        layouts: tf.Tensor,
        control_points: tf.Tensor,
        blur: tf.Tensor,
        stroke_contrast: tf.Tensor,
    ) -> tf.Tensor:
        """Images of strokes, in [0, 1); see the module."""
        return canvas_lib.stroke_images(
            layouts,
            control_points,
            blur,
            stroke_contrast,
            self.image_size,
            self.num_curve_points,
        )

    def token(
        self,
        strokes: Strokes,
        pen: Pen,
        point_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[Strokes, Pen]:
        """A character drawn anew, by noise as `token.sample` takes it."""
        return token.sample(strokes, point_noise, affine_noise), pen


class SplineInGlimpse(SplineOnCanvas):
    """A Bezier curve in its own frame; the layout warps its raster.

    The frame has as many pixels as the canvas. Its border cuts strokes off,
    and lines are as much thinner on the canvas as the frame is smaller there.
    As in the authors' code, a raster is warped before it is divided by its
    maximum.
    """

    def __call__(
        self,
        layouts: tf.Tensor,
        control_points: tf.Tensor,
        blur: tf.Tensor,
        stroke_contrast: tf.Tensor,
    ) -> tf.Tensor:
        """Images of strokes, in [0, 1); see the module."""
        points = bezier.curve_points(control_points, self.num_curve_points)
        ink = rasterize.ink(points, blur, self.image_size)  # [..., H, W]
        ink = warp(ink[..., tf.newaxis], layouts)[..., 0]
        return rasterize.normalize(ink, stroke_contrast)[..., tf.newaxis]

    def token(
        self,
        strokes: Strokes,
        pen: Pen,
        point_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[Strokes, Pen]:
        """See `SplineOnCanvas`.

        The new frame of all strokes is the canvas, which their blurs, and no
        border, follow.
        """
        blur = canvas_lib.place_blur(_invertible(strokes.layout), pen.blur)
        strokes, pen = super().token(strokes, pen, point_noise, affine_noise)
        return strokes, pen._replace(blur=blur)


class NeuralDecoder(keras.layers.Layer):
    """An MLP that maps a code to ink in a frame which the layout warps.

        softplus(MLP((code - mean) / std) + ink_bias)

    as in the authors' AIR. Codes are the `2 K` numbers that else are control
    points. The MLP replaces all of the renderer, so that strokes take no pen.
    The frame has as many pixels as the canvas.

    Args:
        config: of the model.
        mean: of the numbers of a code under its prior, about.
        std: their standard deviation. An MLP to which all codes are alike does
            not learn what they say, and then they say nothing.
    """

    def __init__(
        self, config: ModelConfig, mean: float = 0.0, std: float = 1.0
    ):
        super().__init__()
        self.image_size = config.image_size
        self.ink_bias = config.ink_bias
        self.mean, self.std = mean, std
        self.mlp = mlp_lib.MLP(
            2 * config.num_control_points, config.image_size**2, config.width
        )
        self.built = True

    def call(
        self,
        layouts: tf.Tensor,
        codes: tf.Tensor,
        blur: tf.Tensor | None = None,
        stroke_contrast: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Images of strokes, at least 0, unbounded; see the module."""
        leading, size = tf.shape(codes)[:-2], 2 * codes.shape[-2]
        codes = tf.reshape(codes, tf.concat([leading, [size]], 0))
        codes = (codes - self.mean) / self.std
        ink = tf.nn.softplus(self.mlp(codes) + self.ink_bias)
        frame = [self.image_size, self.image_size, 1]
        ink = tf.reshape(ink, tf.concat([leading, frame], 0))
        return warp(ink, layouts)

    def token(
        self,
        strokes: Strokes,
        pen: Pen,
        point_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[Strokes, Pen]:
        """See `SplineOnCanvas`; codes stay, as motor noise means nothing."""
        layout_noise = tf.gather(affine_noise, [0, 1, 2, 4], axis=-1)
        return token.move(strokes, layout_noise), pen


Decoder = SplineOnCanvas | SplineInGlimpse | NeuralDecoder


def build(config: ModelConfig) -> Decoder:
    """What `config.decoder` and `config.stroke_frame` ask for."""
    if config.decoder == "neural":
        return NeuralDecoder(config, stroke.FIXED_MEAN, stroke.FIXED_STD)
    splines = {"canvas": SplineOnCanvas, "glimpse": SplineInGlimpse}
    return splines[config.stroke_frame](config)


def warp(ink: tf.Tensor, layouts: tf.Tensor) -> tf.Tensor:
    """Puts ink from the strokes' frames where their layouts say.

    Args:
        ink: `[..., H, W, 1]`, in the frames.
        layouts: `[..., 4]`; scales nearer to zero than 0.01 are taken as that.

    Returns:
        `[..., H, W, 1]`, on the canvas.
    """
    return warp_lib.warp(ink, affine_lib.from_layout(_invertible(layouts)))


def _invertible(layouts: tf.Tensor) -> tf.Tensor:
    """Layouts whose scales keep their sign and a distance from zero."""
    shift, scale, rotation = tf.split(layouts, [2, 1, 1], -1)
    magnitude = tf.maximum(tf.abs(scale), _SMALLEST_SCALE)
    scale = tf.where(scale < 0.0, -magnitude, magnitude)
    return tf.concat([shift, scale, rotation], -1)
