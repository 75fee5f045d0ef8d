"""The token model: how two drawings of one character differ.

A character (the *type*) is a parse. Each new drawing of it (a *token*) has
motor noise on its points, and one affine transform moves it. Paper, App. B.4.
The ranges are those of the authors' code, except for the rotation, which their
code makes too small by a second conversion from degrees.
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
"""Of an affine transform, see `affine.from_parameters`."""

_NO_CHANGE = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0)


class AffineRanges(NamedTuple):
    """How far an affine transform may be from doing nothing.

    Attributes:
        shift: half image widths, along x and along y.
        scale: of the factors along x and along y.
        rotation: radians.
        shear: along x and along y.
    """

    shift: float
    scale: float
    rotation: float
    shear: float


EXEMPLARS = AffineRanges(0.1, 0.1, 0.1 * math.pi, 0.1 * math.pi)
"""For new exemplars of a character."""

FITTING = AffineRanges(0.2, 0.4, 0.25 * math.pi, 0.3 * math.pi)
"""For fitting a character to another drawing of it."""

_MIDDLE_STD, _INNER_STD = 0.1, 0.003


def motor_std(num_control_points: int) -> np.ndarray:
    """Standard deviations of the motor noise, in the stroke's frame.

    The ends of a stroke stay; its middle point moves most.

    Args:
        num_control_points: `K`.

    Returns:
        `[K]`.
    """
    std = np.full([num_control_points], _INNER_STD, np.float32)
    std[num_control_points // 2] = _MIDDLE_STD
    std[[0, -1]] = 0.0
    return std


def affine(logits: tf.Tensor, ranges: AffineRanges) -> tf.Tensor:
    """The affine transform of unbounded parameters; zeros change nothing.

        parameter = its value when nothing changes + range tanh(logit / 2)

    Args:
        logits: `[..., 7]`, in the order of `affine_from_parameters`.
        ranges: of the parameters.

    Returns:
        `[..., 2, 3]`.
    """
    shift, scale, rotation, shear = ranges
    reach = tf.constant([shift, shift, scale, scale, rotation, shear, shear])
    return affine_lib.from_parameters(_NO_CHANGE + reach * tf.tanh(logits / 2))


def transform(strokes: Strokes, affine: tf.Tensor) -> Strokes:
    """Moves all strokes of a drawing at once.

    Args:
        strokes: with leading dimensions `...`.
        affine: `[..., 2, 3]`.

    Returns:
        `Strokes` whose control points are on the canvas and whose layouts are
        the whole canvas; a layout could not hold a shear.
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
    """A new token of a type.

    Args:
        strokes: the type, with leading dimensions `...`.
        point_noise: `[..., T, K, 2]`, standard normal.
        affine_noise: `[..., 7]`, standard normal.

    Returns:
        `Strokes` as `transform` gives them.
    """
    std = motor_std(strokes.control_points.shape[-2])
    shaken = strokes.control_points + std[:, None] * point_noise
    return transform(
        strokes._replace(control_points=shaken),
        affine(affine_noise, EXEMPLARS),
    )


def move(strokes: Latents, layout_noise: tf.Tensor) -> Latents:
    """Draws a new token of a type whose strokes are codes: moves it as a whole.

    Codes have no points to shake, and layouts cannot express a shear:

        shift -> shift' + scale' R(rotation') shift
        scale -> scale' scale,   rotation -> rotation' + rotation

    Args:
        strokes: the type, a record with `layout` `[..., T, 4]`.
        layout_noise: `[..., 4]`, standard normal.

    Returns:
        The record with other layouts.
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
