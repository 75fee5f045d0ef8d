"""Densities of strokes that learn next to nothing, beside GNS's prior.

Each is fitted to training drawings, and pays for the same decisions as
`models.gns.prior`: where a stroke starts, each offset to the next control point
together with the decision to end the stroke, and whether the drawing is
finished.
"""

from collections.abc import Mapping

import numpy as np
import scipy.stats

from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat_canvases
from tfdood.types import SplineStrokes

_LOG_AREA = 2.0 * np.log(splat_canvases.IMAGE_SIZE)


def nats(
    training: SplineStrokes, strokes: SplineStrokes
) -> Mapping[str, np.ndarray]:
    """Computes what the decisions of drawings cost.

    Args:
        training: that the densities are fitted to, leading dimension `[M]`.
        strokes: to be scored, leading dimension `[N]`.

    Returns:
        `[N]` nats, with respect to pixels, by name: `start_of_uniform` and
        `start_of_gaussian`; `offset_of_gaussian_walk` and
        `offset_of_turned_walk`, which is normal along and across the offset
        before, both with one probability to end; `stop_of_share`, with one
        probability, and `stop_of_counts`, with one of each number of strokes.
    """
    return {
        **_of_starts(training, strokes),
        **_of_offsets(training, strokes),
        **_of_stops(training, strokes),
    }


def _of_starts(
    training: SplineStrokes, strokes: SplineStrokes
) -> dict[str, np.ndarray]:
    known, _ = _starts(training)
    starts, drawing = _starts(strokes)
    count = len(strokes.num_control_points)
    return {
        "start_of_uniform": _LOG_AREA * np.bincount(drawing, None, count),
        "start_of_gaussian": np.bincount(
            drawing, _gaussian(known, starts), count
        ),
    }


def _of_offsets(
    training: SplineStrokes, strokes: SplineStrokes
) -> dict[str, np.ndarray]:
    known, known_before, _ = _offsets(training)
    offsets, before, drawing = _offsets(strokes)
    known_first, is_first = (~np.any(x, axis=1) for x in (known_before, before))
    turned = np.where(
        is_first,
        _gaussian(known[known_first], offsets),
        _gaussian(
            _turned(known, known_before)[~known_first],
            _turned(offsets, before),
        ),
    )
    count = len(strokes.num_control_points)
    ends = _ends(training.num_control_points, strokes.num_control_points)
    walk = np.bincount(drawing, _gaussian(known, offsets), count)
    return {
        "offset_of_gaussian_walk": walk + ends,
        "offset_of_turned_walk": np.bincount(drawing, turned, count) + ends,
    }


def _of_stops(
    training: SplineStrokes, strokes: SplineStrokes
) -> dict[str, np.ndarray]:
    known, counts = (
        (np.asarray(x.num_control_points) > 0).sum(1)
        for x in (training, strokes)
    )
    longest = max(known.max(), counts.max())
    number = np.arange(longest + 1)
    # One more drawing of each kind, so that no probability is 0.
    stopped = (known[:, np.newaxis] == number).sum(0) + 1.0
    reached = (known[:, np.newaxis] >= number).sum(0) + 2.0
    by_number = stopped / reached
    share = np.full_like(by_number, len(known) / (known + 1).sum())
    return {
        "stop_of_share": _stopping(share, counts),
        "stop_of_counts": _stopping(by_number, counts),
    }


def _stopping(probability: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Nats of going on `counts` times, and then stopping."""
    going_on = np.concatenate([[0.0], -np.log1p(-probability).cumsum()])
    return going_on[counts] - np.log(probability[counts])


def _ends(known: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Nats `[N]` of ending strokes, or not, with one probability."""
    known, numbers = np.asarray(known), np.asarray(numbers)
    share = (known > 0).sum() / known.sum()
    ended = (numbers > 0).sum(1)
    going_on = numbers.sum(1) - ended
    return -ended * np.log(share) - going_on * np.log1p(-share)


def _gaussian(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Nats `[M]` of values `[M, 2]`, by the normal density of others."""
    fitted = scipy.stats.multivariate_normal(known.mean(0), np.cov(known.T))
    return -np.atleast_1d(fitted.logpdf(values))


def _starts(strokes: SplineStrokes) -> tuple[np.ndarray, np.ndarray]:
    """The start `[S, 2]` of each stroke, and its drawing `[S]`."""
    points, numbers = strokes
    drawing, stroke = np.nonzero(numbers)
    found = bspline.points(points[drawing, stroke], numbers[drawing, stroke], 2)
    return np.asarray(found)[:, 0], drawing


def _offsets(
    strokes: SplineStrokes,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offsets `[M, 2]`, those before them (0 at first), and drawings `[M]`."""
    points, numbers = map(np.asarray, strokes)
    offsets = np.diff(points, axis=2)
    before = np.pad(offsets[:, :, :-1], [(0, 0), (0, 0), (1, 0), (0, 0)])
    step = np.arange(offsets.shape[2])
    is_offset = step < numbers[..., np.newaxis] - 1
    return offsets[is_offset], before[is_offset], np.nonzero(is_offset)[0]


def _turned(offsets: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Offsets `[M, 2]` along and across the direction of those before."""
    length = np.linalg.norm(before, axis=1, keepdims=True)
    along = before / np.maximum(length, np.finfo(np.float32).tiny)
    across = along[:, ::-1] * [-1.0, 1.0]
    return np.stack([(offsets * x).sum(1) for x in (along, across)], 1)
