"""New characters of an alphabet, from strokes of some of its characters.

GNS draws new characters without any constraint; its authors leave those of a
given alphabet to future work (Feinman and Lake, 2021, Table 1). As in BPL (Lake
et al., 2015, new concepts from type), strokes of the given characters are used
again. They are the repertoire, and the prior of strokes puts them together:

1. The new character has as many strokes as one of the given ones.
2. A stroke starts where the prior expects it, given the strokes before.
3. There, stroke i of the R in the repertoire has the probability

       p_i ~ p(stroke_i | place) / mean_j p(stroke_i | place_j)

   where a place is a start and a canvas, and the mean is over the R places of
   strokes in the given characters. This is Bayes' rule: all strokes are equally
   probable at first, and each tells how likely this place is. Densities alone
   would choose strokes with few control points, which have fewer dimensions.

A stroke that is a given character by itself would be no new one alone: a
character of one stroke takes part of a given character, or gets a second stroke
if there are no parts.

At a temperature T, the densities of 2 and the probabilities of 3 are raised to
the power of 1 / T.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy import special

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.types import SplineStrokes

_COST_OUTSIDE = 10.0  # Nats of each pixel that a stroke leaves the page.
_ROWS_A_CALL = 256


class Repertoire(NamedTuple):
    """The strokes of some characters of an alphabet.

    Attributes:
        points: `[R, N, 2]`, control points in pixels; each curve starts at 0.
        number: `[R]`, int32, of control points.
        is_whole: `[R]`, bool, whether the stroke is a given character.
        level: `[R]`, the log of the mean in 3, in nats.
        counts: `[G]`, of the strokes of each given character.
    """

    points: np.ndarray
    number: np.ndarray
    is_whole: np.ndarray
    level: np.ndarray
    counts: np.ndarray


def of(
    endpoints: endpoints_lib.Endpoints, characters: SplineStrokes
) -> Repertoire:
    """Takes the strokes of characters.

    Args:
        endpoints: a model with the signature `score_stroke`.
        characters: leading dimension `[G]`; at least one has a stroke.

    Returns:
        A `Repertoire`.

    Raises:
        ValueError: If no character has a stroke.
    """
    points, numbers = map(np.asarray, characters)
    is_stroke = numbers > 0
    if not is_stroke.any():
        raise ValueError(
            f"None of {len(numbers)} characters has a stroke, but new ones are "
            "made of their strokes. Give drawings with ink."
        )
    own, number = points[is_stroke], numbers[is_stroke]
    starts = bspline.points(own, number, 2)[:, 0].numpy()
    is_point = np.arange(own.shape[1]) < number[:, np.newaxis]
    moved = np.where(
        is_point[..., np.newaxis], own - starts[:, np.newaxis], 0.0
    )
    found = Repertoire(
        moved.astype(np.float32),
        number,
        np.repeat(is_stroke.sum(1) == 1, is_stroke.sum(1)),
        np.zeros(len(number)),
        is_stroke.sum(1)[is_stroke.any(1)],
    )
    before = splat_canvases.canvases_before(points, numbers).numpy()
    scores = _scores(endpoints, found, before[:, :-1][is_stroke], starts)
    level = special.logsumexp(scores, 0) - np.log(len(scores))
    return found._replace(level=level)


def draw(
    endpoints: endpoints_lib.Endpoints,
    repertoire: Repertoire,
    num_characters: int,
    temperature: float,
    seed: tuple[int, int],
) -> SplineStrokes:
    """Draws new characters, see above.

    Args:
        endpoints: a model with the signatures `next_stroke` and `score_stroke`.
        repertoire: of an alphabet.
        num_characters: `C`.
        temperature: positive.
        seed: the user's seed, and the stream of random numbers.

    Returns:
        The strokes, leading dimension `[C]`.
    """
    rng = np.random.default_rng(seed)
    counts = rng.choice(repertoire.counts, num_characters)
    counts = np.maximum(counts, 2 if repertoire.is_whole.all() else 1)
    shape = num_characters, counts.max(), *repertoire.points.shape[1:]
    drawn = SplineStrokes(
        np.zeros(shape, np.float32), np.zeros(shape[:2], np.int32)
    )
    for place in range(shape[1]):
        rows = np.flatnonzero(counts > place)
        so_far = SplineStrokes(*(field[rows] for field in drawn))
        expected = endpoints_lib.run_all(
            endpoints,
            "next_stroke",
            outputs=("start_density",),
            **so_far._asdict(),
        )["start_density"]
        starts = _sampled_starts(expected, temperature, rng)
        ink = tf.reduce_sum(splat_canvases.stroke_ink(*so_far), 1)
        canvas = splat_canvases.small(ink).numpy()
        scores = _scores(endpoints, repertoire, canvas, starts)
        scores -= repertoire.level
        scores -= _COST_OUTSIDE * _outside(repertoire, starts)
        is_copy = (counts[rows] == 1)[:, np.newaxis] & repertoire.is_whole
        scores = np.where(is_copy, -np.inf, scores)
        chosen = _sampled(scores / temperature, rng)
        number = repertoire.number[chosen]
        drawn.control_points[rows, place] = _placed(
            repertoire.points[chosen], number, starts
        )
        drawn.num_control_points[rows, place] = number
    return drawn


def _scores(
    endpoints: endpoints_lib.Endpoints,
    repertoire: Repertoire,
    canvases: np.ndarray,
    starts: np.ndarray,
) -> np.ndarray:
    """The log of p(stroke_i | place) of `B` places: `[B, R]`, in nats."""
    places, count = len(starts), len(repertoire.number)
    number = np.tile(repertoire.number, places)
    points = np.tile(repertoire.points, [places, 1, 1])
    scores = endpoints_lib.run_all(
        endpoints,
        "score_stroke",
        rows_a_call=_ROWS_A_CALL,
        canvas_before=np.repeat(canvases, count, 0),
        control_points=_placed(points, number, np.repeat(starts, count, 0)),
        num_control_points=number,
    )["score"]
    return scores.reshape(places, count).astype(np.float64)


def _placed(
    points: np.ndarray, number: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Moves strokes `[B, N, 2]` that start at 0 to other starts `[B, 2]`."""
    is_point = np.arange(points.shape[1]) < number[:, np.newaxis]
    moved = points + starts[:, np.newaxis]
    return np.where(is_point[..., np.newaxis], moved, 0.0).astype(np.float32)


def _outside(repertoire: Repertoire, starts: np.ndarray) -> np.ndarray:
    """How far the points of strokes leave the page, in pixels: `[B, R]`."""
    is_point = (
        np.arange(repertoire.points.shape[1])
        < (repertoire.number[:, np.newaxis])
    )
    places = repertoire.points + starts[:, np.newaxis, np.newaxis]
    far = np.maximum(-places, places - splat_canvases.IMAGE_SIZE).max(-1)
    return np.where(is_point, np.maximum(far, 0.0), 0.0).max(-1)


def _sampled_starts(
    density: np.ndarray, temperature: float, rng: np.random.Generator
) -> np.ndarray:
    """Centres of pixels `[B, 2]`, of densities `[B, 105, 105]`."""
    tiny = np.finfo(np.float32).tiny
    logits = np.log(np.maximum(density, tiny)) / temperature
    chosen = _sampled(logits.reshape(len(logits), -1), rng)
    row, column = np.divmod(chosen, density.shape[-1])
    return np.stack([column, row], -1).astype(np.float32) + 0.5


def _sampled(logits: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Samples an index `[B]` of each row of logits `[B, M]`."""
    return (logits + rng.gumbel(size=logits.shape)).argmax(-1)
