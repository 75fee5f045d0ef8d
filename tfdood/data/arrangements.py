"""Arrangements of digits: the rules of the scenes of GNM (Jiang and Ahn, 2020).

A scene has 128 x 128 pixels and four quadrants. A digit is an image of MNIST,
28 x 28 pixels, that lies within its quadrant. There are two kinds of scenes:

- MNIST-4: the classes c, c + 1, c + 2, c + 3, clockwise from the top left,
  with c from 0 to 6. The four places mirror each other in both centre lines.
- MNIST-10: the groups {0, 1}, {2, 3, 4}, {8, 9}, {5, 6, 7}, clockwise from the
  top left. At random, {0, 1} and {8, 9} change places, and so do, on their
  own, {2, 3, 4} and {5, 6, 7}. The places of {0, 1} in their quadrant are those
  of {8, 9} in the opposite one. The other six places are free.

This is Section 4 of the paper. It does not say how digits of one quadrant
keep apart: here at least `GAP` empty pixels are between their ink.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

SCENE_SIZE = 128
"""Height and width of a scene in pixels."""

DIGIT_SIZE = 28
"""Height and width of the image of a digit in pixels."""

QUADRANT_SIZE = SCENE_SIZE // 2
"""Height and width of a quadrant in pixels."""

GAP = 2
"""The fewest empty pixels between the ink of two digits of a quadrant."""

CORNERS = QUADRANT_SIZE * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
"""`[4, 2]`, the top left corner (x, y) of each quadrant, clockwise, pixels."""

_NUM_PLACES = QUADRANT_SIZE - DIGIT_SIZE + 1


class Arrangement(NamedTuple):
    """Which digits lie in which quadrant, and how their places depend.

    Attributes:
        quadrants: the classes in each quadrant, clockwise from the top left.
        is_mirrored: whether the places of the quadrants mirror each other, as
            in MNIST-4; otherwise those of the top left and of the bottom right
            are equal, as in MNIST-10.
    """

    quadrants: tuple[tuple[int, ...], ...]
    is_mirrored: bool

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes of all digits, quadrant by quadrant."""
        return sum(self.quadrants, ())

    @property
    def name(self) -> str:
        """The classes as text, such as `01 234 89 567`."""
        return " ".join("".join(map(str, part)) for part in self.quadrants)


_FOUR = tuple(
    Arrangement(tuple((c + i,) for i in range(4)), is_mirrored=True)
    for c in range(7)
)

_TEN = tuple(
    Arrangement((a, b, c, d), is_mirrored=False)
    for a, c in (((0, 1), (8, 9)), ((8, 9), (0, 1)))
    for b, d in (((2, 3, 4), (5, 6, 7)), ((5, 6, 7), (2, 3, 4)))
)

ARRANGEMENTS = {
    "mnist_4": (_FOUR,),
    "mnist_10": (_TEN,),
    "mnist_4_10": (_FOUR, _TEN),
}
"""The kinds of scenes of each dataset, and the arrangements of each kind.

All kinds of a dataset are equally frequent, and so are all arrangements of a
kind.
"""


def of(name: str) -> tuple[Arrangement, ...]:
    """Lists the arrangements of a dataset of scenes.

    Args:
        name: a key of `ARRANGEMENTS`.

    Returns:
        All arrangements, kind by kind.
    """
    return sum(ARRANGEMENTS[name], ())


def places(
    arrangement: Arrangement, ink: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draws the places of the digits of scenes.

    Args:
        arrangement: of all the scenes; it has `M` digits.
        ink: `[N, M, 4]`, int64, the box of the ink of each digit in its own
            image: the first column and row, and one past the last ones.
        rng: the source of random numbers.

    Returns:
        `[N, M, 2]`, int64, the top left corner (x, y) of the image of each
        digit in the scene, in pixels.
    """
    sizes = [len(part) for part in arrangement.quadrants]
    if arrangement.is_mirrored:
        first = rng.integers(_NUM_PLACES, size=(len(ink), 1, 2))
        turned = _NUM_PLACES - 1 - first
        inside = [
            np.where(CORNERS[q] > 0, turned, first) for q in range(len(sizes))
        ]
    else:
        parts = np.split(ink, np.cumsum(sizes)[:-1], axis=1)
        shared = _places_apart([parts[0], parts[2]], rng)
        inside = [
            shared,
            _places_apart([parts[1]], rng),
            shared,
            _places_apart([parts[3]], rng),
        ]
    return np.concatenate(inside, 1) + np.repeat(CORNERS, sizes, axis=0)


def _places_apart(
    inks: Sequence[np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Places within a quadrant, `[N, m, 2]`, that keep the digits apart.

    Each of `inks`, `[N, m, 4]`, is of the digits of one quadrant; all the
    quadrants have the same places. Places are drawn uniformly, and drawn again
    where two digits come too near.
    """
    drawn = np.zeros((*inks[0].shape[:2], 2), np.int64)
    open_rows = np.arange(len(drawn))
    while len(open_rows):
        size = (len(open_rows), *drawn.shape[1:])
        drawn[open_rows] = rng.integers(_NUM_PLACES, size=size)
        is_good = np.ones(len(open_rows), bool)
        for ink in inks:
            corners = np.tile(drawn[open_rows], 2)
            is_good &= _are_apart(ink[open_rows] + corners)
        open_rows = open_rows[~is_good]
    return drawn


def _are_apart(boxes: np.ndarray) -> np.ndarray:
    """`[N]`, whether no two of the boxes `[N, m, 4]` are nearer than `GAP`."""
    low, high = boxes[..., :2] - GAP, boxes[..., 2:]
    # One box begins where the other one has ended, in x or in y.
    begins_after = low[:, :, np.newaxis] >= high[:, np.newaxis]
    is_beside = begins_after.any(-1)
    is_beside |= is_beside.swapaxes(1, 2)
    is_same = np.eye(boxes.shape[1], dtype=bool)
    return (is_beside | is_same).all((1, 2))
