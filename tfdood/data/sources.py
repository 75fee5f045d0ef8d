"""Where the drawings of a dataset are.

The first of these sources that has the dataset is read: a prepared TFDS
folder; a download with TFDS, if the caller allows it; the embedded sample.
There is no other access to the network.
"""

import functools

from absl import logging

from tfdood.data import downloading, embedded, prepared, resizing
from tfdood.data.datasets import DrawingSet


class DatasetNotFoundError(FileNotFoundError):
    """The given data folder does not hold the dataset."""


def read(
    name: str,
    split: str,
    image_size: int,
    data_dir: str | None,
    download: bool,
) -> DrawingSet:
    """Reads all drawings of a published split.

    Args:
        name: one of `NAMES`.
        split: `train` or `test`.
        image_size: height and width of the images in pixels.
        data_dir: see `find`.
        download: see `find`.

    Returns:
        A `DrawingSet`.

    Raises:
        ValueError: If a prepared folder cannot be read.
        DatasetNotFoundError: See `find`.
        ConnectionError: See `find`.
    """
    folder = find(name, data_dir, download)
    if folder is not None:
        return prepared.read(name, split, folder, image_size)
    drawings = embedded.read(name, split)
    warn_of_sample(drawings.source)
    return drawings._replace(
        images=resizing.resize(drawings.images, image_size)
    )


def find(name: str, data_dir: str | None, download: bool) -> str | None:
    """Finds the prepared folder of a dataset.

    Args:
        name: of the dataset.
        data_dir: folder of prepared datasets; None for TFDS's own folder.
        download: whether the dataset is downloaded if no folder holds it.

    Returns:
        The folder; None for the embedded sample.

    Raises:
        DatasetNotFoundError: If `data_dir` is given but does not hold the
            dataset, and `download` is false.
        ConnectionError: If the download fails.
    """
    folder = prepared.find(name, data_dir)
    if folder is None and download:
        downloading.download(name, data_dir)
        folder = prepared.find(name, data_dir)
    if folder is None and data_dir is not None:
        raise DatasetNotFoundError(
            f"No {name} in {data_dir}: expected "
            f"{prepared.official_name(name)}/VERSION or "
            f"{prepared.IMPORTED.format(name)}/VERSION; import local files or "
            "download the dataset with python -m tfdood.data.prepare, or do "
            "not give a data folder, to use TFDS's own or the embedded sample."
        )
    return folder


@functools.cache
def warn_of_sample(source: str, command: str = "tfdood.data.prepare") -> None:
    """Says once that results of the embedded sample are none.

    Args:
        source: the name of the sample.
        command: the module that makes the complete dataset.
    """
    logging.warning(
        "Using the %s. The sample is for trials, not for results. For the "
        "complete dataset, run python -m %s and give its folder with "
        "--data_dir.",
        source,
        command,
    )
