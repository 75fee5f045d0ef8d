"""Fits of codes to other drawings, by the endpoints of a model.

The counterpart of `token_fitting` for models whose strokes are codes. A parse
of one drawing (the type) explains another drawing (a token) if small changes
of its codes and one move of all layouts turn the one into the other:

    log p(image, token | type) = log p(image | token) + log p(token | type)

which gradient ascent in the token makes as large as possible. Layouts cannot
express a shear: the move is a shift, a scale and a rotation.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.evaluate.measures import ascent
from tfdood.evaluate.measures.code_parses import CodeParses
from tfdood.models.common import token
from tfdood.parsing.base import Endpoints

CODE_STD = 0.1
"""Of the change of each number of a code, whose prior has a standard deviation
of 1. It was not tuned."""

_ROWS_A_CALL = 128
_RATES = (0.2, 0.04)  # Adam's, of the logits of the move and of codes
_FARTHEST_START = 0.9  # of the way to the bounds of the move
_NUM_LOGITS = 4


class Token(NamedTuple):
    """How tokens differ from their types.

    Attributes:
        logits: `[N, 4]`, of the move of all layouts, see `token.move`.
        change: `[N, T, D]`, of codes.
    """

    logits: tf.Tensor
    change: tf.Tensor


class Fits(NamedTuple):
    """Parses fitted to images.

    Attributes:
        score: `[N]`, log p(image, token | type), relative to the density of
            the token that equals its type.
        token: `Token`.
    """

    score: np.ndarray
    token: Token


class Fitter:
    """Fits parses to images, many at once.

    Args:
        model: with the signatures `render` and `likelihood`.
    """

    def __init__(self, model: Endpoints) -> None:
        self._model = model
        self._fit = tf.function(self._fits)

    def fit(
        self, parses: CodeParses, images: np.ndarray, num_steps: int
    ) -> Fits:
        """Gradient ascent (Adam) in the tokens; the best ones seen are kept.

        It starts from the better of two tokens: one equals its type, the
        other is moved and scaled such that its ink has the mean and the
        spread of the image's.

        Args:
            parses: with leading dimension `[N]`, N at least 1.
            images: `[N, S, S, 1]`.
            num_steps: of ascent, each smaller than the last; 0 scores the
                start.

        Returns:
            `Fits`.
        """
        rows_of = [None]  # one graph for any number of rows
        fit = self._fit.get_concrete_function(
            {
                name: tf.TensorSpec(rows_of + list(x.shape[1:]), x.dtype)
                for name, x in parses.latents.items()
            },
            tf.TensorSpec(rows_of + list(images.shape[1:]), tf.float32),
            tf.TensorSpec([], tf.int32),
        )
        found = []
        for start in range(0, len(images), _ROWS_A_CALL):
            rows = slice(start, start + _ROWS_A_CALL)
            latents = {
                name: tf.convert_to_tensor(x[rows])
                for name, x in parses.latents.items()
            }
            image = tf.convert_to_tensor(images[rows], tf.float32)
            found.append(fit(latents, image, tf.constant(num_steps)))
        score, logits, change = (
            np.concatenate(x) for x in zip(*found, strict=True)
        )
        return Fits(score, Token(logits, change))

    def _fits(
        self,
        latents: dict[str, tf.Tensor],
        images: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        def score(tokens: tuple[tf.Tensor, ...]) -> tf.Tensor:
            at = Token(*tokens)
            canvas = self._render(placed(latents, at))
            log_likelihood = self._model.run(
                "likelihood", images=images, canvas=canvas
            )["log_likelihood"]
            return log_likelihood + log_token(at.change, latents["presence"])

        zeros = tf.zeros_like(latents["code"])
        same = tf.zeros([tf.shape(images)[0], _NUM_LOGITS])
        moved = _matching_logits(self._render(latents), images)
        is_better = score((moved, zeros)) > score((same, zeros))
        logits = tf.where(is_better[:, tf.newaxis], moved, same)
        best_score, best = ascent.maximise(
            score, (logits, zeros), _RATES, num_steps
        )
        return best_score, *best

    def _render(self, latents: dict[str, tf.Tensor]) -> tf.Tensor:
        return self._model.run("render", **latents)["canvas"]


def placed(latents: dict[str, tf.Tensor], at: Token) -> dict[str, tf.Tensor]:
    """The latents of tokens.

    Args:
        latents: of types, see `CodeParses.latents`, leading dimension `[N]`.
        at: their differences.

    Returns:
        The latents, to be drawn.
    """
    layout = token.move_layouts(latents["layout"], at.logits, token.FITTING)
    return {**latents, "layout": layout, "code": latents["code"] + at.change}


def log_token(change: tf.Tensor, presence: tf.Tensor) -> tf.Tensor:
    """The log density of tokens, relative to the one that equals its type.

        log p(token | type) - log p(type | type)
            = -sum_t presence_t |change_t|^2 / (2 std^2)

    The density of the move is uniform.

    Args:
        change: `[..., T, D]`, of codes.
        presence: `[..., T]`.

    Returns:
        `[...]`, in nats.
    """
    squares = tf.reduce_sum(tf.square(change / CODE_STD), -1)
    return -0.5 * tf.reduce_sum(presence * squares, -1)


def _matching_logits(canvas: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Logits `[N, 4]` that give ink the mean and the spread of another's."""
    (mean, spread), (wanted_mean, wanted) = map(_moments, (canvas, images))
    ranges = token.FITTING
    reach = _reach(wanted / spread - 1.0, ranges.scale)
    scale = 1.0 + ranges.scale * reach
    shift = _reach(wanted_mean - scale * mean, ranges.shift)
    return tf.pad(
        2.0 * tf.atanh(tf.concat([shift, reach], -1)), [[0, 0], [0, 1]]
    )


def _reach(value: tf.Tensor, limit: float) -> tf.Tensor:
    """A value as a part of its limit, and not at it."""
    return tf.clip_by_value(value / limit, -_FARTHEST_START, _FARTHEST_START)


def _moments(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean `[N, 2]` and spread `[N, 1]` of ink along x and y, in [-1, 1]."""
    size = tf.shape(images)[1]
    centres = (2.0 * tf.range(tf.cast(size, tf.float32)) + 1.0) / tf.cast(
        size, tf.float32
    ) - 1.0
    ink = images[..., 0] + 1e-6
    ink /= tf.reduce_sum(ink, (1, 2), keepdims=True)
    along = tf.stack([tf.reduce_sum(ink, 1), tf.reduce_sum(ink, 2)], 1)
    mean = tf.reduce_sum(along * centres, -1)  # [N, 2]
    offset = centres - mean[..., tf.newaxis]  # [N, 2, S]
    variance = tf.reduce_sum(along * tf.square(offset), (1, 2))
    return mean, tf.sqrt(variance)[:, tf.newaxis]
