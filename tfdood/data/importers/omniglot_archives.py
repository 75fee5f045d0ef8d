"""Omniglot's images as they were published: two zip files.

`images_background.zip` and `images_evaluation.zip` of
github.com/brendenlake/omniglot hold one file
`ALPHABET/characterNN/CLASS_DRAWER.png` a drawing, black ink on white.
"""

import io
import pathlib
import re
import zipfile
from collections.abc import Iterator

import numpy as np
from absl import logging
from PIL import Image

from tfdood.data.importers import sources
from tfdood.data.importers.sources import LocalDrawings

_FILES = {"train": "images_background.zip", "test": "images_evaluation.zip"}
_PNG_FILE = re.compile(r"([^/]+)/character(\d+)/(\d+)_(\d+)\.png$")


def read(name: str, folder: pathlib.Path) -> LocalDrawings | None:
    """Reads Omniglot from its published archives.

    Args:
        name: one of `datasets.NAMES`; only `omniglot` has such files.
        folder: the folder of the archives.

    Returns:
        The drawings, or `None` if an archive is missing. If only one is there,
        the log says that both are needed.

    Raises:
        ValueError: If an archive is damaged, or has no images.
    """
    paths = {split: folder / file for split, file in _FILES.items()}
    missing = [path.name for path in paths.values() if not path.exists()]
    if name != "omniglot" or len(missing) == len(paths):
        return None
    if missing:
        logging.warning(
            "The images of Omniglot in %s are not imported: %s is missing, and "
            "both archives are needed.",
            *(folder, missing[0]),
        )
        return None
    images, labels, class_names = {}, {}, {}
    for split, path in paths.items():
        drawings = [
            (int(match[3]) - 1, f"{match[1]}_{int(match[2]) - 1}", ink)
            for file, ink in inked(path)
            if (match := _PNG_FILE.search(file))
        ]
        if not drawings:
            raise ValueError(
                f"{path} must hold images ALPHABET/characterNN/CLASS_DRAWER.png"
                ", got none; get it again."
            )
        labels[split] = np.array([label for label, _, _ in drawings])
        class_names |= {label: text for label, text, _ in drawings}
        images[split] = np.stack([ink for _, _, ink in drawings])
        images[split] = images[split].astype(np.uint8) * np.uint8(255)
    return sources.checked(_numbered(images, labels, class_names, folder))


def inked(path: pathlib.Path) -> Iterator[tuple[str, np.ndarray]]:
    """Reads the images of an archive.

    Args:
        path: of the archive.

    Yields:
        The name of each PNG file in the archive, and where its image is dark:
        `[H, W]`, bool.

    Raises:
        ValueError: If the archive or an image is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for file in sorted(archive.namelist()):
                if file.endswith(".png") and "/." not in file:
                    yield file, _inked(archive.read(file))
    except Exception as error:  # Damage appears as one of a dozen types.
        raise ValueError(
            f"{path} is not a readable archive of images ({error}); get it "
            "again."
        ) from error


def _inked(contents: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(contents), formats=["PNG"]) as image:
        return np.asarray(image.convert("L")) < 128


def _numbered(
    images: dict[str, np.ndarray],
    labels: dict[str, np.ndarray],
    class_names: dict[int, str],
    folder: pathlib.Path,
) -> LocalDrawings:
    """Numbers the classes that there are, in the order of their numbers."""
    numbers = sorted(class_names)
    labels = {k: np.searchsorted(numbers, v) for k, v in labels.items()}
    names = tuple(class_names[number] for number in numbers)
    return LocalDrawings(images, labels, names, folder)
