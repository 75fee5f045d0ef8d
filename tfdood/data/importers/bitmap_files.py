"""Quick, Draw! as it was published: one npy file of bitmaps a category.

`NAME.npy` of `full/numpy_bitmap` holds `[N, 784]`, uint8, white ink on black.
The web page of the bucket saves it as `full_numpy_bitmap_NAME.npy`.
"""

import pathlib

import numpy as np
from absl import logging

from tfdood.data import datasets
from tfdood.data.builders import quickdraw_ten
from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings

_PREFIX = "full_numpy_bitmap_"
_SIDE = 28


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads the ten categories from their files.

    Of each category, the drawings are those that `builders.quickdraw_ten`
    chooses: 4,000 for training and 1,000 for testing. A file that has fewer is
    divided in the same proportion. The log names categories without a file,
    and files of other categories.

    Args:
        name: one of `datasets.NAMES`; only `quickdraw` has such files.
        folder: the folder of the files.

    Returns:
        The drawings, or `None` if the folder has no file of the ten.

    Raises:
        ValueError: If a file is damaged, or has fewer than 5 drawings.
    """
    if name != "quickdraw":
        return None
    categories = datasets.dataset(name).class_names
    paths = {_category(path): path for path in sorted(folder.glob("*.npy"))}
    class_names = tuple(c for c in categories if c in paths)
    if not class_names:
        return None
    _report(folder, set(paths), set(categories))
    images = {split: [] for split in datasets.STORED_SPLITS}
    for category in class_names:
        for split, bitmaps in _chosen(paths[category]).items():
            images[split].append(bitmaps.reshape(-1, _SIDE, _SIDE))
    labels = {
        split: np.repeat(np.arange(len(class_names)), list(map(len, parts)))
        for split, parts in images.items()
    }
    images = {split: np.concatenate(parts) for split, parts in images.items()}
    return sources.checked(LocalDrawings(images, labels, class_names, folder))


def _category(path: pathlib.Path) -> str:
    """The category of a file, however its name was saved."""
    name = path.stem.removeprefix(_PREFIX)
    return name.replace("%20", " ").replace("_", " ")


def _report(folder: pathlib.Path, found: set[str], expected: set[str]) -> None:
    for names, text in (
        (expected - found, "has no bitmaps of"),
        (found - expected, "has bitmaps that are not of the ten categories:"),
    ):
        if names:
            logging.warning("%s %s %s.", folder, text, ", ".join(sorted(names)))


def _chosen(path: pathlib.Path) -> dict[str, np.ndarray]:
    """The drawings `[n, 784]` of each split of a category."""
    bitmaps = quickdraw_ten.opened(path)
    builder = quickdraw_ten.QuickdrawTen
    train, test = builder.num_train, builder.num_test
    whole = train + test
    if bitmaps.shape[1:] == (_SIDE**2,) and len(bitmaps) < whole:
        train, test = (len(bitmaps) * part // whole for part in (train, test))
    if test < 1:
        raise ValueError(
            f"{path} holds {len(bitmaps)} drawings, expected at least 5."
        )
    rows = quickdraw_ten.choose(bitmaps, path.name, train + test)
    return {"train": bitmaps[rows[:train]], "test": bitmaps[rows[train:]]}
