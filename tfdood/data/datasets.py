"""What the datasets are: one table, and the arrays that reading gives.

Whatever the source, drawings come out upright, white ink on black. The table
says what it takes to get there from the files as they were published.
"""

from typing import NamedTuple

import numpy as np

SPLITS = ("train", "test")


class Dataset(NamedTuple):
    """One row of the table.

    Attributes:
        tfds_name: the builder (and config) that downloads it.
        num_drawings: `(train, test)` of the complete dataset.
        class_names: by label; empty where the prepared folder has them.
        is_transposed: the published files have rows and columns swapped.
        is_inverted: the published files have black ink on white.
        licence: as given by its authors.
        homepage: where it comes from.
    """

    tfds_name: str
    num_drawings: tuple[int, int]
    class_names: tuple[str, ...]
    is_transposed: bool
    is_inverted: bool
    licence: str
    homepage: str


class DrawingSet(NamedTuple):
    """The drawings of one split of a dataset.

    Attributes:
        images: `[N, S, S, 1]` uint8 numpy array, upright, white ink on black.
        labels: `[N]` int64 numpy array, indices into `class_names`.
        class_names: a name for each label.
        source: where the drawings were read from, in words.
        is_sample: whether they are the embedded sample, not the dataset.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    source: str
    is_sample: bool


class OneShotRuns(NamedTuple):
    """Lake's one-shot classification runs: which support shows the query?

    Attributes:
        support: `[R, C, S, S, 1]` uint8, one drawing of each of C characters.
        query: `[R, C, S, S, 1]` uint8, another drawer's of the same.
        answers: `[R, C]` int64, the index of each query's support image.
        source: where the drawings were read from, in words.
        is_sample: whether they are the embedded sample, which holds all runs.
    """

    support: np.ndarray
    query: np.ndarray
    answers: np.ndarray
    source: str
    is_sample: bool


DATASETS = {
    "mnist": Dataset(
        tfds_name="mnist",
        num_drawings=(60_000, 10_000),
        class_names=tuple("0123456789"),
        is_transposed=False,
        is_inverted=False,
        licence="CC BY-SA 3.0 (LeCun, Cortes and Burges)",
        homepage="http://yann.lecun.com/exdb/mnist/",
    ),
    "emnist": Dataset(
        tfds_name="emnist/balanced",
        num_drawings=(112_800, 18_800),
        class_names=tuple("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"),
        is_transposed=True,
        is_inverted=False,
        licence="NIST Special Database 19, a work of the US government",
        homepage="https://www.nist.gov/itl/products-and-services/emnist-dataset",
    ),
    "kmnist": Dataset(
        tfds_name="kmnist",
        num_drawings=(60_000, 10_000),
        class_names=(
            *("o", "ki", "su", "tsu", "na"),
            *("ha", "ma", "ya", "re", "wo"),
        ),
        is_transposed=False,
        is_inverted=False,
        licence=(
            'CC BY-SA 4.0 ("KMNIST Dataset", created by CODH, adapted from '
            '"Kuzushiji Dataset", created by NIJL and others)'
        ),
        homepage="http://codh.rois.ac.jp/kmnist/",
    ),
    "quickdraw": Dataset(
        tfds_name="quickdraw_ten",
        num_drawings=(40_000, 10_000),
        class_names=(
            *("eye", "bicycle", "tree", "eyeglasses", "book"),
            *("airplane", "cell phone", "smiley face", "apple", "car"),
        ),
        is_transposed=False,
        is_inverted=False,
        licence="CC BY 4.0 (Google)",
        homepage="https://github.com/googlecreativelab/quickdraw-dataset",
    ),
    "omniglot": Dataset(
        tfds_name="omniglot",
        num_drawings=(19_280, 13_180),
        class_names=(),
        is_transposed=False,
        is_inverted=True,
        licence="MIT ((c) 2015 Brenden Lake)",
        homepage="https://github.com/brendenlake/omniglot",
    ),
}

NAMES = tuple(DATASETS)

ONE_SHOT = "omniglot_oneshot"


def dataset(name: str) -> Dataset:
    """The table's row of a dataset.

    Args:
        name: one of `NAMES`.

    Raises:
        ValueError: If there is no such dataset.
    """
    if name not in DATASETS:
        raise ValueError(
            f"Unknown dataset {name!r}; choose from {', '.join(NAMES)}."
        )
    return DATASETS[name]


def balanced(drawings: DrawingSet) -> DrawingSet:
    """The drawings, those of smaller classes repeated.

    Args:
        drawings: of any classes.

    Returns:
        As many of each class as the largest has, class by class, each drawing
        as often as any other of its class, or once more; the source stays as
        it is.
    """
    classes, counts = np.unique(drawings.labels, return_counts=True)
    rows = np.concatenate(
        [
            np.resize(np.flatnonzero(drawings.labels == label), counts.max())
            for label in classes
        ]
    )
    return drawings._replace(
        images=drawings.images[rows], labels=drawings.labels[rows]
    )


def spread(drawings: DrawingSet, count: int) -> DrawingSet:
    """Some of the drawings, at even distances, so that all classes take part.

    Args:
        drawings: to choose from, in any order, sorted by class too.
        count: of drawings, at least 1; all of them if there are fewer.

    Returns:
        The chosen drawings, in the same order; the source stays as it is.
    """
    num_drawings = len(drawings.labels)
    rows = np.linspace(0, num_drawings - 1, min(count, num_drawings))
    rows = rows.astype(np.int64)
    return drawings._replace(
        images=drawings.images[rows], labels=drawings.labels[rows]
    )
