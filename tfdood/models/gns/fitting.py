"""Fits characters to images: gradient ascent in the joint density.

    log P(type) + log P(token | type) + log P(image | token)

in the control points of the type, in the token and in the pen, all characters
of a batch together. Source: GNS (Feinman and Lake, 2021), App. B; the authors'
code makes 1,500 steps of Adam with rates of 0.044 and 0.31, from a blur of 14
pixels. Here the blur is small from the start, because the strokes come from
the lines of the image.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models.gns import image_model
from tfdood.models.gns import prior as prior_lib
from tfdood.models.gns import token as token_lib
from tfdood.objectives import ascent
from tfdood.types import SplineStrokes

STD, NOISE = (0.5, 16.0), (1e-4, 0.5)
"""The smallest and the largest blur, in pixels, and noise of pixels."""

_LAST_SHARE = 0.1  # Of the rates, to which they fall.
_PEN_FACTOR = 7.0  # The rate of the pen, in rates of points.
_AFFINE_FACTOR = 0.01  # The same of scales and shifts.
_FIRST_PEN = (-2.7, -3.0)  # A blur of 1.5 pixels, and 2 % of pixels.


class Fit(NamedTuple):
    """Characters that explain images, `B` rows.

    Attributes:
        types: `SplineStrokes`, without motor noise.
        token: what was added to the types.
        std: `[B]`, of the blur in pixels.
        noise: `[B]`, how often a pixel is the opposite.
        canvas: `[B, H, W]`, the probability of ink.
        log_type: `[B]`, log P(type), in nats.
        log_token: `[B]`, log P(token | type), in nats.
        log_likelihood: `[B]`, log P(image | token), in nats.
    """

    types: SplineStrokes
    token: token_lib.Token
    std: tf.Tensor
    noise: tf.Tensor
    canvas: tf.Tensor
    log_type: tf.Tensor
    log_token: tf.Tensor
    log_likelihood: tf.Tensor

    @property
    def strokes(self) -> SplineStrokes:
        """The strokes as they are drawn in the images."""
        return token_lib.apply(self.types, self.token)


class _Point(NamedTuple):
    types: tf.Tensor
    token: token_lib.Token
    pen: tf.Tensor  # [B, 2]


def fit(
    prior: prior_lib.TypePrior,
    images: tf.Tensor,
    strokes: SplineStrokes,
    num_steps: tf.Tensor,
    rate: tf.Tensor,
) -> Fit:
    """Fits characters to images.

    Args:
        prior: the type prior.
        images: `[B, H, W, 1]` in [0, 1]; ink is above 1/2.
        strokes: where the ascent starts, leading dimension `[B]`.
        num_steps: `[B]`, at least 0.
        rate: `[B]`, of control points, in pixels a step.

    Returns:
        The best point of the ascent.
    """

    def at(point: _Point) -> Fit:
        types = SplineStrokes(point.types, strokes.num_control_points)
        std, noise = _pen(point.pen)
        drawn = token_lib.apply(types, point.token)
        canvas = image_model.canvas(drawn, std, noise, images.shape[1])
        return Fit(
            types,
            point.token,
            std,
            noise,
            canvas,
            prior.log_probs(types).total,
            token_lib.log_prob(types, point.token),
            image_model.log_prob(images, canvas),
        )

    def score(point: _Point, number: tf.Tensor) -> tf.Tensor:
        del number
        return log_joint(at(point))

    start = _start(strokes)
    token_rates = token_lib.Token(rate, rate, rate * _AFFINE_FACTOR)
    rates = _Point(rate, token_rates, rate * _PEN_FACTOR)
    found = ascent.ascend(score, start, rates, num_steps, _LAST_SHARE)
    return at(found.best)


def log_joint(found: Fit) -> tf.Tensor:
    """The log density of type, token and image, `[B]`, in nats."""
    return found.log_type + found.log_token + found.log_likelihood


def named(found: Fit) -> dict[str, tf.Tensor]:
    """Converts a fit to the outputs of a signature.

    Args:
        found: of `B` rows.

    Returns:
        `control_points`, as they are drawn, and `type_points`,
        `[B, T, N, 2]`; `num_control_points`; `token_starts`, `token_points`
        and `token_affine`, see `Token`; `canvas`, `[B, H, W, 1]`; and `std`,
        `noise`, `log_type`, `log_token`, `log_likelihood`, `[B]`.
    """
    scalars = ("std", "noise", "log_type", "log_token", "log_likelihood")
    return {
        **found.strokes._asdict(),
        "type_points": found.types.control_points,
        **{f"token_{name}": x for name, x in found.token._asdict().items()},
        "canvas": found.canvas[..., tf.newaxis],
        **{name: getattr(found, name) for name in scalars},
    }


def _start(strokes: SplineStrokes) -> _Point:
    points, number = strokes
    still = token_lib.Token(
        tf.zeros_like(points[..., 0, :]),
        tf.zeros_like(points),
        tf.tile([token_lib.AFFINE_MEAN], [tf.shape(number)[0], 1]),
    )
    pen = tf.tile([_FIRST_PEN], [tf.shape(number)[0], 1])
    return _Point(points, still, pen)


def _pen(raw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Blur and noise `[B]` of free numbers `[B, 2]`."""
    share = tf.sigmoid(raw)
    return tuple(
        low + (high - low) * share[:, number]
        for number, (low, high) in enumerate((STD, NOISE))
    )
