"""Prepared TFDS folders: finding and reading them, without a network.

There are two kinds of folders. A builder of TFDS or of `data.builders` writes
the official folders:

    DATA_DIR/mnist/3.0.1    DATA_DIR/emnist/balanced/3.1.0

`python -m tfdood.data.prepare --source=DIR` writes the imported folders:

    DATA_DIR/imported_mnist/1.0.0

If both exist, the official folder is read, because it is complete.
"""

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from tfdood.data import datasets, resizing, strokes
from tfdood.data.datasets import DrawingSet, OneShotRuns
from tfdood.data.strokes import StrokeSet

IMPORTED = "imported_{}"
"""The name of the folder of an imported dataset, by `format`."""

_CHUNK = 1_000

_READ_ONCE = tfds.ReadConfig(try_autocache=False)


def data_folder(data_dir: str | None) -> str:
    """The folder of prepared datasets.

    Args:
        data_dir: a path, perhaps with `~`; None for TFDS's own folder, which is
            `$TFDS_DATA_DIR`, or else `~/tensorflow_datasets`.
    """
    own = tfds.core.constants.get_default_data_dir
    return os.path.expanduser(data_dir or own())


def find(name: str, data_dir: str | None) -> str | None:
    """Finds the prepared folder of a dataset.

    Args:
        name: one of `datasets.NAMES` or `datasets.STROKES`, or
            `datasets.ONE_SHOT`.
        data_dir: folder to search, or `None` for TFDS's own data folder.

    Returns:
        The path of the newest version, or `None` if there is none.
    """
    data_dir = data_folder(data_dir)
    for dataset_folder in (official_name(name), IMPORTED.format(name)):
        parent = os.path.join(data_dir, dataset_folder)
        if not tf.io.gfile.isdir(parent):
            continue
        names = (name.rstrip("/") for name in tf.io.gfile.listdir(parent))
        folders = (os.path.join(parent, name) for name in names)
        versions = {
            _version(folder): folder
            for folder in folders
            if _version(folder)
            and tf.io.gfile.exists(os.path.join(folder, "dataset_info.json"))
        }
        if versions:
            return versions[max(versions)]
    return None


def describe(folder: str) -> str:
    """Describes a prepared folder: its kind, its name, and its size.

    Args:
        folder: a path that `find` returned.

    Returns:
        A phrase such as
        `prepared TFDS folder mnist/3.0.1 (60,000 train / 10,000 test)`.

    Raises:
        ValueError: If the folder cannot be read.
    """
    with _explained(folder):
        return _source(folder, tfds.builder_from_directory(folder))


def official_name(name: str) -> str:
    """The TFDS name of a dataset, with its config.

    Args:
        name: one of `datasets.NAMES` or `datasets.STROKES`, or
            `datasets.ONE_SHOT`.

    Returns:
        A name such as `emnist/balanced`.

    Raises:
        ValueError: If there is no such dataset.
    """
    if name == datasets.ONE_SHOT:
        return datasets.ONE_SHOT
    if name in datasets.STROKES:
        return datasets.STROKES[0]
    return datasets.dataset(name).tfds_name


def read(name: str, split: str, folder: str, image_size: int) -> DrawingSet:
    """Reads a published split of a dataset from its prepared folder.

    Args:
        name: one of `datasets.NAMES`.
        split: `train`, with the validation drawings, or `test`.
        folder: a path that `find` returned.
        image_size: height and width of the images in pixels.

    Returns:
        The drawings, in the order of the folder.

    Raises:
        ValueError: If the folder cannot be read.
    """
    row = datasets.dataset(name)
    is_imported = _is_imported(folder)
    with _explained(folder):
        builder = tfds.builder_from_directory(folder)
        num_drawings = builder.info.splits[split].num_examples
        images = np.empty((num_drawings, image_size, image_size, 1), np.uint8)
        labels = np.empty(num_drawings, np.int64)
        start = 0
        for chunk_images, chunk_labels in _chunks(builder, split):
            if not is_imported:
                chunk_images = _as_drawn(chunk_images, row)
            rows = slice(start, start + len(chunk_labels))
            images[rows] = resizing.resize(chunk_images, image_size)
            labels[rows] = chunk_labels
            start += len(chunk_labels)
        if start != num_drawings:
            raise ValueError(
                f"expected {num_drawings:,} {split} drawings, got {start:,}"
            )
        class_names = tuple(builder.info.features["label"].names)
        source = _source(folder, builder)
    if not is_imported:
        class_names = row.class_names or class_names
    return DrawingSet(images, labels, class_names, source, is_sample=False)


def read_one_shot(folder: str) -> OneShotRuns:
    """Reads the one-shot runs from their prepared folder.

    Args:
        folder: a path that `find` returned.

    Returns:
        The runs, sorted by their numbers; images have their stored size.

    Raises:
        ValueError: If the folder cannot be read.
    """
    with _explained(folder):
        builder = tfds.builder_from_directory(folder)
        runs = sorted(
            tfds.as_numpy(builder.as_dataset(split="test")),
            key=lambda run: run["run"],
        )
        support, query, answers = (
            np.stack([run[part] for run in runs])
            for part in ("support", "query", "answers")
        )
        source = _source(folder, builder)
    return OneShotRuns(support, query, answers, source, is_sample=False)


def read_strokes(split: str, folder: str) -> StrokeSet:
    """Reads drawings with strokes from their prepared folder.

    Args:
        split: `train`, `validation` or `test`.
        folder: a path that `find` returned.

    Returns:
        The drawings that `strokes.are_few` keeps, in the order of the folder.

    Raises:
        ValueError: If the folder cannot be read.
    """
    with _explained(folder):
        builder = tfds.builder_from_directory(folder)
    if split not in builder.info.splits:
        raise ValueError(
            f"The strokes in {folder} have no {split} drawings, only those of "
            f"{', '.join(sorted(builder.info.splits))}; delete the folder, and "
            "import files of all background alphabets."
        )
    with _explained(folder):
        examples = builder.as_dataset(split=split, read_config=_READ_ONCE)
        everything = list(tfds.as_numpy(examples))
        rows = [
            row
            for row in everything
            if strokes.are_few(row["num_control_points"])
        ]
        class_names = tuple(builder.info.features["label"].names)
        source = _source(folder, builder)
    if not rows:
        raise ValueError(
            f"None of the {len(everything):,} {split} drawings in {folder} has "
            f"at most {strokes.MOST_STROKES} strokes of at most "
            f"{strokes.MOST_CONTROL_POINTS} control points; import others."
        )
    return StrokeSet(
        *strokes.padded(
            [row["control_points"] for row in rows],
            [row["num_control_points"] for row in rows],
        ),
        np.stack([row["image"] for row in rows]),
        np.array([row["label"] for row in rows]),
        np.array([row["exact"] for row in rows]),
        class_names,
        f"{source}, {len(rows):,} of {len(everything):,} {split} drawings, "
        f"those of at most {strokes.MOST_STROKES} strokes of at most "
        f"{strokes.MOST_CONTROL_POINTS} control points",
        is_sample=False,
    )


def _chunks(
    builder: tfds.core.DatasetBuilder, split: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Decoded images `[n, H, W, C]` and labels `[n]`, in a fixed order."""
    examples = builder.as_dataset(split=split, read_config=_READ_ONCE)
    for chunk in examples.batch(_CHUNK).prefetch(1).as_numpy_iterator():
        yield chunk["image"], chunk["label"]


def _as_drawn(images: np.ndarray, row: datasets.Dataset) -> np.ndarray:
    """Makes published images upright, with white ink on black."""
    images = images[..., :1]
    if row.is_transposed:
        images = images.swapaxes(1, 2)
    return 255 - images if row.is_inverted else images


def _is_imported(folder: str) -> bool:
    dataset_folder = os.path.basename(os.path.dirname(folder))
    return dataset_folder.startswith(IMPORTED.format(""))


def _source(folder: str, builder: tfds.core.DatasetBuilder) -> str:
    kind = "imported" if _is_imported(folder) else "prepared"
    counts = " / ".join(
        f"{split.num_examples:,} {name}"
        for name, split in sorted(builder.info.splits.items(), reverse=True)
    )
    name = "/".join(pathlib.PurePath(folder).parts[-2:])
    return f"{kind} TFDS folder {name} ({counts})"


def _version(folder: str) -> tuple[int, ...] | None:
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", os.path.basename(folder))
    return tuple(int(n) for n in match.groups()) if match else None


@contextlib.contextmanager
def _explained(folder: str) -> Iterator[None]:
    """Turns any failure to read a folder into one sentence."""
    try:
        yield
    except PermissionError:
        raise
    except MemoryError as error:
        raise ValueError(
            f"The drawings of {folder} do not fit into the memory ({error}); "
            "give a smaller image size."
        ) from error
    except Exception as error:  # TFDS raises errors of many types.
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"The prepared TFDS folder {folder} cannot be read "
            f"({type(error).__name__}: {reason}); delete it and prepare the "
            "dataset again."
        ) from error
