"""Scenes of several digits, made of the drawings of MNIST.

A scene is a function of the digits, of a fixed seed, and of its number, so
nothing has to be prepared or stored. Training scenes consist of training
digits, validation scenes of validation digits, and test scenes of test digits.
`data.arrangements` has the rules.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tfdood.data import arrangements, datasets, resizing
from tfdood.data.datasets import DrawingSet

NO_OBJECT = -1
"""The label of a row of `SceneSet.boxes` that holds no object."""

NUM_SCENES = {"train": 60_000, "validation": 6_000, "test": 6_000}
"""The number of scenes of each split, as published."""

_SAMPLE_SHARE = 10  # the sample has a tenth of the scenes
_CHUNK = 1_000
_SEED = 4_128


class SceneSet(NamedTuple):
    """The scenes of one split of a dataset.

    Attributes:
        images: `[N, S, S, C]`, uint8: white ink on black, or three colours.
        boxes: `[N, M, 4]`, float32, the box (x0, y0, x1, y1) of each object in
            the unit square, x to the right and y downwards. The box of a digit
            holds all pixels of the digit that are not black, at 128 x 128
            pixels, without the black margin of the image of MNIST. The box of a
            solid holds the whole solid, also its hidden parts. Rows without an
            object are 0.
        labels: `[N, M]`, int64, the class of each object, or `NO_OBJECT`.
        kinds: `[N]`, int64, the arrangement of each scene, an index into
            `kind_names`.
        kind_names: the name of each arrangement, such as `0 1 2 3`.
        source: a phrase that says what the scenes are made of.
        is_sample: whether the digits are the embedded sample.
    """

    images: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    kind_names: tuple[str, ...]
    source: str
    is_sample: bool

    @property
    def drawings(self) -> DrawingSet:
        """The scenes as drawings; their arrangements are the classes."""
        return DrawingSet(
            self.images,
            self.kinds,
            self.kind_names,
            self.source,
            is_sample=self.is_sample,
        )

    def first(self, count: int) -> "SceneSet":
        """Takes the first `count` scenes; their order has no meaning."""
        arrays = (self.images, self.boxes, self.labels, self.kinds)
        images, boxes, labels, kinds = (array[:count] for array in arrays)
        return self._replace(
            images=images, boxes=boxes, labels=labels, kinds=kinds
        )


def make(
    name: str, split: str, digits: DrawingSet, image_size: int
) -> SceneSet:
    """Makes the scenes of a split.

    At 128 x 128 pixels, digits are as large as in MNIST. At 64 and at other
    sizes that divide 128, a pixel is the mean of a square of pixels; other
    sizes are resized bilinearly, see `resizing.resize`.

    Args:
        name: one of `datasets.SCENES`.
        split: `train`, `validation` or `test`.
        digits: the drawings of MNIST of this split, 28 x 28 pixels.
        image_size: height and width of the scenes in pixels, at least 1.

    Returns:
        The scenes, in an order without meaning. There are `NUM_SCENES` of
        them, and a tenth of that if the digits are the embedded sample.

    Raises:
        ValueError: If there are no digits of a class.
    """
    count = NUM_SCENES[split]
    if digits.is_sample:
        count //= _SAMPLE_SHARE
    ink = _ink_boxes(digits.images)
    kinds, chosen, places = _plan(name, split, digits, ink, count)
    is_there = chosen >= 0
    ink = ink[chosen] + np.tile(places, 2)
    images = np.empty((count, image_size, image_size, 1), np.uint8)
    for rows in _chunks(count):
        canvas = _compose(digits.images, chosen[rows], places[rows])
        images[rows] = _reduce(canvas, image_size)
    labels = np.where(is_there, digits.labels[chosen], NO_OBJECT)
    boxes = np.where(is_there[..., np.newaxis], ink, 0)
    return SceneSet(
        images=images,
        boxes=(boxes / arrangements.SCENE_SIZE).astype(np.float32),
        labels=labels,
        kinds=kinds,
        kind_names=tuple(kind.name for kind in arrangements.of(name)),
        source=f"{count:,} scenes {name} of the {digits.source}",
        is_sample=digits.is_sample,
    )


def _plan(
    name: str, split: str, digits: DrawingSet, ink: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the scenes consist of.

    Returns:
        The arrangement of each scene, `[N]`; the row of each digit in `digits`,
        `[N, M]`, or -1; and its place in pixels, `[N, M, 2]`.
    """
    seed = [
        _SEED,
        list(datasets.SCENES).index(name),
        datasets.SPLITS.index(split),
    ]
    rng = np.random.default_rng(seed)
    kinds = _draw_kinds(name, count, rng)
    all_kinds = arrangements.of(name)
    size = max(len(kind.classes) for kind in all_kinds)
    chosen = np.full((count, size), -1)
    places = np.zeros((count, size, 2), np.int64)
    for number, kind in enumerate(all_kinds):
        rows = np.flatnonzero(kinds == number)
        own = slice(len(kind.classes))
        chosen[rows, own] = _choose(digits, kind.classes, len(rows), rng)
        places[rows, own] = arrangements.places(
            kind, ink[chosen[rows, own]], rng
        )
    return kinds, chosen, places


def _draw_kinds(name: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """`[count]`, an arrangement for each scene."""
    groups = arrangements.ARRANGEMENTS[name]
    sizes = np.array([len(group) for group in groups])
    group = rng.integers(len(groups), size=count)
    within = rng.integers(sizes[group])
    return (np.cumsum(sizes) - sizes)[group] + within


def _choose(
    digits: DrawingSet,
    classes: tuple[int, ...],
    count: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """`[count, M]`, rows of digits: one of each of the classes, M of them."""
    columns = []
    for label in classes:
        members = np.flatnonzero(digits.labels == label)
        if not len(members):
            raise ValueError(
                f"Scenes need digits of every class, got none of class {label} "
                f"in the {digits.source}; prepare the complete MNIST."
            )
        columns.append(members[rng.integers(len(members), size=count)])
    return np.stack(columns, axis=1)


def _ink_boxes(images: np.ndarray) -> np.ndarray:
    """The boxes `[N, 4]` of the ink in images `[N, H, W, 1]`, in pixels."""
    has_ink = images[..., 0] > 0
    ends = []
    for axis in (1, 2):  # columns, rows
        line = has_ink.any(axis)
        ends.append((line.argmax(1), line.shape[1] - line[:, ::-1].argmax(1)))
    (x0, x1), (y0, y1) = ends
    return np.stack([x0, y0, x1, y1], axis=1)


def _compose(
    images: np.ndarray, chosen: np.ndarray, places: np.ndarray
) -> np.ndarray:
    """Puts digits onto black paper: `[N, 128, 128, 1]`."""
    size, side = arrangements.SCENE_SIZE, arrangements.DIGIT_SIZE
    canvas = np.zeros((len(chosen), size, size, 1), np.uint8)
    for scene, digit in zip(*np.nonzero(chosen >= 0), strict=True):
        x, y = places[scene, digit]
        window = canvas[scene, y : y + side, x : x + side]
        np.maximum(window, images[chosen[scene, digit]], out=window)
    return canvas


def _reduce(canvas: np.ndarray, image_size: int) -> np.ndarray:
    """Resizes scenes; by the mean of squares of pixels where these fit."""
    factor, rest = divmod(canvas.shape[1], image_size)
    if rest or factor < 2:
        return resizing.resize(canvas, image_size)
    rows = sum(canvas[:, i::factor].astype(np.uint16) for i in range(factor))
    rows = rows.astype(np.uint32)
    total = sum(rows[:, :, i::factor] for i in range(factor))
    return ((total + factor**2 // 2) // factor**2).astype(np.uint8)


def _chunks(count: int) -> Iterator[slice]:
    """Slices of at most `_CHUNK` rows: memory for the large canvases."""
    for start in range(0, count, _CHUNK):
        yield slice(start, start + _CHUNK)
