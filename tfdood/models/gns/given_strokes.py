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
        ValueError: If the shapes differ from these, if there is no character or
            no room for a stroke, if a point is not finite, if a stroke has
            fewer than 0 or more than `N` control points, or if a stroke follows
            a stroke without control points.
    """
    points = tf.cast(control_points, tf.float32)
    number = tf.cast(num_control_points, tf.int32)
    is_known = points.shape.is_compatible_with([None, None, None, 2])
    if not is_known or not number.shape.is_compatible_with(points.shape[:2]):
        raise ValueError(
            f"Got control points of shape {points.shape} and their numbers of "
            f"shape {number.shape}; expected [B, T, N, 2] and [B, T]."
        )
    if 0 in points.shape[:2]:
        raise ValueError(
            f"Got control points of shape {points.shape}; expected [B, T, N, 2]"
            " with B and T of at least 1."
        )
    given, counts = tf.get_static_value(points), tf.get_static_value(number)
    if given is not None and not np.all(np.isfinite(given)):
        raise ValueError("Got control points that are not finite numbers.")
    if given is not None and counts is not None:
        most = given.shape[2]
        if np.any((counts < 0) | (counts > most)):
            raise ValueError(
                f"Got strokes of {counts.min()} to {counts.max()} control "
                f"points; expected 0 to {most}, as many as there is room for."
            )
        if np.any((counts[:, 1:] > 0) & (counts[:, :-1] == 0)):
            raise ValueError(
                "Got a stroke after a stroke of 0 control points; expected "
                "strokes of 0 control points at the end only."
            )
    return SplineStrokes(points, number)
