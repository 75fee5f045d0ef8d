"""Import of local files into prepared TFDS folders, without a network."""

import os
import pathlib
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow_datasets as tfds
import tqdm

from tfdood.data import datasets, pen_strokes, prepared
from tfdood.data.builders import omniglot_oneshot, omniglot_strokes
from tfdood.data.importers import (
    bitmap_files,
    idx_files,
    npz_files,
    omniglot_archives,
    pen_stroke_files,
    pen_stroke_npz,
    picture_files,
)
from tfdood.data.importers.sources import LocalDrawings, LocalRuns

IMPORTABLE = (*datasets.NAMES, datasets.ONE_SHOT, datasets.STROKES[0])
"""The names of all that can be prepared."""

_VERSION = "1.0.0"

_Found = LocalDrawings | LocalRuns | Sequence[pen_strokes.PenDrawing]

_Examples = Iterator[tuple[int, dict[str, Any]]]


class _Contents(NamedTuple):
    """What goes into a prepared folder: examples of each split, and facts."""

    splits: dict[str, _Examples]
    features: tfds.features.FeaturesDict
    description: str


def import_all(
    source: str,
    data_dir: str | None = None,
    names: Sequence[str] | None = None,
) -> Iterator[str]:
    """Imports datasets into folders that `data.read` finds.

    The files of a dataset are searched in `source/NAME` and then in `source`.
    The names of idx files, but for EMNIST's, and of folders of pictures do not
    say to which dataset they belong. They are therefore read only from
    `source/NAME`, or from `source` if `names` has exactly one entry. New pen
    strokes of Omniglot replace old ones.

    Args:
        source: folder of local files.
        data_dir: folder of prepared datasets, or `None` for TFDS's own.
        names: entries of `IMPORTABLE`, or `None` for all whose files exist.

    Yields:
        A sentence about each dataset, after its import.

    Raises:
        ValueError: If a file is damaged or has the wrong content.
        FileNotFoundError: If the folder or the files do not exist.
        OSError: If `data_dir` cannot be written to.
    """
    folder = pathlib.Path(source).expanduser()
    data_dir = prepared.data_folder(data_dir)
    _check_folders(folder, data_dir)
    num_found = 0
    for name in names or IMPORTABLE:
        found = _read(name, folder, is_only=len(names or ()) == 1)
        if found is not None:
            num_found += 1
            yield _import(name, found, data_dir)
        elif names:
            raise FileNotFoundError(_nothing_of(name, folder))
    if not num_found:
        raise FileNotFoundError(_no_files("any dataset", ("NAME.npz",), folder))


def _check_folders(source: pathlib.Path, data_dir: str) -> None:
    if not source.is_dir():
        raise FileNotFoundError(
            f"There is no folder {source}; give the folder of the datasets "
            "with --source."
        )
    try:
        os.makedirs(data_dir, exist_ok=True)
        is_writable = os.access(data_dir, os.W_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        raise OSError(
            f"The data folder {data_dir} cannot be written to; give another "
            "folder with --data_dir."
        )


def _nothing_of(name: str, folder: pathlib.Path) -> str:
    if name in datasets.STROKES:
        return _no_strokes(pen_stroke_npz.FILES, folder)
    return _no_files(name, npz_files.file_names(name), folder)


def _no_strokes(files: tuple[str, ...], folder: pathlib.Path) -> str:
    return (
        f"No pen strokes of Omniglot in {folder}: expected {' or '.join(files)}"
        ", or the published strokes_background.zip; and beside them the images "
        "of the same drawings, images_background.zip or omniglot.npz."
    )


def _no_files(what: str, files: tuple[str, ...], folder: pathlib.Path) -> str:
    return (
        f"No files of {what} in {folder}: expected {' or '.join(files)}; the "
        "published files of Quick, Draw! (NAME.npy), KMNIST (kmnist-*.npz), "
        "EMNIST (gzip/emnist-balanced-*) or Omniglot (images_*.zip); or, in a "
        "subfolder NAME or with a single --dataset=NAME, "
        "*-images-idx3-ubyte[.gz] or pictures train/CLASS/*.png and "
        "test/CLASS/*.png. Drawings of your own need no preparation: give "
        f"--dataset={datasets.FOLDER}PATH to the other commands."
    )


def _read(name: str, source: pathlib.Path, *, is_only: bool) -> _Found | None:
    """Reads a dataset from the first folder and format that has its files."""
    for folder in (source / name, source):
        if name == datasets.ONE_SHOT:
            found = npz_files.read_one_shot(folder)
        elif name in datasets.STROKES:
            found = pen_stroke_files.read(folder)
        else:
            found = _read_drawings(
                name, folder, is_own=is_only or folder != source
            )
        if found is not None:
            return found
    return None


def _read_drawings(
    name: str, folder: pathlib.Path, *, is_own: bool
) -> LocalDrawings | None:
    """Reads a dataset from a folder, which may belong to it alone."""
    found = (
        npz_files.read(name, folder)
        or bitmap_files.read(name, folder)
        or omniglot_archives.read(name, folder)
    )
    if found is None and (is_own or idx_files.are_named(name)):
        found = idx_files.read(name, folder)
    if found is None and is_own:
        found = picture_files.read(folder)
    return found


def _import(name: str, found: _Found, data_dir: str) -> str:
    """Writes a dataset as a prepared folder; returns a sentence about it."""
    if name in datasets.STROKES:
        return _import_pen_strokes(found, pathlib.Path(data_dir))
    imported = prepared.IMPORTED.format(name)
    folder = os.path.join(data_dir, imported, _VERSION)
    if os.path.exists(folder):
        return (
            f"{name}: already in {folder}. To import it again, delete that "
            "folder first."
        )
    contents = _contents_of_runs if name == datasets.ONE_SHOT else _contents
    splits, features, description = contents(name, found)
    row = datasets.DATASETS[name.removesuffix("_oneshot")]
    builder = tfds.dataset_builders.AdhocBuilder(
        name=imported,
        version=_VERSION,
        features=features,
        split_datasets=splits,
        data_dir=data_dir,
        description=f"{description} Licence: {row.licence}.",
        homepage=row.homepage,
        disable_shuffling=True,
    )
    builder.download_and_prepare()
    sentence = f"{name}: {description} Now in {folder}."
    preferred = prepared.find(name, data_dir)
    if preferred != folder:
        sentence += f" But {preferred} also exists and is read instead."
    return sentence


def _import_pen_strokes(
    drawings: Sequence[pen_strokes.PenDrawing], data_dir: pathlib.Path
) -> str:
    """Writes strokes and splines; both replace earlier ones at the end."""
    path = data_dir / pen_strokes.FILE
    with tempfile.TemporaryDirectory(dir=data_dir) as scratch:
        written = pen_strokes.write(drawings, pathlib.Path(scratch))
        builder = omniglot_strokes.OmniglotStrokes(data_dir=scratch)
        builder.download_and_prepare()
        splines = data_dir / builder.data_path.relative_to(scratch)
        splines.parent.mkdir(exist_ok=True)
        if splines.exists():
            splines.rename(pathlib.Path(scratch, "earlier"))
        builder.data_path.rename(splines)
        written.rename(path)
    num_exact = sum(drawing.exact for drawing in drawings)
    return (
        f"{datasets.STROKES[0]}: {len(drawings):,} drawings, {num_exact:,} of "
        f"them as recorded. Now in {path}, and as splines in "
        f"{splines}."
    )


def _contents(name: str, found: LocalDrawings) -> _Contents:
    splits = {
        split: _examples(name, split, found) for split in datasets.STORED_SPLITS
    }
    shape = (*found.images["train"].shape[1:], 1)
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=shape),
            "label": tfds.features.ClassLabel(names=found.class_names),
        }
    )
    num_train, num_test = (len(found.labels[s]) for s in datasets.STORED_SPLITS)
    full_train, full_test = datasets.dataset(name).num_drawings
    description = (
        f"{num_train:,} train and {num_test:,} test drawings imported from "
        f"{found.origin.name}; the published dataset has {full_train:,} and "
        f"{full_test:,}."
    )
    return _Contents(splits, features, description)


def _examples(name: str, split: str, found: LocalDrawings) -> _Examples:
    rows = zip(found.images[split], found.labels[split], strict=True)
    rows = tqdm.tqdm(
        rows, f"{name} {split}", len(found.labels[split]), unit=" drawings"
    )
    for row, (image, label) in enumerate(rows):
        yield row, {"image": image[..., np.newaxis], "label": label}


def _contents_of_runs(name: str, found: LocalRuns) -> _Contents:
    num_runs, num_characters, *shape = found.support.shape
    features = omniglot_oneshot.features(num_characters, tuple(shape))
    description = (
        f"{num_runs} runs of {num_characters}-way one-shot classification "
        f"imported from {found.origin.name}; 20 were published."
    )
    return _Contents({"test": _runs(name, found)}, features, description)


def _runs(name: str, found: LocalRuns) -> _Examples:
    for row in tqdm.trange(len(found.answers), desc=name, unit=" runs"):
        run = {
            "run": row + 1,
            "support": found.support[row, ..., np.newaxis],
            "query": found.query[row, ..., np.newaxis],
            "answers": found.answers[row],
        }
        yield row, run
