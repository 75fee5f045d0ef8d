"""Strokes that are rasterised in frames of their own.

A stroke's frame is its own unit square. Here it has a raster with as many
pixels as the canvas, and the layout warps this raster to the canvas. So the
frame's border cuts the stroke off, and a small frame gives thin lines.
In `tfdood.drawing.canvas`, the layout moves the control points instead, and
only the canvas has a raster.
"""

import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import warp
from tfdood.drawing.curves import bezier
from tfdood.drawing.ink import gaussian

# The smallest magnitude of a scale: a frame of half a pixel on a canvas of 50
# pixels. Its affine can still be inverted in float32.
_SMALLEST_SCALE = 0.01


def invertible(layout: tf.Tensor) -> tf.Tensor:
    """Keeps the scales of layouts away from zero.

        scale -> sign(scale) max(|scale|, 0.01),   sign(0) = 1

    Args:
        layout: `[..., 4]`, see `Strokes`.

    Returns:
        `[..., 4]`. Shift and rotation do not change.
    """
    shift, scale, rotation = tf.split(layout, [2, 1, 1], -1)
    magnitude = tf.maximum(tf.abs(scale), _SMALLEST_SCALE)
    scale = tf.where(scale < 0.0, -magnitude, magnitude)
    return tf.concat([shift, scale, rotation], -1)


def warp_from_frames(ink: tf.Tensor, layout: tf.Tensor) -> tf.Tensor:
    """Warps ink from the strokes' frames to the canvas.

    Args:
        ink: `[..., H, W, 1]`, in the strokes' frames.
        layout: `[..., 4]`, see `Strokes`; `invertible` is applied to it.

    Returns:
        `[..., H, W, 1]`, on the canvas, zero outside of the frames.
    """
    return warp.warp(ink, affine_lib.from_layout(invertible(layout)))


def stroke_images_in_frames(
    layout: tf.Tensor,
    control_points: tf.Tensor,
    blur: tf.Tensor,
    stroke_contrast: tf.Tensor,
    image_size: int,
    num_curve_points: int = 100,
) -> tf.Tensor:
    """Draws single strokes: rasterises curves, then warps the rasters.

        x = tanh(warp(I) / max(max(warp(I)), 0.3) / stroke_contrast)

    The ink `I` is warped before it is divided by its maximum, as in the
    authors' code.

    Args:
        layout: `[..., 4]`, see `Strokes`; `invertible` is applied to it.
        control_points: `[..., K, 2]`, in the strokes' own unit squares.
        blur: `[...]`, positive, in widths of the strokes' frames.
        stroke_contrast: `[...]`, positive, see `Pen`.
        image_size: `H = W` in pixels, of the frames and of the canvas.
        num_curve_points: number of points along each curve.

    Returns:
        `[..., H, W, 1]` in [0, 1], one image for each stroke.
    """
    points = bezier.curve_points(control_points, num_curve_points)
    ink = gaussian.ink(points, blur, image_size)  # [..., H, W]
    ink = tf.squeeze(warp_from_frames(tf.expand_dims(ink, -1), layout), -1)
    return tf.expand_dims(gaussian.normalize(ink, stroke_contrast), -1)
