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

from tfdood.evaluate.measures import ink_moments
from tfdood.evaluate.measures.code_parses import CodeParses
from tfdood.models.common import token
from tfdood.objectives import ascent
from tfdood.parsing.endpoints import Endpoints

CODE_STD = 0.1
"""The standard deviation of the change of a number of a code, if that of its
prior is 1. It was not tuned."""

_ROWS_A_CALL = 128
_MOVE_RATE = 0.2  # Adam's, of logits
_CODE_RATE = 0.4  # Adam's, in standard deviations of the change
_NUM_LOGITS = 4
_RANGES = token.FITS["code"].ranges


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
        prior_std: the standard deviation of a number of a code under a prior
            that is not learned.
    """

    def __init__(self, model: Endpoints, prior_std: float = 1.0) -> None:
        self._model = model
        self._std = CODE_STD * prior_std
        self._fit = tf.function(self._fits, autograph=False)

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
            return log_likelihood + log_token(
                at.change, latents["presence"], self._std
            )

        zeros = tf.zeros_like(latents["code"])
        same = tf.zeros([tf.shape(images)[0], _NUM_LOGITS])
        moved = _matching_logits(self._render(latents), images)
        is_better = score((moved, zeros)) > score((same, zeros))
        logits = tf.where(is_better[:, tf.newaxis], moved, same)
        found = ascent.ascend(
            lambda tokens, _: score(tokens),
            (logits, zeros),
            (_MOVE_RATE, _CODE_RATE * self._std),
            num_steps,
            last_share=0.0,
        )
        return found.score, *found.best

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
    layout = token.move_layouts(latents["layout"], at.logits, _RANGES)
    return {**latents, "layout": layout, "code": latents["code"] + at.change}


def log_token(change: tf.Tensor, presence: tf.Tensor, std: float) -> tf.Tensor:
    """The log density of tokens, relative to the one that equals its type.

        log p(token | type) - log p(type | type)
            = -sum_t presence_t |change_t|^2 / (2 std^2)

    The density of the move is uniform.

    Args:
        change: `[..., T, D]`, of codes.
        presence: `[..., T]`.
        std: of the change of a number of a code.

    Returns:
        `[...]`, in nats.
    """
    squares = tf.reduce_sum(tf.square(change / std), -1)
    return -0.5 * tf.reduce_sum(presence * squares, -1)


def _matching_logits(canvas: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Logits `[N, 4]` that give ink the mean and the spread of another's."""
    (mean, std), (wanted_mean, wanted_std) = map(
        ink_moments.of, (canvas, images)
    )
    # One scale for both axes.
    ratio = tf.norm(wanted_std, axis=-1) / tf.norm(std, axis=-1)
    reach = ink_moments.reach(ratio - 1.0, _RANGES.scale)[:, tf.newaxis]
    shift = wanted_mean - (1.0 + _RANGES.scale * reach) * mean
    shift = ink_moments.reach(shift, _RANGES.shift)
    return tf.pad(
        2.0 * tf.atanh(tf.concat([shift, reach], -1)), [[0, 0], [0, 1]]
    )
