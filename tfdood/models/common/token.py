"""The token model: how several drawings of one character differ.

A character (the *type*) is a parse. A new drawing of it (a *token*) adds motor
noise to the control points and applies one affine transform to all strokes.
Source: paper, App. B.4. The ranges are those of the authors' code, except for
the rotation: their code converts it from degrees twice, which makes it too
small.
"""

import math
from typing import NamedTuple, TypeVar

import numpy as np
import tensorflow as tf

from tfdood.drawing import affine as affine_lib
from tfdood.drawing import canvas
from tfdood.types import Strokes

Latents = TypeVar("Latents", bound=tuple)

NUM_PARAMETERS = 7
"""Number of parameters of an affine transform, see `affine.from_parameters`."""

_NO_CHANGE = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)


class AffineRanges(NamedTuple):
    """The largest differences of an affine transform from the identity.

    Attributes:
        shift: along x and along y, in half image widths.
        scale: of the scale factors along x and along y.
        rotation: in radians.
        shear: of the shears along x and along y.
    """

    shift: float
    scale: float
    rotation: float
    shear: float


EXEMPLARS = AffineRanges(0.1, 0.1, 0.1 * math.pi, 0.1 * math.pi)
"""The ranges for new exemplars of a character."""

FITTING = AffineRanges(0.2, 0.4, 0.25 * math.pi, 0.3 * math.pi)
"""The ranges to fit a character to another drawing of it."""

_MIDDLE_STD, _INNER_STD = 0.1, 0.003


def motor_std(num_control_points: int) -> np.ndarray:
    """Returns the standard deviations of the motor noise.

    They are 0 at both ends of a stroke, 0.1 at its middle point and 0.003 at
    the other points.

    Args:
        num_control_points: `K`.

    Returns:
        `[K]`, in widths of the stroke's frame.
    """
    std = np.full([num_control_points], _INNER_STD, np.float32)
    std[num_control_points // 2] = _MIDDLE_STD
    std[[0, -1]] = 0.0
    return std


def affine(logits: tf.Tensor, ranges: AffineRanges) -> tf.Tensor:
    """Maps unbounded numbers to affine transforms.

        parameter = its value at the identity + range * tanh(logit / 2)

    Zeros give the identity.

    Args:
        logits: `[..., 7]`, in the order of `affine.from_parameters`.
        ranges: the ranges of the parameters.

    Returns:
        `[..., 2, 3]`.
    """
    shift, scale, rotation, shear = ranges
    reach = tf.constant([shift, shift, scale, scale, rotation, shear, shear])
    return affine_lib.from_parameters(_NO_CHANGE + reach * tf.tanh(logits / 2))


def transform(strokes: Strokes, affine: tf.Tensor) -> Strokes:
    """Applies an affine transform to all strokes of a drawing.

    Args:
        strokes: leading dimensions `...`.
        affine: `[..., 2, 3]`.

    Returns:
        `Strokes` with control points in canvas coordinates and with layouts of
        the whole canvas, because a layout cannot express a shear.
    """
    points = canvas.place(strokes.layout, strokes.control_points)
    return strokes._replace(
        layout=tf.ones_like(strokes.layout) * [0.0, 0.0, 1.0, 0.0],
        control_points=affine_lib.transform_points(
            points, affine[..., None, :, :]
        ),
    )


def sample(
    strokes: Strokes, point_noise: tf.Tensor, affine_noise: tf.Tensor
) -> Strokes:
    """Samples a new token of a type.

        token = transform(points + motor_std * point_noise,
                          affine(affine_noise, EXEMPLARS))

    Args:
        strokes: the type, leading dimensions `...`.
        point_noise: `[..., T, K, 2]`, standard normal.
        affine_noise: `[..., 7]`, standard normal.

    Returns:
        `Strokes` in the form that `transform` returns.
    """
    std = motor_std(strokes.control_points.shape[-2])
    points = strokes.control_points + std[:, None] * point_noise
    return transform(
        strokes._replace(control_points=points),
        affine(affine_noise, EXEMPLARS),
    )


def move(strokes: Latents, layout_noise: tf.Tensor) -> Latents:
    """Samples a new token of a type with codes as strokes.

    All layouts get the same random shift', scale' and rotation':

        shift -> shift' + scale' R(rotation') shift
        scale -> scale' scale,   rotation -> rotation' + rotation

    There is no motor noise, because codes have no points, and no shear, because
    layouts cannot express it.

    Args:
        strokes: the type, a record with `layout` `[..., T, 4]`.
        layout_noise: `[..., 4]`, standard normal.

    Returns:
        The record with new layouts.
    """
    ranges = EXEMPLARS
    reach = [ranges.shift, ranges.shift, ranges.scale, ranges.rotation]
    moves = [0.0, 0.0, 1.0, 0.0] + reach * tf.tanh(layout_noise / 2)
    affine = affine_lib.from_layout(moves)
    shift = tf.einsum(
        "...ij,...tj->...ti", affine[..., :2], strokes.layout[..., :2]
    )
    shift += affine[..., tf.newaxis, :, 2]
    scale = moves[..., tf.newaxis, 2] * strokes.layout[..., 2]
    rotation = moves[..., tf.newaxis, 3] + strokes.layout[..., 3]
    layout = tf.concat([shift, tf.stack([scale, rotation], -1)], -1)
    return strokes._replace(layout=layout)
