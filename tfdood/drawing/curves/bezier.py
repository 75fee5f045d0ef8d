"""Bezier curves: points that are differentiable in the control points.

Coordinates are `(x, y)`, `x` to the right and `y` down. `...` stands for any
leading dimensions.
"""

import tensorflow as tf

from tfdood.drawing.curves import bernstein


def curve_points(control_points: tf.Tensor, num_points: int) -> tf.Tensor:
    """Computes points along a Bezier curve at evenly spaced times.

        b(t) = sum_k binomial(K - 1, k) t**k (1 - t)**(K - 1 - k) p_k

    Args:
        control_points: `[..., K, 2]`. The curve starts at the first and ends
            at the last control point.
        num_points: `S`, with the start and the end of the curve.

    Returns:
        `[..., S, 2]`. Source: paper, Eq. 10.

    Raises:
        ValueError: If `K` is 0 or `S` is smaller than 2.
    """
    control_points = tf.convert_to_tensor(control_points)
    basis = bernstein.values(control_points.shape[-2], num_points)
    basis = tf.constant(basis, control_points.dtype)  # [S, K]
    return tf.matmul(basis, control_points)  # [..., S, 2]
