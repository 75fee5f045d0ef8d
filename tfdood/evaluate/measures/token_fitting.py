"""Fits of parses to other drawings, by the endpoints of a model.

A parse of one drawing (the type) explains another drawing (a token) if a
little motor noise and an affine transform turn the one into the other:

    log p(image, token | type) = log p(image | token) + log p(token | type)

which gradient ascent in the token makes as large as possible.
"""

import os
from collections.abc import Iterator
from concurrent import futures
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.evaluate.measures import ink_moments
from tfdood.models.common import token
from tfdood.objectives import ascent
from tfdood.parsing.base import Parses
from tfdood.parsing.endpoints import Endpoints
from tfdood.types import Pen, Strokes

MOTOR_STD = 1e-2
"""Of each coordinate of a control point, in image widths: half a pixel.

The paper has 1e-3 (App. B.4), a twentieth of a pixel. On trials made of
Omniglot's background alphabets, ten times as much helps, most of all two-way.
"""

_ROWS_A_CALL = 256
_RATES = (0.2, 4e-3)  # Adam's, of affine logits and of image widths


class Token(NamedTuple):
    """How tokens differ from their types.

    Attributes:
        logits: `[N, 7]`, of the affine transform, see `token.affine`.
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
    """

    def __init__(self, model: Endpoints) -> None:
        self._model = model
        self._start = tf.function(self._starts, reduce_retracing=True)
        self._ascend = tf.function(self._ascends, reduce_retracing=True)

    def fit(self, parses: Parses, images: np.ndarray, num_steps: int) -> Fits:
        """Gradient ascent (Adam) in the tokens; the best ones seen are kept.

        It starts from the better of two tokens: one equals its type, the
        other is moved and stretched such that its ink has the mean and the
        spread of the image's.

        Args:
            parses: on the canvas, with leading dimension `[N]`.
            images: `[N, S, S, 1]`.
            num_steps: of ascent, each smaller than the last; 0 scores the
                start.

        Returns:
            `Fits`.
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

        def fit_chunk(chunk: tuple[np.ndarray, int]) -> None:
            rows, count = chunk
            drawn = _first(parses.rows(rows), count)
            start = self._start(*drawn, images[rows])
            score, best = self._ascend(
                *drawn, images[rows], start, tf.constant(num_steps)
            )
            fits.score[rows] = score
            fits.token.logits[rows] = best.logits
            fits.token.change[rows, :count] = best.change
            placed = _apply(best, drawn[0]).control_points
            fits.control_points[rows, :count] = placed

        # Most of its operations are too small for several cores.
        with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(fit_chunk, _chunks(counts)))
        return fits

    def _starts(self, strokes: Strokes, pen: Pen, images: tf.Tensor) -> Token:
        logits = tf.zeros([tf.shape(images)[0], token.NUM_PARAMETERS])
        same = Token(logits, tf.zeros_like(strokes.control_points))
        moved = same._replace(
            logits=_matching_logits(self._render(strokes, pen), images)
        )
        is_better = self._scores(moved, strokes, pen, images) > self._scores(
            same, strokes, pen, images
        )
        logits = tf.where(is_better[:, None], moved.logits, same.logits)
        return same._replace(logits=logits)

    def _ascends(
        self,
        strokes: Strokes,
        pen: Pen,
        images: tf.Tensor,
        start: Token,
        num_steps: tf.Tensor,
    ) -> tuple[tf.Tensor, Token]:
        found = ascent.ascend(
            lambda at, _: self._scores(at, strokes, pen, images),
            start,
            Token(*_RATES),
            num_steps,
            last_share=0.0,
        )
        return found.score, found.best

    def _scores(
        self, tokens: Token, strokes: Strokes, pen: Pen, images: tf.Tensor
    ) -> tf.Tensor:
        canvas = self._render(_apply(tokens, strokes), pen)
        log_likelihood = self._model.run(
            "likelihood", images=images, canvas=canvas
        )["log_likelihood"]
        return log_likelihood + log_token(tokens.change, strokes.presence)

    def _render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        inputs = {**strokes._asdict(), **pen._asdict()}
        return self._model.run("render", **inputs)["canvas"]


def log_token(change: tf.Tensor, presence: tf.Tensor) -> tf.Tensor:
    """The log density of tokens, relative to the one that equals its type.

        log p(token | type) - log p(type | type)
            = -sum_t presence_t |change_t|^2 / (2 std^2)

    The density of the affine transform is uniform. The normalising constants
    of the motor noise are left out, so that types with more strokes, which
    have more dimensions, have no advantage.

    Args:
        change: `[..., T, K, 2]`, of control points, in image widths.
        presence: `[..., T]`.

    Returns:
        `[...]`, in nats.
    """
    squares = tf.reduce_sum(tf.square(change / MOTOR_STD), (-2, -1))
    return -0.5 * tf.reduce_sum(presence * squares, -1)


def _apply(tokens: Token, strokes: Strokes) -> Strokes:
    points = strokes.control_points + tokens.change
    return token.transform(
        strokes._replace(control_points=points),
        token.affine(tokens.logits, token.FITTING),
    )


def _matching_logits(canvas: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Logits `[N, 7]` that give ink the mean and the spread of another's."""
    (mean, std), (wanted_mean, wanted_std) = map(
        ink_moments.of, (canvas, images)
    )
    ranges = token.FITTING
    reach = ink_moments.reach(wanted_std / std - 1.0, ranges.scale)
    shift = wanted_mean - (1.0 + ranges.scale * reach) * mean
    reach = tf.concat([ink_moments.reach(shift, ranges.shift), reach], -1)
    return tf.pad(2.0 * tf.atanh(reach), [[0, 0], [0, 3]])


def _chunks(counts: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Rows with equally many strokes, a batch at a time, and that many."""
    for count in np.unique(counts):
        rows = np.flatnonzero(counts == count)
        for start in range(0, len(rows), _ROWS_A_CALL):
            yield rows[start : start + _ROWS_A_CALL], count


def _first(parses: Parses, count: int) -> tuple[Strokes, Pen]:
    """The first strokes of parses, as tensors."""
    strokes = Strokes(*(x[:, :count] for x in parses.strokes))
    pen = parses.pen
    pen = pen._replace(
        blur=pen.blur[:, :count],
        stroke_contrast=pen.stroke_contrast[:, :count],
    )
    return tf.nest.map_structure(tf.convert_to_tensor, (strokes, pen))
