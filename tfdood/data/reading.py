"""Reading of datasets: from prepared folders, TFDS or the embedded sample.

`sources` has the rule by which one of them is chosen. `folder:PATH` is read
from its folder.

Drawings are decoded and resized once and stay in memory as uint8: 100,000 of
50 x 50 pixels take 250 MB.
"""

import tensorflow as tf

from tfdood.data import (
    arrangements,
    arrow_scenes,
    batching,
    datasets,
    embedded,
    folders,
    prepared,
    resizing,
    scenes,
    sources,
    validation,
)
from tfdood.data.datasets import DrawingSet
from tfdood.data.scenes import SceneSet
from tfdood.data.strokes import StrokeSet
from tfdood.files import digests
from tfdood.types import SplineStrokes


def read(
    name: str,
    split: str,
    *,
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> DrawingSet:
    """Reads a split of a dataset: upright drawings, white ink on black.

    The validation drawings are a tenth of the published training drawings, at
    most 2,000, and always the same ones; `train` has all others. Of drawings
    with strokes, they are those of some alphabets, see `read_strokes`.

    Args:
        name: one of `NAMES`, of `datasets.STROKES`, or of `datasets.SCENES`,
            see `read_scenes`; `datasets.ARROWS`, scenes of solids; `UNION` for
            all of `NAMES`, see `datasets.joined`; or `folder:PATH` for one's
            own drawings, see `folders.read`. With `folder:PATH`, `data_dir` and
            `download` have no effect.
        split: `train`, `validation` or `test`.
        image_size: height and width of the images in pixels.
        data_dir: folder of prepared datasets. `None` means TFDS's own folder
            and, if that does not hold the dataset, the embedded sample.
        download: whether to download the dataset if no folder holds it.

    Returns:
        A `DrawingSet`. Its `source` says where it was read from.

    Raises:
        ValueError: If a name is unknown, if `image_size` is smaller than 1,
            if a prepared folder cannot be read, or if there are too few
            drawings.
        DatasetNotFoundError: If `data_dir` is given but does not hold the
            dataset, and `download` is false.
        FileNotFoundError: If there are no own drawings.
        ConnectionError: If the download fails.
    """
    names = datasets.parts(name)
    _check_split(split)
    resizing.check_size(image_size)
    sets = {
        part: _read(part, split, image_size, data_dir, download)
        for part in names
    }
    return datasets.joined(sets) if len(sets) > 1 else sets[names[0]]


def read_scenes(
    name: str,
    split: str,
    *,
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> SceneSet:
    """Reads scenes with boxes and labels; most are made of digits of MNIST.

    The 60,000 training scenes take 246 MB at 64 x 64 pixels.

    Args:
        name: one of `SCENES`, or `datasets.ARROWS`, see `arrow_scenes.read`.
        split: `train`, `validation` or `test`; the digits are of this split.
        image_size: height and width of the scenes in pixels.
        data_dir: folder of the prepared MNIST, as in `read`; for `ARROWS`, the
            folder of `arrow_like.npz`.
        download: whether to download MNIST if no folder holds it. It has no
            effect for `ARROWS`.

    Returns:
        A `SceneSet`. The same digits give the same scenes.

    Raises:
        ValueError: If a name is unknown, if `image_size` is smaller than 1, if
            a prepared folder cannot be read, or if digits are missing.
        DatasetNotFoundError: If `data_dir` is given but does not hold MNIST,
            and `download` is false; or if it does not hold `arrow_like.npz`
            for `ARROWS`.
        ConnectionError: If the download fails.
    """
    names = (*datasets.SCENES, datasets.ARROWS)
    if name not in names:
        raise ValueError(
            f"Unknown dataset of scenes {name!r}; choose from "
            f"{', '.join(names)}."
        )
    _check_split(split)
    resizing.check_size(image_size)
    if name == datasets.ARROWS:
        return _arrows(split, image_size, data_dir)
    size = arrangements.DIGIT_SIZE
    digits = _read(datasets.SCENES[name], split, size, data_dir, download)
    return scenes.make(name, split, digits, image_size)


def read_strokes(
    split: str,
    *,
    data_dir: str | None = None,
    download: bool = False,
) -> StrokeSet:
    """Reads drawings of Omniglot with the strokes of the people who drew them.

    Args:
        split: `train`, `validation` or `test`, see
            `alphabets.split_of_strokes`.
        data_dir: as in `read`.
        download: as in `read`.

    Returns:
        A `StrokeSet`.

    Raises:
        ValueError: If the split is unknown, or a prepared folder cannot be
            read or lacks it.
        DatasetNotFoundError: As in `read`.
        ConnectionError: If the download fails.
    """
    _check_split(split)
    folder = sources.find(datasets.STROKES[0], data_dir, download)
    if folder is not None:
        return prepared.read_strokes(split, folder)
    found = embedded.read_strokes(split)
    sources.warn_of_sample(found.source)
    return found


def load(
    name: str,
    split: str,
    batch_size: int,
    *,
    seed: int | None = None,
    start_step: int = 0,
    image_size: int = 50,
    data_dir: str | None = None,
    download: bool = False,
) -> tf.data.Dataset:
    """Reads a split of a dataset with `read` and batches it with `batches`.

    Args:
        name: as in `read`.
        split: `train`, `validation` or `test`.
        batch_size: number of drawings in a batch, `B`, at least 1.
        seed: of an endless shuffled stream, or `None` for one pass in order.
        start_step: number of the first batch.
        image_size: as in `read`.
        data_dir: as in `read`.
        download: as in `read`.

    Returns:
        A dataset of `Batch` records: images `[B, S, S, C]`, float32 in [0, 1],
        labels `[B]`, int64, and strokes if the dataset has them. `C` is 1, or 3
        for `datasets.ARROWS`.

    Raises:
        ValueError: As in `read` and `batches`.
        OSError: As in `read`.
    """
    drawings = read(
        name, split, image_size=image_size, data_dir=data_dir, download=download
    )
    return batching.batches(
        drawings, batch_size, seed=seed, start_step=start_step
    )


def describe(name: str, data_dir: str | None) -> str:
    """Describes what a dataset is read from, whatever its path is.

    Args:
        name: as in `read`, but not `UNION`; or `datasets.ONE_SHOT`.
        data_dir: as in `read`.

    Returns:
        A phrase. It tells prepared datasets apart by name, version and numbers
        of drawings, and other files by their contents.

    Raises:
        ValueError: If a prepared folder cannot be read.
        OSError: If own drawings cannot be read.
    """
    own = datasets.folder(name)
    if own is not None:
        return folders.describe(own)
    if name == datasets.ARROWS:
        file = arrow_scenes.find(data_dir)
        return "sample" if file is None else f"file {digests.of_file(file)}"
    folder = prepared.find(datasets.SCENES.get(name, name), data_dir)
    if folder is not None:
        return prepared.describe(folder)
    return "sample" if data_dir is None else "other files"


def _read(
    name: str,
    split: str,
    image_size: int,
    data_dir: str | None,
    download: bool,
) -> DrawingSet:
    """Reads a split of one dataset."""
    own = datasets.folder(name)
    if own is not None:
        return folders.read(own, split, image_size)
    if name in datasets.STROKES:
        found = read_strokes(split, data_dir=data_dir, download=download)
        return _with_strokes(name, found, image_size)
    if name in (*datasets.SCENES, datasets.ARROWS):
        made = read_scenes(
            name,
            split,
            image_size=image_size,
            data_dir=data_dir,
            download=download,
        )
        return made.drawings
    if split == "test":
        return sources.read(name, "test", image_size, data_dir, download)
    published = sources.read(name, "train", image_size, data_dir, download)
    return validation.part(published, split)


def _with_strokes(name: str, found: StrokeSet, image_size: int) -> DrawingSet:
    """Drawings of one of `datasets.STROKES`."""
    drawings = DrawingSet(
        resizing.resize(found.images, image_size),
        found.labels,
        found.class_names,
        found.source,
        found.is_sample,
        SplineStrokes(found.control_points, found.num_control_points),
    )
    if name == datasets.STROKES[0]:
        return drawings
    if not found.exact.any():
        raise ValueError(
            f"No drawing of the {found.source} has strokes as recorded; use "
            f"--dataset={datasets.STROKES[0]}."
        )
    source = f"{found.source}, {found.exact.sum():,} of them as recorded"
    return datasets.chosen(drawings, found.exact)._replace(source=source)


def _arrows(split: str, image_size: int, data_dir: str | None) -> SceneSet:
    path = arrow_scenes.find(data_dir)
    if path is None and data_dir is not None:
        raise sources.DatasetNotFoundError(
            f"No {arrow_scenes.FILE} in {data_dir}; render it with python -m "
            "tools.arrow_like, or leave data_dir out for the embedded sample."
        )
    found = arrow_scenes.read(split, image_size, path)
    if found.is_sample:
        sources.warn_of_sample(found.source, "tools.arrow_like")
    return found


def _check_split(split: str) -> None:
    if split not in datasets.SPLITS:
        raise ValueError(
            f"Unknown split {split!r}; choose from "
            f"{', '.join(datasets.SPLITS)}."
        )
