"""Runs of one-shot classification: Lake's 20, and others for validation."""

import numpy as np

from tfdood.data import (
    background_runs,
    datasets,
    embedded,
    prepared,
    reading,
    resizing,
    sources,
)
from tfdood.data.datasets import OneShotRuns


def read_oneshot(
    split: str = "test",
    *,
    name: str = "omniglot",
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> OneShotRuns:
    """Reads 20 runs of 20-way one-shot classification of Omniglot.

    Args:
        split: `test` for Lake's runs of evaluation characters, `validation` for
            runs that `data.background_runs` makes of training drawings.
        name: `omniglot`; or, for the split `validation` only, one of
            `datasets.STROKES`. The runs are then made of its validation
            drawings. No model learned strokes from the alphabets of these.
        image_size: height and width of the images in pixels.
        data_dir: as in `reading.read`. The embedded sample holds all of Lake's
            runs.
        download: as in `reading.read`.

    Returns:
        `OneShotRuns` with images `[20, 20, S, S, 1]` and answers `[20, 20]`.

    Raises:
        ValueError: If there is no such dataset or split, if `image_size` is
            smaller than 1, if a prepared folder cannot be read, or if it has
            too few drawings.
        DatasetNotFoundError: As in `reading.read`.
        ConnectionError: If the download fails.
    """
    resizing.check_size(image_size)
    known = ("omniglot", *datasets.STROKES)
    if name not in known:
        raise ValueError(
            f"One-shot runs are characters of Omniglot, got {name!r}; choose "
            f"from {', '.join(known)}."
        )
    if split == "validation":
        return background_runs.make(
            sources.read(name, "train", image_size, data_dir, download)
            if name == "omniglot"
            else reading.read(
                name,
                "validation",
                image_size=image_size,
                data_dir=data_dir,
                download=download,
            )
        )
    if split != "test":
        raise ValueError(
            f"Unknown split {split!r} of one-shot runs; choose from test, "
            "validation."
        )
    if name != "omniglot":
        raise ValueError(
            f"Only validation runs are made of {name}, got split={split!r}; "
            "Lake's runs are those of the dataset omniglot."
        )
    folder = sources.find(datasets.ONE_SHOT, data_dir, download)
    if folder is None:
        runs = embedded.read_one_shot()
    else:
        runs = prepared.read_one_shot(folder)
    return runs._replace(
        support=_resize_runs(runs.support, image_size),
        query=_resize_runs(runs.query, image_size),
    )


def _resize_runs(images: np.ndarray, image_size: int) -> np.ndarray:
    """Resizes images `[R, C, H, W, 1]` to `[R, C, S, S, 1]`."""
    runs = images.shape[:2]
    flat = images.reshape(-1, *images.shape[2:])
    resized = resizing.resize(flat, image_size)
    return resized.reshape(*runs, *resized.shape[1:])
