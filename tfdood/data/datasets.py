"""The table of datasets, and the records that hold their drawings.

All drawings are upright, with white ink on black paper. The table says which
published files have to be transposed or inverted for that. A name such as
`folder:PATH` is that of one's own drawings, which `data.folders` reads.
"""

import os
import pathlib
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tfdood.types import SplineStrokes

STORED_SPLITS = ("train", "test")
"""The splits of files: datasets are published in two parts."""

SPLITS = ("train", "validation", "test")
"""The splits to read; `data.validation` divides the published `train`."""


class Dataset(NamedTuple):
    """One row of the table.

    Attributes:
        tfds_name: name of the TFDS builder, with its config if it has one.
        num_drawings: `(train, test)`, the counts of the complete dataset.
        class_names: the name of each label; empty if only the prepared folder
            knows the names.
        is_transposed: whether the published files swap rows and columns.
        is_inverted: whether the published files have black ink on white.
        licence: the licence that the authors of the dataset state.
        homepage: the web page of the dataset.
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
        images: `[N, S, S, C]`, uint8, upright. C is 1, white ink on black. For
            `ARROWS`, C is 3: red, green and blue.
        labels: `[N]`, int64, indices into `class_names`.
        class_names: the name of each label.
        source: a phrase that says where the drawings were read from.
        is_sample: whether the drawings are the embedded sample, which is a
            part of the dataset.
        strokes: arrays of how people drew them, if the dataset is one of
            `STROKES`.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    source: str
    is_sample: bool
    strokes: SplineStrokes | None = None


class OneShotRuns(NamedTuple):
    """Runs of one-shot classification (Lake et al., 2015).

    The task in each run: find the support image that shows the same character
    as a query image.

    Attributes:
        support: `[R, C, S, S, 1]`, uint8, one drawing of each of C characters.
        query: `[R, C, S, S, 1]`, uint8, other drawings of the same characters;
            in Lake's runs, by another person.
        answers: `[R, C]`, int64, the index of each query's support image.
        source: a phrase that says where the drawings were read from.
        is_sample: whether the drawings are those of the embedded sample. It
            holds all of Lake's runs.
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
"""The names of all datasets, without the one-shot runs."""

UNION = "all"
"""The name of the union of all datasets."""

SCENES = {"mnist_4": "mnist", "mnist_10": "mnist", "mnist_4_10": "mnist"}
"""The names of the datasets of scenes; where the objects of each are from."""

ARROWS = "arrow_like"
"""The name of the rendered scenes of solids, see `arrow_scenes`."""

ONE_SHOT = "omniglot_oneshot"
"""The name of the one-shot runs."""

STROKES = ("omniglot_strokes", "omniglot_strokes_recorded")
"""The names of the drawings with pen strokes: all, and those as recorded."""

FOLDER = "folder:"
"""The start of the name of one's own drawings; then comes their folder."""


def dataset(name: str) -> Dataset:
    """Finds a dataset in the table.

    Args:
        name: one of `NAMES`.

    Returns:
        The row of the table.

    Raises:
        ValueError: If the table has no such dataset.
    """
    if name not in DATASETS:
        raise ValueError(
            f"Unknown dataset {name!r}; choose from {', '.join(NAMES)}."
        )
    return DATASETS[name]


def folder(name: str) -> pathlib.Path | None:
    """The folder of one's own drawings.

    Args:
        name: of a dataset.

    Returns:
        The absolute path that follows `FOLDER`; None for other names.

    Raises:
        ValueError: If no path follows, or if its last part is no UTF-8.
    """
    if not name.startswith(FOLDER):
        return None
    path = name.removeprefix(FOLDER)
    if not path:
        raise ValueError(
            f"No path follows {FOLDER} in the name of the dataset; give that "
            f"of your drawings, such as {FOLDER}drawings."
        )
    absolute = pathlib.Path(os.path.abspath(os.path.expanduser(path)))
    try:
        absolute.name.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The name of the folder {absolute.name!r} is no UTF-8 text, which "
            "model cards and checkpoints need; rename the folder."
        ) from error
    return absolute


def label(name: str) -> str:
    """A short name of a dataset, for reports and for names of files.

    Args:
        name: of a dataset.

    Returns:
        `folder_` with the last part of the path, or the name itself.
    """
    path = folder(name)
    return name if path is None else f"folder_{path.name}"


def canonical(name: str) -> str:
    """The name of a dataset that holds wherever a command is run.

    Args:
        name: one of `NAMES`, `SCENES` or `STROKES`, `ARROWS`, `UNION`, or
            `folder:PATH`.

    Returns:
        `folder:` with an absolute path, or the name itself.

    Raises:
        ValueError: If the name is unknown.
    """
    path = folder(name)
    if path is not None:
        return f"{FOLDER}{path}"
    names = (*NAMES, UNION, *SCENES, ARROWS, *STROKES)
    if name not in names:
        raise ValueError(
            f"Unknown dataset {name!r}; choose from {', '.join(names)}, or "
            f"give {FOLDER}PATH for your own drawings."
        )
    return name


def parts(name: str) -> tuple[str, ...]:
    """Lists the datasets that a name stands for.

    Args:
        name: as in `canonical`.

    Returns:
        All of `NAMES` for the union, and else the canonical name alone.

    Raises:
        ValueError: If the name is unknown.
    """
    name = canonical(name)
    return NAMES if name == UNION else (name,)


def joined(sets: Mapping[str, DrawingSet]) -> DrawingSet:
    """Joins sets of drawings.

    Args:
        sets: by the name of their dataset; images of one size.

    Returns:
        The drawings of the first set, of the second one, and so on. The label
        of a drawing is the number of its set, and the class names are the names
        of the datasets.
    """
    counts = [len(part.labels) for part in sets.values()]
    return DrawingSet(
        np.concatenate([part.images for part in sets.values()]),
        np.repeat(np.arange(len(counts)), counts),
        tuple(sets),
        "; ".join(part.source for part in sets.values()),
        is_sample=any(part.is_sample for part in sets.values()),
    )


def balanced_rows(labels: np.ndarray) -> np.ndarray:
    """Repeats drawings of small classes until all classes are equally large.

    Args:
        labels: `[N]`, the class of each drawing.

    Returns:
        `[M]`, int64, rows of the drawings, sorted by class. Each class has as
        many rows as the largest class has drawings. Within a class, the numbers
        of copies of two drawings differ by at most one.
    """
    classes, counts = np.unique(labels, return_counts=True)
    return np.concatenate(
        [
            np.resize(np.flatnonzero(labels == label), counts.max())
            for label in classes
        ]
    )


def check_channels(images: np.ndarray, num_channels: int, name: str) -> None:
    """Refuses images that a model does not take.

    Args:
        images: `[..., C]`, of the dataset.
        num_channels: of the images of the model, 1 or 3.
        name: of the dataset.

    Raises:
        ValueError: If the images have another number of channels.
    """
    found = images.shape[-1]
    if found != num_channels:
        words = {1: "grey images", 3: "images in colours"}
        raise ValueError(
            f"The model takes {words[num_channels]}, and {name} has "
            f"{words[found]}; give another model or another --dataset."
        )


def even_rows(num_rows: int, count: int) -> np.ndarray:
    """Chooses rows at even distances, among them the first and the last.

    Args:
        num_rows: the number of all rows.
        count: of rows to choose, at least 1.

    Returns:
        `[min(count, num_rows)]`, int64, different rows in rising order.
    """
    rows = np.linspace(0, num_rows - 1, min(count, num_rows))
    return rows.astype(np.int64)


def spread(drawings: DrawingSet, count: int) -> DrawingSet:
    """Chooses drawings at equal distances from the first to the last.

    The choice represents all classes even if the set is sorted by class.

    Args:
        drawings: the set to choose from.
        count: number of drawings to choose, at least 1. If the set has fewer,
            all are chosen.

    Returns:
        The chosen drawings in their old order. The other fields do not change.
    """
    return chosen(drawings, even_rows(len(drawings.labels), count))


def chosen(drawings: DrawingSet, rows: np.ndarray) -> DrawingSet:
    """Chooses drawings.

    Args:
        drawings: the set to choose from.
        rows: `[M]`, their numbers, or `[N]`, bool.

    Returns:
        The chosen drawings. The other fields do not change.
    """
    strokes = drawings.strokes
    return drawings._replace(
        images=drawings.images[rows],
        labels=drawings.labels[rows],
        strokes=strokes and SplineStrokes(*(field[rows] for field in strokes)),
    )
