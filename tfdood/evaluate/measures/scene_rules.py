"""Whether digits at places obey the rule of a dataset of scenes.

The rules are those by which `data.arrangements` makes scenes. Digits are given
as a model or a classifier reads them. The paper's S-Acc was judged by people;
this is not it.
"""

from typing import NamedTuple

import numpy as np

from tfdood.data import arrangements
from tfdood.data.arrangements import Arrangement

TOLERANCE = 10 / arrangements.SCENE_SIZE
"""How much places may differ that the rule says are equal.

The centre of the ink of a digit is not exactly that of its image: in 6,000
scenes of training digits, places that are equal differ by 8 / 128 at most.
"""


class Verdict(NamedTuple):
    """What of the rule each scene obeys.

    Attributes:
        digits: `[N]`, bool, whether each quadrant has the right digits.
        scene: `[N]`, bool, whether the places are right as well.
    """

    digits: np.ndarray
    scene: np.ndarray


def judge(
    name: str, centres: np.ndarray, labels: np.ndarray, is_there: np.ndarray
) -> Verdict:
    """Judges scenes by the rule of a dataset.

    The digits obey the rule if those of each quadrant are, in any order, the
    ones of one arrangement of the dataset. The places obey it

    - if digits mirror each other: if all four have the same distances from the
      two centre lines;
    - if opposite pairs have the same places: if the places of one pair in its
      quadrant are those of the other one, in some order.

    Each coordinate may differ by at most `TOLERANCE`. Places of digits that the
    rule leaves free are not judged.

    Args:
        name: one of `data.SCENES`.
        centres: `[N, M, 2]`, (x, y) in the unit square.
        labels: `[N, M]`, digits.
        is_there: `[N, M]`, bool; other rows are ignored.

    Returns:
        A `Verdict`.
    """
    kinds = arrangements.of(name)
    by_digits = {
        tuple(tuple(sorted(part)) for part in kind.quadrants): kind
        for kind in kinds
    }
    right_digits, right_scene = np.zeros((2, len(labels)), bool)
    for row, is_own in enumerate(is_there):
        own_centres, own_labels = centres[row, is_own], labels[row, is_own]
        quadrants = _quadrants(own_centres)
        read = tuple(
            tuple(sorted(own_labels[quadrants == q].tolist())) for q in range(4)
        )
        kind = by_digits.get(read)
        right_digits[row] = kind is not None
        right_scene[row] = kind is not None and _are_places_right(
            kind, own_centres, quadrants
        )
    return Verdict(right_digits, right_scene)


def _quadrants(centres: np.ndarray) -> np.ndarray:
    """The quadrants `[M]` of places `[M, 2]`, clockwise from the top left."""
    is_right, is_low = (centres >= 0.5).T
    return np.where(is_low, 3 - is_right, is_right.astype(int))


def _are_places_right(
    kind: Arrangement, centres: np.ndarray, quadrants: np.ndarray
) -> bool:
    if kind.is_mirrored:
        distances = np.abs(centres - 0.5)
        return bool((np.ptp(distances, axis=0) <= TOLERANCE).all())
    first, second = (centres[quadrants == q] % 0.5 for q in (0, 2))
    return any(
        bool((np.abs(first - other) <= TOLERANCE).all())
        for other in (second, second[::-1])
    )
