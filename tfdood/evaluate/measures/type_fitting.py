"""Types that are drawn again to explain other images (GNS, Sec. 4).

    max log p(image | token) + log p(token | type)

over tokens: gradient ascent by the signature `refit` of the model.
"""

import os
from concurrent import futures
from typing import NamedTuple

import numpy as np

from tfdood.drawing.ink import splat_canvases
from tfdood.evaluate.measures import ink_moments, stroke_batches
from tfdood.models.gns import fitting
from tfdood.models.gns import token as token_lib
from tfdood.parsing import splines
from tfdood.parsing.endpoints import Endpoints

_ROWS_A_CALL = 64
_RATE = 0.3  # Of control points, in pixels a step.
_LARGEST_SCALE = 2.0
_LEAST_SPREAD = 2.0  # Pixels that are added, for the sake of straight lines.


class Fits(NamedTuple):
    """Types that are drawn again, `N` of them.

    Attributes:
        score: `[N]`, log p(image, token | type), in nats.
        token: leading dimension `[N]`.
        control_points: `[N, T, P, 2]`, as they are drawn, in pixels.
    """

    score: np.ndarray
    token: token_lib.Token
    control_points: np.ndarray


class Fitter:
    """Draws types again, many at once.

    Args:
        model: with the signature `refit`.
    """

    def __init__(self, model: Endpoints) -> None:
        self._model = model

    def fit(
        self,
        parses: splines.SplineParses,
        images: np.ndarray,
        num_steps: int,
    ) -> Fits:
        """Gradient ascent (Adam) in the tokens; the best ones are kept.

        Args:
            parses: leading dimension `[N]`.
            images: `[N, S, S, 1]`.
            num_steps: of ascent; 0 scores the start, see `moved`.

        Returns:
            `Fits`; their scores are at least those of the start.
        """
        start = moved(parses, images)
        points = parses.strokes.control_points.copy()
        tokens = token_lib.Token(*map(np.zeros_like, start))
        fits = Fits(np.empty(len(images), np.float32), tokens, points)

        def fit_batch(batch: tuple[np.ndarray, int]) -> None:
            rows, count = batch
            found = self._model.run(
                "refit",
                images=images[rows],
                type_points=parses.types.control_points[rows, :count],
                num_control_points=parses.types.num_control_points[
                    rows, :count
                ],
                token_starts=start.starts[rows, :count],
                token_points=start.points[rows, :count],
                token_affine=start.affine[rows],
                **fitting.pens(fitting.WIDE_PEN, len(rows)),
                num_steps=np.full(len(rows), num_steps, np.int32),
                learning_rate=np.full(len(rows), _RATE, np.float32),
            )
            fits.score[rows] = found["log_token"] + found["log_likelihood"]
            fits.token.starts[rows, :count] = found["token_starts"]
            fits.token.points[rows, :count] = found["token_points"]
            fits.token.affine[rows] = found["token_affine"]
            points[rows, :count] = found["control_points"]

        # Most of its operations are too small for several cores.
        with futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            batches = stroke_batches.of(
                np.maximum(parses.num_strokes, 1), _ROWS_A_CALL
            )
            list(pool.map(fit_batch, batches))
        return fits


def moved(parses: splines.SplineParses, images: np.ndarray) -> token_lib.Token:
    """Moves and scales drawings to where the ink of other images lies.

    Args:
        parses: leading dimension `[N]`.
        images: `[N, S, S, 1]`, of the size of those that were parsed.

    Returns:
        The tokens of the drawings, with another affine: along x and y, their
        ink gets the mean of that of the images, and nearly the same spread, by
        a scale between 1/2 and 2.
    """
    # Moments are in half image widths, and control points in pixels of a page.
    half = 0.5 * splat_canvases.IMAGE_SIZE
    noise = np.reshape(parses.noise, [-1, 1, 1, 1])
    ink = np.maximum(parses.canvas - noise, 0.0)
    (mean, std), (wanted_mean, wanted_std) = (
        [half * moment.numpy() for moment in ink_moments.of(x)]
        for x in (np.float32(ink), images)
    )
    ratio = (wanted_std + _LEAST_SPREAD) / (std + _LEAST_SPREAD)
    scale = np.clip(ratio, 1.0 / _LARGEST_SCALE, _LARGEST_SCALE)
    points, numbers = parses.strokes
    is_point = np.arange(points.shape[-2]) < numbers[..., np.newaxis]
    count = np.maximum(is_point.sum((-2, -1)), 1)[:, np.newaxis]
    centre = (points * is_point[..., np.newaxis]).sum((-3, -2)) / count
    old_scale, old_shift = np.split(parses.token.affine, 2, -1)
    # From scale (point - mean) + wanted_mean to the centre of the token.
    shift = wanted_mean + half + scale * (centre - mean - half)
    shift += old_shift - centre
    affine = np.concatenate([scale * old_scale, shift], -1)
    return parses.token._replace(affine=affine.astype(np.float32))
