"""The canvas: places, draws and adds up strokes."""

import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing.ink import gaussian


def normalize(total_ink: tf.Tensor, canvas_contrast: tf.Tensor) -> tf.Tensor:
    """Squashes the sum of stroke images into [0, 1].

        canvas = tanh(total_ink / canvas_contrast)

    Args:
        total_ink: `[..., H, W, 1]`, not negative.
        canvas_contrast: `[...]`, positive.

    Returns:
        `[..., H, W, 1]` in [0, 1]. Source: paper, App. B.2, Eq. 15.
    """
    slope = 1.0 / canvas_contrast
    for _ in range(3):  # LiteRT lacks the gradient of slope[..., tf.newaxis].
        slope = tf.expand_dims(slope, -1)
    return tf.tanh(total_ink * slope)


def composite(
    stroke_images: tf.Tensor, presence: tf.Tensor, canvas_contrast: tf.Tensor
) -> tf.Tensor:
    """Computes the canvas after each stroke.

        canvas_t = tanh(sum_{s <= t} presence_s x_s / canvas_contrast)

    Args:
        stroke_images: `[..., T, H, W, 1]`, the `x_s`.
        presence: `[..., T]`, 1 where the stroke is drawn, else 0.
        canvas_contrast: `[...]`, positive, one for each drawing.

    Returns:
        `[..., T, H, W, 1]` in [0, 1]; the last canvas is the drawing.
    """
    total_ink = tf.cumsum(_present(stroke_images, presence), axis=-4)
    return normalize(total_ink, canvas_contrast[..., tf.newaxis])


def composite_last(
    stroke_images: tf.Tensor, presence: tf.Tensor, canvas_contrast: tf.Tensor
) -> tf.Tensor:
    """Computes the canvas after the last stroke, without those before it.

        canvas_T = tanh(sum_s presence_s x_s / canvas_contrast)

    Args:
        stroke_images: `[..., T, H, W, 1]`, the `x_s`.
        presence: `[..., T]`, 1 where the stroke is drawn, else 0.
        canvas_contrast: `[...]`, positive, one for each drawing.

    Returns:
        `[..., H, W, 1]` in [0, 1].
    """
    total_ink = tf.reduce_sum(_present(stroke_images, presence), -4)
    return normalize(total_ink, canvas_contrast)


def _present(stroke_images: tf.Tensor, presence: tf.Tensor) -> tf.Tensor:
    return presence[..., tf.newaxis, tf.newaxis, tf.newaxis] * stroke_images


def place(layout: tf.Tensor, control_points: tf.Tensor) -> tf.Tensor:
    """Moves control points from the strokes' frames to the canvas.

    Args:
        layout: `[..., 4]`, see `Strokes`.
        control_points: `[..., K, 2]`, in the strokes' own unit squares.

    Returns:
        `[..., K, 2]`, in the unit square of the canvas.
    """
    return affine_lib.transform_points(
        control_points, affine_lib.from_layout(layout)
    )


def unplace(layout: tf.Tensor, control_points: tf.Tensor) -> tf.Tensor:
    """Inverts `place`.

    Args:
        layout: `[..., 4]`, see `Strokes`; the magnitude of the scale is at
            least 1e-3.
        control_points: `[..., K, 2]`, in the unit square of the canvas.

    Returns:
        `[..., K, 2]`, in the strokes' own unit squares.
    """
    inverse = affine_lib.invert(affine_lib.from_layout(layout))
    return affine_lib.transform_points(control_points, inverse)


def place_blur(layout: tf.Tensor, blur: tf.Tensor) -> tf.Tensor:
    """Converts blurs from widths of the strokes' frames to canvas widths.

        blur -> |scale| blur

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
    """Draws single strokes: places their points and rasterises the curves.

    `frames.stroke_images_in_frames` first rasterises, and then places rasters.

    Args:
        layout: `[..., 4]`, see `Strokes`.
        control_points: `[..., K, 2]`, in the strokes' own unit squares.
        blur: `[...]`, positive, in canvas widths.
        stroke_contrast: `[...]`, positive, see `Pen`.
        image_size: `H = W` in pixels.
        num_curve_points: number of points along each curve.

    Returns:
        `[..., H, W, 1]` in [0, 1], one image for each stroke. Source: paper,
        Sec. 2.1 and App. B.1.
    """
    return gaussian.stroke_image(
        place(layout, control_points),
        blur,
        stroke_contrast,
        image_size,
        num_curve_points,
    )
