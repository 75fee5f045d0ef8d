"""The token model of GNS: how a person draws a character once more.

A character (the *type*) is its strokes. A new drawing of it (a *token*) moves
the start of each stroke, moves each control point (motor noise), and scales and
shifts the whole drawing. Source: GNS, Sec. 3 and App. A.3, with the constants
of the library of BPL (Lake et al., 2015; MIT licence), which are in pixels.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.common import noise as noise_lib
from tfdood.types import SplineStrokes

tfd = tfp.distributions

START_STD = (1.3536, 1.2056)
"""Of the start of a stroke, along x and y, in pixels."""

POINT_STD = 3.3593
"""Of each control point, along x and y, in pixels."""

AFFINE_MEAN = (1.0, 1.0, 0.0, 0.0)
"""Of the scale along x and y, and of the shift along x and y in pixels."""

SCALE_COVARIANCE = ((0.0470, 0.0223), (0.0223, 0.0359))
"""Of the scale along x and y."""

SHIFT_STD = (5.2658, 5.0867)
"""Of the shift along x and y, in pixels."""


class Token(NamedTuple):
    """How a drawing differs from its type.

    Attributes:
        starts: `[..., T, 2]`, how far each stroke is shifted, in pixels.
        points: `[..., T, N, 2]`, how far each control point is moved, in
            pixels.
        affine: `[..., 4]`, the scale along x and y, and the shift along x and y
            in pixels.
    """

    starts: tf.Tensor
    points: tf.Tensor
    affine: tf.Tensor


def sample(
    num_tokens: tf.Tensor | int,
    num_strokes: tf.Tensor | int,
    num_control_points: tf.Tensor | int,
    seed: tf.Tensor | None,
) -> Token:
    """Samples tokens; what moves a stroke depends on no stroke after it.

    Args:
        num_tokens: `B`.
        num_strokes: `T`.
        num_control_points: `N`.
        seed: int32 `[2]`, or `[B, 2]` with one seed for each token.

    Returns:
        `Token`, leading dimension `[B]`.

    Raises:
        ValueError: If the seed is None or has another shape.
    """
    [stream] = noise_lib.streams(seed, 1)
    of_stroke = 1 + num_control_points
    sizes = [4, 2 * num_strokes * of_stroke]
    noise = noise_lib.normal(stream, num_tokens, [1, sum(sizes)])[0]
    affine, moves = tf.split(noise, sizes, -1)
    moves = tf.reshape(moves, [-1, num_strokes, of_stroke, 2])
    return Token(
        starts=START_STD * moves[:, :, 0],
        points=POINT_STD * moves[:, :, 1:],
        affine=AFFINE_MEAN
        + tf.matmul(affine, _affine_factor(), transpose_b=True),
    )


def apply(drawings: SplineStrokes, token: Token) -> SplineStrokes:
    """Draws types once more.

        point -> scale (moved - centre) + centre + shift

    with `centre` the mean of all moved control points.

    Args:
        drawings: the types, leading dimensions `...`.
        token: leading dimensions `...`.

    Returns:
        The strokes of the tokens; control points after the last are 0.
    """
    points, number = drawings
    is_point = _is_point(points, number)
    weights = tf.cast(is_point, points.dtype)[..., tf.newaxis]
    moved = points + token.points + token.starts[..., tf.newaxis, :]
    count = tf.maximum(tf.reduce_sum(weights, [-3, -2], keepdims=True), 1.0)
    centre = tf.reduce_sum(weights * moved, [-3, -2], keepdims=True) / count
    affine = token.affine[..., tf.newaxis, tf.newaxis, :]
    placed = affine[..., :2] * (moved - centre) + centre + affine[..., 2:]
    return SplineStrokes(
        tf.where(is_point[..., tf.newaxis], placed, 0.0), number
    )


def log_prob(drawings: SplineStrokes, token: Token) -> tf.Tensor:
    """Computes the log density of tokens, given their types.

    Args:
        drawings: the types, leading dimensions `...`.
        token: leading dimensions `...`.

    Returns:
        `[...]`, in nats.
    """
    points, number = drawings
    is_stroke = tf.cast(number > 0, points.dtype)
    is_point = tf.cast(_is_point(points, number), points.dtype)
    starts = tfd.MultivariateNormalDiag(scale_diag=START_STD)
    moves = tfd.MultivariateNormalDiag(scale_diag=2 * [POINT_STD])
    affine = tfd.MultivariateNormalTriL(AFFINE_MEAN, _affine_factor())
    return (
        tf.reduce_sum(is_stroke * starts.log_prob(token.starts), -1)
        + tf.reduce_sum(is_point * moves.log_prob(token.points), [-2, -1])
        + affine.log_prob(token.affine)
    )


def still(strokes: SplineStrokes) -> Token:
    """The tokens that equal their types.

    Args:
        strokes: leading dimension `[B]`.
    """
    points, number = strokes
    return Token(
        tf.zeros_like(points[..., 0, :]),
        tf.zeros_like(points),
        tf.tile([AFFINE_MEAN], [tf.shape(number)[0], 1]),
    )


def _is_point(points: tf.Tensor, number: tf.Tensor) -> tf.Tensor:
    return tf.sequence_mask(number, tf.shape(points)[-2])


def _affine_factor() -> tf.Tensor:
    """The Cholesky factor `[4, 4]` of the covariance of the affine."""
    covariance = np.diag(np.square([0.0, 0.0, *SHIFT_STD]))
    covariance[:2, :2] = SCALE_COVARIANCE
    return tf.constant(np.linalg.cholesky(covariance), tf.float32)
