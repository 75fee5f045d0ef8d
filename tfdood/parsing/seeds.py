"""Seeds of random numbers: one for each row of a signature's inputs."""

from typing import NamedTuple

import numpy as np


class Seed(NamedTuple):
    """What decides the random numbers of a parser.

    Attributes:
        user: the user's seed, at least 0.
        stream: at least 0; uses of one seed that have different streams get
            different numbers.
        first: the number of the first image, so that parts of a set of images
            get the numbers that they have in the whole set.
    """

    user: int
    stream: int = 0
    first: int = 0


def of_rows(num_rows: int, seed: int, stream: int = 0) -> np.ndarray:
    """A seed for each row.

    The first rows have the same seeds, however many rows there are.

    Args:
        num_rows: `N`.
        seed: that the user gives, at least 0.
        stream: at least 0; uses of one seed that have different streams get
            different seeds for all rows.

    Returns:
        `[N, 2]`, int32, at least 0.
    """
    rng = np.random.default_rng([seed, stream])
    return rng.integers(2**31, size=[num_rows, 2]).astype(np.int32)
