"""The embedded sample: a few thousand real drawings of each dataset.

`sample/LICENSES.md` lists the sources and licences.
"""

import pathlib
from collections.abc import Mapping, Sequence

import numpy as np

from tfdood.data import datasets, strokes
from tfdood.data.datasets import DrawingSet, OneShotRuns
from tfdood.data.importers import npz_files, sources
from tfdood.data.pen_strokes import PenDrawing
from tfdood.data.strokes import StrokeSet
from tfdood.files import atomic

FOLDER = pathlib.Path(__file__).parent / "sample"
"""The folder of the sample."""

_BIT_IMAGE_SHAPE = (105, 105)
_UNIT = 1.0 / 128.0  # of control points, in pixels


def read(name: str, split: str) -> DrawingSet:
    """Reads a stored split of the sample.

    Args:
        name: one of `datasets.NAMES`.
        split: `train`, with the validation drawings, or `test`.

    Returns:
        The drawings in their original size: 105 x 105 pixels for Omniglot,
        28 x 28 for the others.
    """
    with np.load(FOLDER / f"{name}.npz") as arrays:
        images = arrays[f"{split}_images"]
        labels = arrays[f"{split}_labels"].astype(np.int64)
        class_names = tuple(str(n) for n in arrays["class_names"])
    if images.ndim == 2:
        images = npz_files.unpack_bits(images, _BIT_IMAGE_SHAPE)
    source = f"embedded sample of {name} ({len(labels):,} {split} drawings)"
    return DrawingSet(
        images[..., np.newaxis], labels, class_names, source, is_sample=True
    )


def read_one_shot() -> OneShotRuns:
    """Reads all one-shot runs, with images of 105 x 105 pixels."""
    with np.load(FOLDER / f"{datasets.ONE_SHOT}.npz") as arrays:
        answers = arrays["answers"].astype(np.int64)
        support, query = (
            npz_files.unpack_bits(arrays[part], _BIT_IMAGE_SHAPE)
            for part in ("support", "query")
        )
    shape = (*answers.shape, *_BIT_IMAGE_SHAPE, 1)
    source = f"embedded one-shot runs ({len(answers)} of 20)"
    support, query = support.reshape(shape), query.reshape(shape)
    return OneShotRuns(support, query, answers, source, is_sample=True)


def read_strokes(split: str) -> StrokeSet:
    """Reads drawings with strokes.

    Args:
        split: `train`, `validation` or `test`.

    Returns:
        The drawings; control points are rounded to 1/128 pixel.
    """
    with np.load(FOLDER / f"{datasets.STROKES[0]}.npz") as arrays:
        own = {
            name: arrays[f"{split}_{name}"]
            for name in (
                *("control_points", "num_control_points", "num_strokes"),
                *("images", "labels", "exact"),
            )
        }
    numbers = np.split(
        own["num_control_points"].astype(np.int32),
        np.cumsum(own["num_strokes"])[:-1],
    )
    ends = np.cumsum([row.sum() for row in numbers])
    points = np.split(own["control_points"] * np.float32(_UNIT), ends[:-1])
    images = npz_files.unpack_bits(own["images"], _BIT_IMAGE_SHAPE)
    return StrokeSet(
        *strokes.padded(points, numbers),
        images[..., np.newaxis],
        own["labels"].astype(np.int64),
        own["exact"],
        read("omniglot", "train").class_names,
        f"embedded sample of {datasets.STROKES[0]} ({len(numbers):,} {split} "
        "drawings)",
        is_sample=True,
    )


def write(
    name: str,
    found: sources.LocalDrawings,
    counts: Mapping[str, int],
    seed: int,
) -> None:
    """Writes the sample of a dataset.

    The classes have equal numbers of drawings, as far as small classes allow.

    Args:
        name: one of `datasets.NAMES`.
        found: the drawings to choose from.
        counts: number of drawings in the sample of each split.
        seed: of the random choice.
    """
    arrays = {"class_names": np.array(found.class_names)}
    for split in datasets.STORED_SPLITS:
        rows = _balanced_rows(found.labels[split], counts[split], seed)
        images = found.images[split][rows]
        if images.shape[1:] == _BIT_IMAGE_SHAPE:
            images = _pack_bits(images)
        arrays[f"{split}_images"] = images
        arrays[f"{split}_labels"] = found.labels[split][rows].astype(np.int16)
    _write(name, arrays)


def write_one_shot(runs: sources.LocalRuns) -> None:
    """Writes the one-shot runs.

    Args:
        runs: all runs, with images of 105 x 105 pixels.
    """
    arrays = {
        "answers": runs.answers.astype(np.int16),
        "support": _pack_bits(runs.support.reshape(-1, *_BIT_IMAGE_SHAPE)),
        "query": _pack_bits(runs.query.reshape(-1, *_BIT_IMAGE_SHAPE)),
    }
    _write(datasets.ONE_SHOT, arrays)


def write_strokes(
    drawings: Mapping[str, Sequence[PenDrawing]],
    counts: Mapping[str, int],
    seed: int,
) -> None:
    """Writes the sample of drawings with strokes, of those that are few.

    The characters have equal numbers of drawings, as far as possible.

    Args:
        drawings: of each split, the drawings to choose from.
        counts: number of drawings in the sample of each split.
        seed: of the random choice.
    """
    arrays = {}
    for split, everything in drawings.items():
        chosen, splines = _fitted(everything, counts[split], seed)
        own = _stroke_arrays(chosen, splines)
        arrays |= {f"{split}_{name}": array for name, array in own.items()}
    _write(datasets.STROKES[0], arrays)


def _fitted(
    drawings: Sequence[PenDrawing], count: int, seed: int
) -> tuple[list[PenDrawing], list[list[np.ndarray]]]:
    """Chooses drawings, twice as many as needed, and keeps those that fit."""
    labels = np.array([drawing.class_id for drawing in drawings])
    chosen = [drawings[row] for row in _balanced_rows(labels, 2 * count, seed)]
    splines = strokes.fit([drawing.strokes for drawing in chosen])
    few = [
        (drawing, own)
        for drawing, own in zip(chosen, splines, strict=True)
        if strokes.are_few([len(spline) for spline in own])
    ]
    kept, splines = zip(*few[:count], strict=True)
    return list(kept), list(splines)


def _stroke_arrays(
    drawings: Sequence[PenDrawing], splines: Sequence[Sequence[np.ndarray]]
) -> dict[str, np.ndarray]:
    """The arrays of one split, as `read_strokes` reads them."""
    flat = [spline for own in splines for spline in own]
    points = np.round(np.concatenate(flat) / _UNIT)
    return {
        "control_points": points.astype(np.int16),
        "num_control_points": np.array([*map(len, flat)], np.uint8),
        "num_strokes": np.array([*map(len, splines)], np.uint8),
        "images": np.stack([drawing.packed_image for drawing in drawings]),
        "labels": np.array([row.class_id - 1 for row in drawings], np.int16),
        "exact": np.array([drawing.exact for drawing in drawings]),
    }


def _write(name: str, arrays: dict[str, np.ndarray]) -> None:
    FOLDER.mkdir(exist_ok=True)
    with atomic.replacing(FOLDER / f"{name}.npz") as file:
        np.savez_compressed(file, **arrays)


def _pack_bits(images: np.ndarray) -> np.ndarray:
    """Packs images `[N, H, W]` to 1 bit per pixel, `[N, ceil(H * W / 8)]`."""
    return np.packbits(images.reshape(len(images), -1) > 127, axis=1)


def _balanced_rows(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Chooses rows: one drawing of each class, then a second one, and so on."""
    order = np.random.default_rng(seed).permutation(len(labels))
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    return order[np.argsort(rank[order], kind="stable")[:count]]
