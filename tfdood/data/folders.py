"""One's own drawings: a folder of pictures as a dataset.

Three layouts are read, the last one as `tfds.ImageFolder` has it:

    PATH/*.png                  drawings of one class
    PATH/CLASS/*.png            a folder a class
    PATH/train/CLASS/*.png      and the same of test and validation, if they are
                                there; the folders of classes may be absent

`tfdood.files.pictures` says which files are pictures. Hidden files are not
looked at. `tfdood.drawing.squares` finds the ink of each picture.
"""

import collections
import functools
import hashlib
import os
import pathlib
import warnings
from collections.abc import Iterator
from concurrent import futures
from typing import NamedTuple

import numpy as np
import tqdm
from absl import logging

from tfdood.data import datasets
from tfdood.data.datasets import DrawingSet
from tfdood.drawing import squares
from tfdood.files import pictures

MARGIN = 0.04
"""Paper around the ink, a fraction of its longer side, as in Quick, Draw!."""

_ONE_CLASS = "drawing"
_SHARE = 10  # one drawing in ten
_SEED = 1_989
_MOST_NAMES = 30  # skipped files whose names the log has


class _File(NamedTuple):
    """A file of the folder. Two of the same state are equal.

    Attributes:
        folder: the dataset.
        path: of the file, under `folder`.
        split: the one whose folder it is in; `train` if there are no splits.
        class_name: the name of its class.
        why_not: why it is not read; empty if it is.
        state: size and time of the last change.
    """

    folder: pathlib.Path
    path: pathlib.Path
    split: str
    class_name: str
    why_not: str
    state: tuple[int, int]

    @property
    def name(self) -> str:
        return str(self.path.relative_to(self.folder))


class _Drawings(NamedTuple):
    """All drawings of a folder: `[N, S, S, 1]`, `[N]`, `[N]`, names."""

    images: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    class_names: tuple[str, ...]


def read(folder: pathlib.Path, split: str, image_size: int) -> DrawingSet:
    """Reads a split of a folder of pictures.

    Each picture is cropped to a square around its ink, and scaled so that its
    brightest pixel is 255. A picture that is damaged or has no ink is skipped.
    The log says how many pictures there are and which were skipped.

    If there is no `test` folder, a tenth of the drawings, spread over the
    classes, are for testing. If there is no `validation` folder, a tenth of the
    others are for validation. A fixed seed chooses them: the same pictures have
    the same splits.

    Args:
        folder: of the pictures.
        split: `train`, `validation` or `test`.
        image_size: height and width of the images in pixels.

    Returns:
        The drawings, in the order of their classes and names. The classes are
        in the order of their names.

    Raises:
        FileNotFoundError: If there is no such folder, or no picture in it.
        ValueError: If no picture can be read, or too few for all splits.
    """
    found = _read(_files(folder), image_size)
    rows = found.splits == split
    return DrawingSet(
        found.images[rows],
        found.labels[rows],
        found.class_names,
        f"{describe(folder)}, {rows.sum():,} of {len(rows):,} drawings for "
        + {"train": "training", "test": "testing"}.get(split, split),
        is_sample=False,
    )


def describe(folder: pathlib.Path) -> str:
    """Describes a folder of pictures: its name and its contents.

    Args:
        folder: of the pictures.

    Returns:
        A phrase such as `folder cats (62 picture files, digest 1f3870be)`. The
        digest changes with the contents, the names and the classes.

    Raises:
        FileNotFoundError: As in `read`.
        OSError: If a picture cannot be opened.
    """
    files = [file for file in _files(folder) if not file.why_not]
    return (
        f"folder {folder.name} ({len(files):,} picture files, digest "
        f"{_digest(tuple(files))})"
    )


def _files(folder: pathlib.Path) -> tuple[_File, ...]:
    """The files of a dataset, by split, class and name."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"The folder {folder} does not exist; give the folder of your "
            f"drawings, as --dataset={datasets.FOLDER}PATH."
        )
    files = tuple(sorted(_all_files(folder), key=_key))
    if all(file.why_not for file in files):
        raise FileNotFoundError(
            f"{folder} has no pictures: expected PNG, JPEG, WebP, GIF, BMP, "
            "TIFF, HEIF or AVIF files in it, in a folder a class, or in "
            f"train/CLASS and test/CLASS; got {_names(files) or 'nothing'}."
        )
    return files


def _key(file: _File) -> tuple[str, str, str]:
    return file.split, file.class_name, file.name


def _all_files(folder: pathlib.Path) -> Iterator[_File]:
    inside = {path.name for path in _visible(folder) if path.is_dir()}
    splits = inside & set(datasets.SPLITS)
    # Else `train` is the name of a class.
    are_splits = len(splits) > 1 or splits == inside
    if "train" not in splits or not are_splits:
        yield from _of_split(folder, folder, "train")
        return
    for path in _visible(folder):
        if path.name in splits:
            if not _visible(path):
                yield _file(folder, path, path.name, why_not="an empty folder")
            yield from _of_split(folder, path, path.name)
        else:
            yield _file(folder, path, why_not="beside the splits")


def _of_split(
    folder: pathlib.Path, part: pathlib.Path, split: str
) -> Iterator[_File]:
    """The files of a split: of its folders of classes, if it has any."""
    inside = _visible(part)
    in_classes = [
        _file(folder, path, split, class_folder.name)
        for class_folder in inside
        if class_folder.is_dir()
        for path in _visible(class_folder)
    ]
    yield from in_classes
    is_one_class = all(file.why_not for file in in_classes)
    why_not = "" if is_one_class else "beside the folders of classes"
    for path in inside:
        if not path.is_dir():
            yield _file(folder, path, split, _ONE_CLASS, why_not)


def _visible(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(p for p in folder.iterdir() if not p.name.startswith("."))


def _file(
    folder: pathlib.Path,
    path: pathlib.Path,
    split: str = "train",
    class_name: str = "",
    why_not: str = "",
) -> _File:
    if path.is_dir():
        why_not = why_not or "a folder in the folder of a class"
    elif not pictures.is_picture(path):
        why_not = "no picture"
    elif not os.access(path, os.R_OK):
        why_not = "cannot be opened"
    state = path.stat() if path.exists() else path.lstat()
    return _File(
        *(folder, path, split, class_name, why_not),
        (state.st_size, state.st_mtime_ns),
    )


# The files are unchanged if their states are: they are read once.
@functools.lru_cache(maxsize=4)
def _read(files: tuple[_File, ...], image_size: int) -> _Drawings:
    """Reads all drawings, counts them on the log, and divides them."""
    read_one = functools.partial(_image, image_size=image_size)
    num_threads = len(os.sched_getaffinity(0))
    with (
        # Threads that silence warnings overlap; the list of filters is shared.
        warnings.catch_warnings(action="ignore"),
        futures.ThreadPoolExecutor(num_threads) as pool,
    ):
        results = pool.map(read_one, files)
        results = list(
            tqdm.tqdm(results, "pictures", len(files), unit=" files", delay=2.0)
        )
    images, used, skipped = [], [], []
    for file, result in zip(files, results, strict=True):
        if isinstance(result, str):
            skipped.append(file._replace(why_not=result))
        else:
            images.append(result)
            used.append(file)
    class_names = tuple(sorted({file.class_name for file in used}))
    _report(files[0].folder, len(used), len(class_names), skipped)
    empty = {file.split for file in skipped} - {file.split for file in used}
    if empty:
        split = min(empty)
        raise ValueError(
            f"No picture in {files[0].folder / split} can be used: "
            + _names([file for file in skipped if file.split == split])
            + "; add drawings to it. Without a folder test or validation, "
            "drawings of train are taken."
        )
    labels = np.array([class_names.index(file.class_name) for file in used])
    splits = _divided(labels, np.array([file.split for file in used], "U10"))
    if set(splits) != set(datasets.SPLITS):
        counts = collections.Counter(splits.tolist())
        raise ValueError(
            f"{files[0].folder} has too few drawings: got "
            + ", ".join(f"{counts[s]} for {s}" for s in datasets.SPLITS)
            + "; at least 1 is needed for each, so add drawings."
        )
    return _Drawings(np.stack(images), labels, splits, class_names)


def _image(file: _File, image_size: int) -> np.ndarray | str:
    """The ink of a picture, `[S, S, 1]`, uint8, or why there is none."""
    if file.why_not:
        return file.why_not
    try:
        square = squares.of_file(file.path.read_bytes(), MARGIN)
    except OSError as error:
        return str(error.strerror).lower()
    except ValueError as error:
        return str(error).removeprefix("The picture ").partition(". Save")[0]
    if not square.ink.any():
        return "no ink"
    image = squares.resized(square.ink, image_size)[..., np.newaxis]
    return np.round(255.0 * image).astype(np.uint8)


def _report(
    folder: pathlib.Path,
    num_used: int,
    num_classes: int,
    skipped: list[_File],
) -> None:
    """Says on the log what was read; raises if that is nothing."""
    if not num_used:
        raise ValueError(
            f"No picture in {folder} can be used: {_names(skipped)}; save the "
            "drawings again as PNG files, dark on light or light on dark."
        )
    counts = (
        f"{folder}: {num_used:,} pictures of {num_classes:,} "
        f"class{'es' if num_classes > 1 else ''}; {len(skipped):,} skipped"
    )
    if skipped:
        logging.warning("%s: %s.", counts, _names(skipped))
    else:
        logging.info("%s.", counts)


def _names(files: list[_File] | tuple[_File, ...]) -> str:
    """The names of skipped files with the reasons."""
    named = [f"{file.name} ({file.why_not})" for file in files[:_MOST_NAMES]]
    if len(files) > _MOST_NAMES:
        named.append(f"and {len(files) - _MOST_NAMES:,} more")
    return ", ".join(named)


def _divided(labels: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Takes test and validation drawings of the training drawings.

    Args:
        labels: `[N]`, the class of each drawing.
        given: `[N]`, the split whose folder it is in.

    Returns:
        `[N]`, the split of each drawing.
    """
    splits = given.copy()
    shuffled = np.random.default_rng(_SEED).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    for split in ("test", "validation"):
        if split not in given:
            rest = by_class[splits[by_class] == "train"]
            splits[rest[::_SHARE]] = split
    return splits


@functools.lru_cache(maxsize=4)
def _digest(files: tuple[_File, ...]) -> str:
    digest = hashlib.sha256()
    for file in files:
        for text in (file.name, file.split, file.class_name):
            digest.update(os.fsencode(text) + b"\0")
        digest.update(hashlib.sha256(file.path.read_bytes()).digest())
    return digest.hexdigest()[:8]
