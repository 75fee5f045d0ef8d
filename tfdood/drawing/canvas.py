"""The canvas: strokes composited into a drawing."""

import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing.ink import gaussian as rasterize
from tfdood.types import Pen, Strokes


def normalize(total_ink: tf.Tensor, canvas_contrast: tf.Tensor) -> tf.Tensor:
    """Squashes the sum of stroke images into [0, 1).

        canvas = tanh(total_ink / canvas_contrast)

    Args:
        total_ink: `[..., H, W, 1]`, non-negative.
        canvas_contrast: `[...]`, positive.

    Returns:
        `[..., H, W, 1]` in [0, 1). Source: paper, Sec. 2.1, compositing.
    """
    slope = 1.0 / canvas_contrast
    return tf.tanh(total_ink * slope[..., tf.newaxis, tf.newaxis, tf.newaxis])


def composite(
    stroke_images: tf.Tensor, presence: tf.Tensor, canvas_contrast: tf.Tensor
) -> tf.Tensor:
    """The canvas after each stroke.

        canvas_t = tanh(sum_{s <= t} presence_s x_s / canvas_contrast)

    Args:
        stroke_images: `[..., T, H, W, 1]`.
        presence: `[..., T]`, 1 where the stroke is drawn, else 0.
        canvas_contrast: `[...]`, positive, one an image.

    Returns:
        `[..., T, H, W, 1]` in [0, 1); the last canvas is the drawing.
    """
    presence = presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
    total_ink = tf.cumsum(presence * stroke_images, axis=-4)
    return normalize(total_ink, canvas_contrast[..., tf.newaxis])


def place(layout: tf.Tensor, control_points: tf.Tensor) -> tf.Tensor:
    """Puts strokes where their layouts say.

    Args:
        layout: `[..., 4]`, see `Strokes`.
        control_points: `[..., K, 2]`, in the strokes' own unit squares.

    Returns:
        `[..., K, 2]`, in the unit square of the canvas.
    """
    return affine_lib.transform_points(
        control_points, affine_lib.from_layout(layout)
    )


def place_blur(layout: tf.Tensor, blur: tf.Tensor) -> tf.Tensor:
    """The blur on the canvas of strokes that are rasterised in their frames.

    Args:
        layout: `[..., 4]`, see `Strokes`.
        blur: `[...]`, in widths of the strokes' frames.

    Returns:
        `[...]`, in widths of the canvas.
    """
    return tf.abs(layout[..., 2]) * blur


def stroke_images(
    layout: tf.Tensor,
    control_points: tf.Tensor,
    blur: tf.Tensor,
    stroke_contrast: tf.Tensor,
    image_size: int,
    num_curve_points: int = 100,
) -> tf.Tensor:
    """Images of single strokes: places and rasterises them.

    Args:
        layout: `[..., 4]`, see `Strokes`.
        control_points: `[..., K, 2]`, in the strokes' own unit squares.
        blur: `[...]`, see `Pen`.
        stroke_contrast: `[...]`, see `Pen`.
        image_size: `H = W` in pixels.
        num_curve_points: points sampled along each curve.

    Returns:
        `[..., H, W, 1]` in [0, 1).
    """
    return rasterize.stroke_image(
        place(layout, control_points),
        blur,
        stroke_contrast,
        image_size,
        num_curve_points,
    )


def render(
    strokes: Strokes, pen: Pen, image_size: int, num_curve_points: int = 100
) -> tf.Tensor:
    """Draws strokes: places, rasterises and composites them.

    Args:
        strokes: `Strokes` with leading dimensions `...`.
        pen: `Pen` with the same leading dimensions.
        image_size: `H = W` in pixels.
        num_curve_points: points sampled along each curve.

    Returns:
        `[..., T, H, W, 1]` in [0, 1), the canvas after each stroke. Source:
        paper, Sec. 2.1 and App. B.2.
    """
    images = stroke_images(
        strokes.layout,
        strokes.control_points,
        pen.blur,
        pen.stroke_contrast,
        image_size,
        num_curve_points,
    )
    return composite(images, strokes.presence, pen.canvas_contrast)
