"""The strokes that a caller gives to GNS."""

import numpy as np
import tensorflow as tf

from tfdood.types import SplineStrokes


def checked(
    control_points: tf.Tensor, num_control_points: tf.Tensor
) -> SplineStrokes:
    """Checks the strokes of characters; in a graph, only their shapes.

    Args:
        control_points: `[B, T, N, 2]`, of any type of number.
        num_control_points: `[B, T]`, of any type of number.

    Returns:
        The strokes, float32 and int32.

    Raises:
        ValueError: If the shapes differ from these, if a point is not finite,
            or if a stroke has fewer than 0 or more than `N` control points.
    """
    points = tf.cast(control_points, tf.float32)
    number = tf.cast(num_control_points, tf.int32)
    expected = points.shape[:2]
    if points.shape.rank != 4 or not number.shape.is_compatible_with(expected):
        raise ValueError(
            f"Got control points of shape {points.shape} and their numbers of "
            f"shape {number.shape}; expected [B, T, N, 2] and [B, T]."
        )
    known = tf.get_static_value(points), tf.get_static_value(number)
    if known[0] is not None and not np.all(np.isfinite(known[0])):
        raise ValueError("Got control points that are not finite numbers.")
    most = points.shape[2]
    if known[1] is not None and np.any((known[1] < 0) | (known[1] > most)):
        raise ValueError(
            f"Got strokes of {known[1].min()} to {known[1].max()} control "
            f"points; expected 0 to {most}, as many as there is room for."
        )
    return SplineStrokes(points, number)
