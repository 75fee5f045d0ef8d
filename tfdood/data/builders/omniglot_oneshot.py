"""A TFDS builder of Omniglot's 20 runs of one-shot classification."""

import pathlib
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

from tfdood.data import datasets
from tfdood.data.builders import manual

_FILE = "all_runs.zip"

_URL = (
    "https://github.com/brendenlake/omniglot/raw/master/python/"
    f"one-shot-classification/{_FILE}"
)


class OmniglotOneshot(tfds.core.GeneratorBasedBuilder):
    """20 runs of 20-way one-shot classification within an alphabet.

    Each example is one run. Images are white ink on black (Lake et al., 2015).
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = f"Put {_URL} into this folder."
    ADDRESS = _URL

    def _info(self) -> tfds.core.DatasetInfo:
        row = datasets.dataset("omniglot")
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "The 20 one-shot classification runs of Omniglot. Licence: "
                f"{row.licence}."
            ),
            features=features(num_characters=20, shape=(105, 105)),
            homepage=row.homepage,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        paths = manual.local_or_downloaded(dl_manager, {_FILE: _URL})
        return {"test": self._generate_examples(paths[_FILE])}

    def _generate_examples(
        self, path: pathlib.Path
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        try:
            with zipfile.ZipFile(path) as archive:
                files = map(pathlib.PurePosixPath, sorted(archive.namelist()))
                labels = [f for f in files if f.name == "class_labels.txt"]
                runs = [read_run(archive, str(file)) for file in labels]
        except Exception as error:  # Damage appears as one of a dozen types.
            raise ValueError(
                f"{path} is not a readable archive of runs ({error}); get it "
                "again."
            ) from error
        for run in runs:
            yield run["run"], run


def features(
    num_characters: int, shape: tuple[int, int]
) -> tfds.features.FeaturesDict:
    """The features of one run, as TFDS stores them.

    Args:
        num_characters: number of characters in a run, `C`.
        shape: `(H, W)` of the images in pixels.

    Returns:
        `run` (int64), `support` and `query` (`C` images `[H, W, 1]`), and
        `answers` `[C]` (int64).
    """
    images = tfds.features.Sequence(
        tfds.features.Image(shape=(*shape, 1)), length=num_characters
    )
    return tfds.features.FeaturesDict(
        {
            "run": np.int64,
            "support": images,
            "query": images,
            "answers": tfds.features.Tensor(
                shape=(num_characters,), dtype=np.int64
            ),
        }
    )


def read_run(archive: zipfile.ZipFile, labels: str) -> dict[str, Any]:
    """Reads one run from the published archive.

    Each line of `class_labels.txt` names a query image and its support image:

        run01/test/item01.png run01/training/class19.png

    Args:
        archive: the open zip file, with `runNN/class_labels.txt` and images.
        labels: the path of `class_labels.txt` in the archive.

    Returns:
        `run`, the number of the run from 1; `support` and `query`,
        `[C, H, W, 1]`, uint8, white ink on black; and `answers`, `[C]`, int64.
    """
    folder = pathlib.PurePosixPath(labels).parent
    lines = archive.read(labels).decode().split("\n")
    pairs = [line.split() for line in lines if line.strip()]
    support = sorted(answer for _, answer in pairs)
    return {
        "run": int(folder.name.removeprefix("run")),
        "support": _images(archive, folder.parent, support),
        "query": _images(archive, folder.parent, [q for q, _ in pairs]),
        "answers": np.array([support.index(answer) for _, answer in pairs]),
    }


def _images(
    archive: zipfile.ZipFile, root: pathlib.PurePath, paths: Sequence[str]
) -> np.ndarray:
    """Reads images `[C, H, W, 1]` and inverts them to white on black."""
    images = []
    for path in paths:
        with archive.open(str(root / path)) as file:
            images.append(np.asarray(Image.open(file).convert("L")))
    return 255 - np.stack(images)[..., np.newaxis]
