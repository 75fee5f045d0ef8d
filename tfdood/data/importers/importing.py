"""Importing local files into prepared TFDS folders, offline."""

import os
import pathlib
from collections.abc import Iterator

import numpy as np
import tensorflow_datasets as tfds
import tqdm

from tfdood.data import datasets, prepared
from tfdood.data.builders import omniglot_oneshot
from tfdood.data.importers import (
    idx_files,
    npz_files,
    pen_strokes,
    png_files,
    sources,
)

IMPORTABLE = (*datasets.NAMES, datasets.ONE_SHOT)

_VERSION = "1.0.0"


def import_all(
    source: str, data_dir: str | None = None, names: list[str] | None = None
) -> Iterator[str]:
    """Imports datasets into folders that `data.read` finds.

    For each dataset, its files are looked for in `source/NAME`, then in
    `source`. The names of idx files and PNG folders do not tell which dataset
    they are of: they are taken from `source/NAME`, or from `source` if a single
    dataset is asked for. Omniglot's pen strokes are kept unless `names` pick.

    Args:
        source: folder of local files.
        data_dir: folder of prepared datasets; `None` for TFDS's own.
        names: of `IMPORTABLE`; by default, all whose files are found.

    Yields:
        A sentence on each dataset when it is done.

    Raises:
        ValueError: If a file is not what it should be.
        FileNotFoundError: If there are no files to import.
        OSError: If `data_dir` cannot be written to.
    """
    folder = pathlib.Path(source).expanduser()
    data_dir = os.path.expanduser(data_dir or prepared.default_data_dir())
    _check_folders(folder, data_dir)
    num_found = 0
    for name in names or IMPORTABLE:
        found = _read(name, folder, is_only=names == [name])
        if found is not None:
            num_found += 1
            yield _import(name, found, data_dir)
        elif names:
            files = npz_files.names(name)
            raise FileNotFoundError(_no_files(name, files, folder))
    strokes = None if names else pen_strokes.find(folder)
    if strokes is not None:
        num_found += 1
        yield _keep_pen_strokes(strokes, pathlib.Path(data_dir))
    if not num_found:
        raise FileNotFoundError(_no_files("any dataset", ("NAME.npz",), folder))


def _check_folders(source: pathlib.Path, data_dir: str) -> None:
    if not source.is_dir():
        raise FileNotFoundError(
            f"The source folder {source} does not exist; give the folder of "
            "npz, idx or PNG files."
        )
    try:
        os.makedirs(data_dir, exist_ok=True)
        is_writable = os.access(data_dir, os.W_OK)
    except OSError:
        is_writable = False
    if not is_writable:
        raise OSError(
            f"The data folder {data_dir} cannot be written to; give another "
            "one with --data_dir."
        )


def _no_files(what: str, files: tuple[str, ...], folder: pathlib.Path) -> str:
    return (
        f"No files of {what} in {folder}: neither {' or '.join(files)}, nor "
        "(in a subfolder NAME, or with a single --dataset=NAME) "
        "*-images-idx3-ubyte[.gz] or train/CLASS/*.png and test/CLASS/*.png."
    )


def _read(
    name: str, source: pathlib.Path, *, is_only: bool
) -> sources.Drawings | sources.Runs | None:
    for folder in (source / name, source):
        if name == datasets.ONE_SHOT:
            found = npz_files.read_one_shot(folder)
        else:
            found = npz_files.read(name, folder)
            if found is None and (is_only or folder != source):
                found = idx_files.read(name, folder)
                found = found or png_files.read(name, folder)
        if found is not None:
            return found
    return None


def _import(
    name: str, found: sources.Drawings | sources.Runs, data_dir: str
) -> str:
    imported = prepared.IMPORTED.format(name)
    folder = os.path.join(data_dir, imported, _VERSION)
    if os.path.exists(folder):
        return (
            f"{name}: already in {folder}; delete that folder to import it "
            "again."
        )
    store = _store_runs if name == datasets.ONE_SHOT else _store_drawings
    splits, features, description = store(name, found)
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
        sentence += f" But {preferred} is there too, and is preferred."
    return sentence


def _keep_pen_strokes(
    arrays: dict[str, np.ndarray], data_dir: pathlib.Path
) -> str:
    unfinished = data_dir / f"{pen_strokes.FILE}.unfinished"
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    unfinished.replace(data_dir / pen_strokes.FILE)
    count = len(pen_strokes.read(str(data_dir)))
    return (
        f"pen strokes of Omniglot: {count:,} drawings. Now in "
        f"{data_dir / pen_strokes.FILE}."
    )


def _store_drawings(name, found):
    splits = {split: _examples(name, split, found) for split in datasets.SPLITS}
    shape = (*found.images["train"].shape[1:], 1)
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(shape=shape),
            "label": tfds.features.ClassLabel(names=found.class_names),
        }
    )
    num_train, num_test = (len(found.labels[s]) for s in datasets.SPLITS)
    full_train, full_test = datasets.dataset(name).num_drawings
    description = (
        f"{num_train:,} train and {num_test:,} test drawings imported from "
        f"{found.origin.name}; the published dataset has {full_train:,} and "
        f"{full_test:,}."
    )
    return splits, features, description


def _examples(name, split, found):
    rows = zip(found.images[split], found.labels[split], strict=True)
    rows = tqdm.tqdm(
        rows, f"{name} {split}", len(found.labels[split]), unit=" drawings"
    )
    for row, (image, label) in enumerate(rows):
        yield row, {"image": image[..., np.newaxis], "label": label}


def _store_runs(name, found):
    num_runs, num_characters, *shape = found.support.shape
    features = omniglot_oneshot.features(num_characters, tuple(shape))
    description = (
        f"{num_runs} runs of {num_characters}-way one-shot classification "
        f"imported from {found.origin.name}; 20 were published."
    )
    return {"test": _runs(name, found)}, features, description


def _runs(name, found):
    for row in tqdm.trange(len(found.answers), desc=name, unit=" runs"):
        yield (
            row,
            {
                "run": row + 1,
                "support": found.support[row, ..., np.newaxis],
                "query": found.query[row, ..., np.newaxis],
                "answers": found.answers[row],
            },
        )
