"""Reading datasets, from wherever they are to be had.

The sources, in this order: a prepared TFDS folder; with `download`, TFDS; the
embedded sample. Only `download` ever touches the network.

Drawings are held in memory as uint8: the largest split, 112,800 drawings of
50 x 50 pixels, takes 282 MB, and is then decoded and resized only once.
"""

import tensorflow as tf
from absl import logging

from tfdood.data import (
    batching,
    datasets,
    downloading,
    embedded,
    prepared,
    resizing,
)
from tfdood.data.datasets import DrawingSet, OneShotRuns


class DatasetNotFoundError(FileNotFoundError):
    """The given data folder does not hold the dataset."""


def read(
    name: str,
    split: str,
    *,
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> DrawingSet:
    """Reads a split of a dataset: upright drawings, white ink on black.

    Args:
        name: one of `NAMES`.
        split: `train` or `test`.
        image_size: height and width of the images in pixels.
        data_dir: folder of prepared datasets; `None` for TFDS's own, and then
            the embedded sample if it does not hold the dataset.
        download: whether to download and prepare a dataset that is not there.

    Returns:
        A `DrawingSet` that says where it comes from.

    Raises:
        ValueError: If a name is unknown or a prepared folder cannot be read.
        DatasetNotFoundError: If `data_dir` is given, does not hold the
            dataset, and it was not to be downloaded.
        ConnectionError: If the download fails.
    """
    datasets.dataset(name)
    if split not in datasets.SPLITS:
        raise ValueError(
            f"Unknown split {split!r}; choose from "
            f"{', '.join(datasets.SPLITS)}."
        )
    folder = _find(name, data_dir, download)
    if folder is not None:
        return prepared.read(name, split, folder, image_size)
    drawings = embedded.read(name, split)
    _warn_of_sample(drawings.source)
    return drawings._replace(
        images=resizing.resize(drawings.images, image_size)
    )


def read_oneshot(
    *,
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> OneShotRuns:
    """Reads Lake's 20 runs of 20-way one-shot classification.

    Args:
        image_size: height and width of the images in pixels.
        data_dir: as in `read`. The embedded sample holds all 20 runs.
        download: as in `read`.

    Returns:
        `OneShotRuns` with images `[20, 20, S, S, 1]` and answers `[20, 20]`.

    Raises:
        ValueError: If a prepared folder cannot be read.
        DatasetNotFoundError: As in `read`.
        ConnectionError: If the download fails.
    """
    folder = _find(datasets.ONE_SHOT, data_dir, download)
    if folder is not None:
        return prepared.read_one_shot(folder, image_size)
    runs = embedded.read_one_shot()
    return runs._replace(
        support=_resize_runs(runs.support, image_size),
        query=_resize_runs(runs.query, image_size),
    )


def load(
    name: str,
    split: str,
    batch_size: int,
    *,
    seed: int | None = None,
    start_step: int = 0,
    **read_options,
) -> tf.data.Dataset:
    """Batches of a split of a dataset: `read`, then `batches`.

    Args:
        name: one of `NAMES`.
        split: `train` or `test`.
        batch_size: `B`, at least 1.
        seed: of an endless shuffled stream, or `None` for one pass in order.
        start_step: number of the first batch.
        **read_options: `image_size`, `data_dir` and `download` of `read`.

    Returns:
        A dataset of `(images, labels)`: float32 `[B, S, S, 1]` in [0, 1], and
        int64 `[B]`.
    """
    drawings = read(name, split, **read_options)
    return batching.batches(
        drawings, batch_size, seed=seed, start_step=start_step
    )


def _find(name: str, data_dir: str | None, download: bool) -> str | None:
    folder = prepared.find(name, data_dir)
    if folder is None and download:
        downloading.download(name, data_dir)
        folder = prepared.find(name, data_dir)
    if folder is None and data_dir is not None:
        raise DatasetNotFoundError(
            f"No {name} in {data_dir}: neither "
            f"{prepared.official_name(name)}/VERSION nor "
            f"{prepared.IMPORTED.format(name)}/VERSION is there; import local "
            "files or download it with python -m tfdood.data.prepare, or leave "
            "the data folder out to use TFDS's own or the embedded sample."
        )
    return folder


def _resize_runs(images, image_size):
    runs = images.shape[:2]
    flat = images.reshape(-1, *images.shape[2:])
    resized = resizing.resize(flat, image_size)
    return resized.reshape(*runs, *resized.shape[1:])


def _warn_of_sample(source: str) -> None:
    logging.warning(
        "Using the %s: good for trying things out, not for results. Give "
        "--data_dir for the whole dataset, see python -m tfdood.data.prepare.",
        source,
    )
