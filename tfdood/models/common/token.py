"""The token model: how several drawings of one character differ.

A character (the *type*) is a parse. A new drawing of it (a *token*) adds motor
noise to the control points and applies one affine transform to all strokes.
Source: paper, App. B.4. The text of the paper and the authors' code have
different values, see `MODELS`.
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


class TokenModel(NamedTuple):
    """The distribution of new exemplars of a character.

    Attributes:
        ranges: of the affine transform.
        is_uniform: whether the parameters of the affine transform are uniform
            in their ranges; if not, they are range * tanh(noise / 2), with
            standard normal noise.
        end_std: standard deviation of the motor noise at both ends of a stroke,
            in widths of the stroke's frame.
        middle_std: the same at the middle control point.
        inner_std: the same at all other control points.
    """

    ranges: AffineRanges
    is_uniform: bool
    end_std: float
    middle_std: float
    inner_std: float


EXEMPLARS = AffineRanges(0.1, 0.1, 0.1 * math.pi, 0.1 * math.pi)
"""The ranges for new exemplars of a character, as in the authors' code."""

MODELS = {
    "code": TokenModel(
        EXEMPLARS, is_uniform=False, end_std=0.0, middle_std=0.1, inner_std=3e-3
    ),
    "text": TokenModel(
        AffineRanges(0.2, 0.2, 0.25 * math.pi, 0.25 * math.pi),
        is_uniform=True,
        end_std=1e-3,
        middle_std=1e-3,
        inner_std=1e-3,
    ),
}
"""Token models by name: `code` is the authors' code, and `text` is App. B.4 of
the paper. `code` differs from the authors' code in one point: theirs converts
the rotation from degrees twice, which makes it too small."""


class FitModel(NamedTuple):
    """The distribution of drawings to which a character is fitted.

    Attributes:
        ranges: of the affine transform, which is uniform in them.
        motor_std: standard deviation of the motor noise of control points, in
            image widths.
    """

    ranges: AffineRanges
    motor_std: float


FITS = {
    "code": FitModel(
        AffineRanges(0.2, 0.4, 0.25 * math.pi, 0.3 * math.pi), motor_std=1e-2
    ),
    "text": FitModel(MODELS["text"].ranges, motor_std=1e-3),
}
"""Models of fits by name. `text` is App. B.4 of the paper, with motor noise of
a twentieth of a pixel. `code` has ten times as much, which was chosen on
Omniglot's background alphabets; it helps most where both ways are scored."""


def motor_std(num_control_points: int, model: TokenModel) -> np.ndarray:
    """Returns the standard deviations of the motor noise.

    Args:
        num_control_points: `K`.
        model: gives the values at the ends, in the middle and elsewhere.

    Returns:
        `[K]`, in widths of the stroke's frame.
    """
    std = np.full([num_control_points], model.inner_std, np.float32)
    std[num_control_points // 2] = model.middle_std
    std[[0, -1]] = model.end_std
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
    strokes: Strokes,
    point_noise: tf.Tensor,
    affine_noise: tf.Tensor,
    model: TokenModel,
) -> Strokes:
    """Samples a new token of a type.

        token = transform(points + motor_std * point_noise, affine)

    Args:
        strokes: the type, leading dimensions `...`.
        point_noise: `[..., T, K, 2]`, standard normal.
        affine_noise: `[..., 7]`, standard normal.
        model: the distributions of the motor noise and of the affine transform.

    Returns:
        `Strokes` in the form that `transform` returns.
    """
    std = motor_std(strokes.control_points.shape[-2], model)
    points = strokes.control_points + std[:, None] * point_noise
    if model.is_uniform:
        # tanh(logit / 2) is then 2 Phi(noise) - 1, which is uniform.
        reach = tf.math.erf(affine_noise * 0.5**0.5)
        affine_noise = 2.0 * tf.math.atanh(reach)
    return transform(
        strokes._replace(control_points=points),
        affine(affine_noise, model.ranges),
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
    layout = move_layouts(strokes.layout, layout_noise, EXEMPLARS)
    return strokes._replace(layout=layout)


def move_layouts(
    layout: tf.Tensor, logits: tf.Tensor, ranges: AffineRanges
) -> tf.Tensor:
    """Moves, scales and turns all strokes of a drawing in the same way.

    Args:
        layout: `[..., T, 4]`.
        logits: `[..., 4]`, of shift x, shift y, scale and rotation; zeros give
            the identity.
        ranges: the largest differences from the identity.

    Returns:
        `[..., T, 4]`.
    """
    reach = [ranges.shift, ranges.shift, ranges.scale, ranges.rotation]
    moves = [0.0, 0.0, 1.0, 0.0] + reach * tf.tanh(logits / 2)
    affine = affine_lib.from_layout(moves)
    shift = tf.einsum("...ij,...tj->...ti", affine[..., :2], layout[..., :2])
    shift += affine[..., tf.newaxis, :, 2]
    scale = moves[..., tf.newaxis, 2] * layout[..., 2]
    rotation = moves[..., tf.newaxis, 3] + layout[..., 3]
    return tf.concat([shift, tf.stack([scale, rotation], -1)], -1)
