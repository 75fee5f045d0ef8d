"""Fits characters to images: gradient ascent in the joint density.

    log P(type) + log P(token | type) + log P(image | token)

The ascent changes the control points of the type, the token and the pen, of all
characters of a batch together. A refit draws a known character once more: the
type is fixed, and log P(type) is left out. Source: GNS (Feinman and Lake,
2021), App. B and Sec. 4; the authors' code makes 1,500 steps of Adam with rates
of 0.044 and 0.31, from a blur of 14 pixels. Here the blur of a fit is small
from the start, because the strokes come from the lines of the image.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.drawing.ink import splat
from tfdood.models.gns import image_model
from tfdood.models.gns import prior as prior_lib
from tfdood.models.gns import token as token_lib
from tfdood.objectives import ascent
from tfdood.types import SplineStrokes

STD, NOISE = (0.5, 16.0), (1e-4, 0.5)
"""The smallest and the largest blur, in pixels, and noise of pixels."""

NARROW_PEN, WIDE_PEN = (1.5, 0.02), (4.0, 0.13)
"""Blur in pixels, and noise, at the start of a fit: for strokes that lie on the
ink, and for strokes that do not."""

_RIM = 1e-3  # Of ranges of the pen, in which the slope is almost 0.
_LAST_SHARE = 0.1  # Of the rates, to which they fall.
_SCALE_FACTOR = 0.01  # The same of scales, and of the shifts of a fit.
_WIDE_REACH = 10  # Of blurs in refits, in pixels, as in the authors' code.


class Fit(NamedTuple):
    """Characters that explain images, `B` rows.

    Attributes:
        types: `SplineStrokes`, without motor noise.
        token: how the drawn strokes differ from the types.
        std: `[B]`, of the blur in pixels.
        noise: `[B]` in [0, 0.5], the probability that a pixel flips.
        canvas: `[B, H, W]`, the probability of ink.
        log_token: `[B]`, log P(token | type), in nats.
        log_likelihood: `[B]`, log P(image | token), in nats.
        log_type: `[B]`, log P(type), in nats; None of a refit.
    """

    types: SplineStrokes
    token: token_lib.Token
    std: tf.Tensor
    noise: tf.Tensor
    canvas: tf.Tensor
    log_token: tf.Tensor
    log_likelihood: tf.Tensor
    log_type: tf.Tensor | None = None

    @property
    def strokes(self) -> SplineStrokes:
        """The strokes as they are drawn in the images."""
        return token_lib.apply(self.types, self.token)


class _Moving(NamedTuple):
    """What the ascent of a refit moves; the affine has two rates."""

    starts: tf.Tensor
    points: tf.Tensor
    scale: tf.Tensor  # [B, 2]
    shift: tf.Tensor  # [B, 2]
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
    number = strokes.num_control_points

    def at(point: tuple[tf.Tensor, _Moving]) -> Fit:
        types = SplineStrokes(point[0], number)
        drawn = _drawn(images, types, point[1], splat.REACH)
        return drawn._replace(log_type=prior.log_probs(types).total)

    found = ascent.ascend(
        lambda point, _: log_joint(at(point)),
        (
            strokes.control_points,
            _start(token_lib.still(strokes), *_narrow(number)),
        ),
        (rate, _rates(rate, _SCALE_FACTOR * rate)),
        num_steps,
        _LAST_SHARE,
    )
    return at(found.best)


def refit(
    images: tf.Tensor,
    types: SplineStrokes,
    token: token_lib.Token,
    std: tf.Tensor,
    noise: tf.Tensor,
    num_steps: tf.Tensor,
    rate: tf.Tensor,
) -> Fit:
    """Draws characters once more, such that they explain other images.

    The ascent is that of log P(token | type) + log P(image | token).

    Args:
        images: `[B, H, W, 1]` in [0, 1]; ink is above 1/2.
        types: which stay as they are, leading dimension `[B]`.
        token: where the ascent starts, leading dimension `[B]`.
        std: `[B]`, the blur where it starts, in pixels.
        noise: `[B]`, the noise of pixels where it starts.
        num_steps: `[B]`, at least 0.
        rate: `[B]`, of control points and of shifts, in pixels a step.

    Returns:
        The best point of the ascent, without log P(type). Source: GNS, Sec. 4,
        Eq. 4.
    """

    def score(moving: _Moving, number: tf.Tensor) -> tf.Tensor:
        del number
        drawn = _drawn(images, types, moving, _WIDE_REACH)
        return drawn.log_token + drawn.log_likelihood

    start, rates = _start(token, std, noise), _rates(rate, rate)
    found = ascent.ascend(score, start, rates, num_steps, _LAST_SHARE)
    return _drawn(images, types, found.best, _WIDE_REACH)


def pens(start: tuple[float, float], count: int) -> dict[str, np.ndarray]:
    """The inputs `std` and `noise` of refits, `[count]` each.

    Args:
        start: `NARROW_PEN` or `WIDE_PEN`.
        count: the number of rows.
    """
    return {
        name: np.full(count, value, np.float32)
        for name, value in zip(("std", "noise"), start, strict=True)
    }


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
        `noise`, `log_type` (of a fit only), `log_token`, `log_likelihood`,
        `[B]`.
    """
    names = ("std", "noise", "log_type", "log_token", "log_likelihood")
    scalars = {name: getattr(found, name) for name in names}
    return {
        **found.strokes._asdict(),
        "type_points": found.types.control_points,
        **{f"token_{name}": x for name, x in found.token._asdict().items()},
        "canvas": found.canvas[..., tf.newaxis],
        **{name: x for name, x in scalars.items() if x is not None},
    }


def _drawn(
    images: tf.Tensor, types: SplineStrokes, moving: _Moving, reach: int
) -> Fit:
    affine = tf.concat([moving.scale, moving.shift], -1)
    token = token_lib.Token(moving.starts, moving.points, affine)
    std, noise = _pen(moving.pen)
    drawn = token_lib.apply(types, token)
    canvas = image_model.canvas(drawn, std, noise, images.shape[1], reach)
    return Fit(
        types,
        token,
        std,
        noise,
        canvas,
        token_lib.log_prob(types, token),
        image_model.log_prob(images, canvas),
    )


def _start(token: token_lib.Token, std: tf.Tensor, noise: tf.Tensor) -> _Moving:
    scale, shift = tf.split(token.affine, 2, -1)
    pen = _raw_pen(std, noise)
    return _Moving(token.starts, token.points, scale, shift, pen)


def _narrow(number: tf.Tensor) -> list[tf.Tensor]:
    """The pens of strokes on the ink, `[B]` each."""
    return [tf.fill(tf.shape(number)[:1], value) for value in NARROW_PEN]


def _rates(rate: tf.Tensor, of_shifts: tf.Tensor) -> _Moving:
    scales = _SCALE_FACTOR * rate
    return _Moving(rate, rate, scales, of_shifts, rate)


def _pen(raw: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Blur and noise `[B]` of free numbers `[B, 2]`."""
    share = tf.sigmoid(raw)
    return tuple(
        low + (high - low) * share[:, number]
        for number, (low, high) in enumerate((STD, NOISE))
    )


def _raw_pen(std: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Free numbers `[B, 2]` of blur and noise `[B]`; ends are not reached."""
    shares = [
        (value - low) / (high - low)
        for value, (low, high) in zip((std, noise), (STD, NOISE), strict=True)
    ]
    inner = tf.clip_by_value(tf.stack(shares, -1), _RIM, 1.0 - _RIM)
    return tf.math.log(inner) - tf.math.log1p(-inner)
