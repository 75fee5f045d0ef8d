"""Fits of parses to other drawings, by the endpoints of a model.

A parse of one drawing (the type) explains another drawing (a token) if a
little motor noise and an affine transform turn the one into the other:

    log p(image, token | type) = log p(image | token) + log p(token | type)

which gradient ascent in the token makes as large as possible. Lines that do
not touch the ink of an image have no gradient towards it, so that the ascent
looks at blurred images first, and then at the images themselves.
"""

import os
from collections.abc import Callable
from concurrent import futures
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.drawing import smoothing
from tfdood.evaluate.measures import ink_moments, stroke_batches
from tfdood.models.common import token
from tfdood.objectives import ascent
from tfdood.parsing.base import Parses
from tfdood.parsing.endpoints import Endpoints
from tfdood.types import Pen, Strokes

COARSE_STD = 0.06
"""The standard deviation of the first blur, in image widths: three pixels."""

_ROWS_A_CALL = 256
_RATES = (0.1, 4e-3)  # Adam's, of affine logits and of image widths
_COARSE_SHARE = 0.5  # of the steps of an ascent
_COARSE_LAST = 0.5  # of the rates, to which they fall in these steps


class Token(NamedTuple):
    """How tokens differ from their types.

    Attributes:
        logits: `[N, 7]`, of the affine transform from the start, see
            `token.affine`.
        change: `[N, T, K, 2]`, of control points, before the transform.
    """

    logits: tf.Tensor
    change: tf.Tensor


class Fits(NamedTuple):
    """Parses fitted to images.

    Attributes:
        score: `[N]`, log p(image, token | type), relative to the density of
            the token that equals its type.
        token: `Token`.
        control_points: `[N, T, K, 2]`, of the token's strokes on the canvas.
    """

    score: np.ndarray
    token: Token
    control_points: np.ndarray


class Fitter:
    """Fits parses to images, many at once.

    Args:
        model: with the signatures `render` and `likelihood`.
        tokens: the distribution of tokens.
    """

    def __init__(
        self, model: Endpoints, tokens: token.FitModel = token.FITS["code"]
    ) -> None:
        self._model = model
        self._tokens = tokens
        self._ascend = tf.function(self._ascends, autograph=False)

    def fit(self, parses: Parses, images: np.ndarray, num_steps: int) -> Fits:
        """Gradient ascent (Adam) in the tokens; the best ones are kept.

        It starts from the better of two tokens, judged on blurred images: one
        equals its type, the other is moved and scaled such that its ink has
        the mean and the spread of the image's.

        Args:
            parses: on the canvas, with leading dimension `[N]`.
            images: `[N, S, S, 1]`.
            num_steps: of ascent, the first half of them on blurred images; 0
                scores the start.

        Returns:
            `Fits`; their scores are at least those of the start.
        """
        counts = np.maximum(parses.strokes.presence.sum(-1).astype(int), 1)
        points = parses.strokes.control_points.copy()
        fits = Fits(
            np.empty(len(images), np.float32),
            Token(
                np.empty([len(images), token.NUM_PARAMETERS], np.float32),
                np.zeros_like(points),
            ),
            points,
        )

        # One graph for all numbers of rows and of strokes.
        ascend = self._ascend.get_concrete_function(
            *tf.nest.map_structure(_any_number, (parses.strokes, parses.pen)),
            tf.TensorSpec([None, *images.shape[1:]]),
            tf.TensorSpec([], tf.int32),
        )

        def fit_chunk(chunk: tuple[np.ndarray, int]) -> None:
            rows, count = chunk
            drawn = _first(parses.rows(rows), count)
            image = tf.constant(images[rows], tf.float32)
            score, best, placed = ascend(*drawn, image, tf.constant(num_steps))
            fits.score[rows] = score
            fits.token.logits[rows] = best.logits
            fits.token.change[rows, :count] = best.change
            fits.control_points[rows, :count] = placed

        # Most of its operations are too small for several cores.
        with futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            batches = stroke_batches.of(counts, _ROWS_A_CALL)
            list(pool.map(fit_chunk, batches))
        return fits

    def _ascends(
        self,
        strokes: Strokes,
        pen: Pen,
        images: tf.Tensor,
        num_steps: tf.Tensor,
    ) -> tuple[tf.Tensor, Token, tf.Tensor]:
        blurred = _blur(images)
        strokes, same = self._starts(strokes, pen, images, blurred)

        def coarse(at: Token, _: tf.Tensor) -> tf.Tensor:
            return self._scores(at, strokes, pen, blurred, _blur)

        def fine(at: Token, _: tf.Tensor) -> tf.Tensor:
            return self._scores(at, strokes, pen, images)

        rates = Token(*_RATES)
        share = _COARSE_SHARE * tf.cast(num_steps, tf.float32)
        num_coarse = tf.cast(share, tf.int32)
        found = ascent.ascend(coarse, same, rates, num_coarse, _COARSE_LAST)
        found = ascent.ascend(
            fine, found.best, rates, num_steps - num_coarse, last_share=0.0
        )
        at_start = fine(same, num_steps)
        best = tf.nest.map_structure(
            lambda x, y: ascent.where(found.score > at_start, x, y),
            found.best,
            same,
        )
        score = tf.maximum(found.score, at_start)
        return score, best, self._applied(best, strokes).control_points

    def _starts(
        self, strokes: Strokes, pen: Pen, images: tf.Tensor, blurred: tf.Tensor
    ) -> tuple[Strokes, Token]:
        same = Token(
            tf.zeros([tf.shape(images)[0], token.NUM_PARAMETERS]),
            tf.zeros_like(strokes.control_points),
        )
        moved = token.transform(
            strokes, ink_moments.matching(self._render(strokes, pen), images)
        )
        scores, scores_of_moved = (
            self._scores(same, x, pen, blurred, _blur) for x in (strokes, moved)
        )
        is_better = scores_of_moved > scores
        points = ascent.where(
            is_better, moved.control_points, strokes.control_points
        )
        return strokes._replace(control_points=points), same

    def _scores(
        self,
        tokens: Token,
        strokes: Strokes,
        pen: Pen,
        images: tf.Tensor,
        seen: Callable[[tf.Tensor], tf.Tensor] = tf.identity,
    ) -> tf.Tensor:
        """Scores of tokens whose canvas is seen through a filter."""
        canvas = seen(self._render(self._applied(tokens, strokes), pen))
        log_likelihood = self._model.run(
            "likelihood", images=images, canvas=canvas
        )["log_likelihood"]
        return log_likelihood + log_token(
            tokens.change, strokes.presence, self._tokens.motor_std
        )

    def _applied(self, tokens: Token, strokes: Strokes) -> Strokes:
        points = strokes.control_points + tokens.change
        return token.transform(
            strokes._replace(control_points=points),
            token.affine(tokens.logits, self._tokens.ranges),
        )

    def _render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        inputs = {**strokes._asdict(), **pen._asdict()}
        return self._model.run("render", **inputs)["canvas"]


def _blur(images: tf.Tensor) -> tf.Tensor:
    return smoothing.smooth(images, COARSE_STD * images.shape[1])


def log_token(
    change: tf.Tensor, presence: tf.Tensor, motor_std: float
) -> tf.Tensor:
    """The log density of tokens, relative to the one that equals its type.

        log p(token | type) - log p(type | type)
            = -sum_t presence_t |change_t|^2 / (2 std^2)

    The density of the affine transform is uniform. The normalising constants
    of the motor noise are left out, so that types with more strokes, which
    have more dimensions, have no advantage.

    Args:
        change: `[..., T, K, 2]`, of control points, in image widths.
        presence: `[..., T]`.
        motor_std: the standard deviation of motor noise, in image widths.

    Returns:
        `[...]`, in nats.
    """
    squares = tf.reduce_sum(tf.square(change / motor_std), (-2, -1))
    return -0.5 * tf.reduce_sum(presence * squares, -1)


def _any_number(x: np.ndarray) -> tf.TensorSpec:
    """Of arrays `[N, ...]` or `[N, T, ...]`, for any N and T."""
    sizes = [None] * min(x.ndim, 2) + list(x.shape[2:])
    return tf.TensorSpec(sizes, x.dtype)


def _first(parses: Parses, count: int) -> tuple[Strokes, Pen]:
    """The first strokes of parses, as tensors."""
    strokes = Strokes(*(x[:, :count] for x in parses.strokes))
    pen = parses.pen
    pen = pen._replace(
        blur=pen.blur[:, :count],
        stroke_contrast=pen.stroke_contrast[:, :count],
    )
    return tf.nest.map_structure(tf.convert_to_tensor, (strokes, pen))
