"""A TFDS builder of people's strokes of Omniglot, as B-splines."""

import pathlib
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from tfdood.data import alphabets, datasets, embedded, pen_strokes, strokes
from tfdood.data.builders import manual
from tfdood.data.importers import pen_stroke_files
from tfdood.data.pen_strokes import PenDrawing

_URL = "https://github.com/brendenlake/omniglot/raw/master/python/{}"

_FILES = ("strokes_background.zip", "images_background.zip")


class OmniglotStrokes(tfds.core.GeneratorBasedBuilder):
    """Pen strokes of background characters, with the published images.

    Each example is one drawing. `alphabets.split_of_strokes` has the splits.
    Each stroke is a B-spline, see `data.strokes`. The pen strokes are those of
    `omniglot_strokes.npz` in the data folder (`data.pen_strokes`). If it is not
    there, it is made of the published ones; files in the manual folder are used
    directly, the others are downloaded.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        f"Put {', '.join(map(_URL.format, _FILES))} into this folder."
    )
    ADDRESS = _URL.format(_FILES[0])

    def _info(self) -> tfds.core.DatasetInfo:
        row = datasets.dataset("omniglot")
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Pen strokes of Omniglot's background characters as minimal "
                f"cubic B-splines. Licence: {row.licence}."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(105, 105, 1)),
                    "label": tfds.features.ClassLabel(
                        names=embedded.read("omniglot", "train").class_names
                    ),
                    "drawer": np.int64,
                    "exact": np.bool_,
                    "control_points": tfds.features.Tensor(
                        shape=(None, 2), dtype=np.float32
                    ),
                    "num_control_points": tfds.features.Tensor(
                        shape=(None,), dtype=np.int32
                    ),
                }
            ),
            homepage=row.homepage,
            disable_shuffling=True,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        drawings = self._pen_drawings(dl_manager)
        splits = alphabets.split_of_strokes(
            np.array([drawing.class_id for drawing in drawings])
        )
        return {
            split: self._generate_examples(
                [drawings[row] for row in np.flatnonzero(splits == split)]
            )
            for split in datasets.SPLITS
            if split in splits
        }

    def _generate_examples(
        self, drawings: Sequence[PenDrawing]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        images = pen_strokes.images(drawings)
        splines = strokes.fit([drawing.strokes for drawing in drawings])
        for row, (drawing, image, own) in enumerate(
            zip(drawings, images, splines, strict=True)
        ):
            yield (
                row,
                {
                    "image": image,
                    "label": drawing.class_id - 1,
                    "drawer": drawing.drawer,
                    "exact": drawing.exact,
                    "control_points": np.concatenate(own).astype(np.float32),
                    "num_control_points": np.array(
                        list(map(len, own)), np.int32
                    ),
                },
            )

    def _pen_drawings(
        self, dl_manager: tfds.download.DownloadManager
    ) -> list[PenDrawing]:
        root = self.data_path.parents[1]
        if not (root / pen_strokes.FILE).exists():
            self._write_published(dl_manager, root)
        return pen_strokes.read(str(root))

    def _write_published(
        self, dl_manager: tfds.download.DownloadManager, root: pathlib.Path
    ) -> None:
        urls = {name: _URL.format(name) for name in _FILES}
        paths = manual.local_or_downloaded(dl_manager, urls)
        with tempfile.TemporaryDirectory() as folder:
            for name, path in paths.items():
                target = pathlib.Path(path).absolute()
                (pathlib.Path(folder) / name).symlink_to(target)
            drawings = pen_stroke_files.read(pathlib.Path(folder))
        pen_strokes.write(drawings, root)
