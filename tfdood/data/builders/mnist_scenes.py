"""A TFDS builder of scenes of MNIST digits, for programs other than tfdood.

tfdood itself needs no folder of scenes: `data.read_scenes` makes the same ones
from the prepared MNIST.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from tfdood.data import arrangements, datasets, prepared, reading


class MnistScenes(tfds.core.GeneratorBasedBuilder):
    """Scenes of 128 x 128 pixels, with a box and a class for each digit.

    MNIST comes from the same data folder. Without `data_dir`, that is TFDS's
    own folder; if MNIST is not in there, the embedded sample is used.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=n) for n in datasets.SCENES]

    def __init__(self, *, data_dir: str | None = None, **options: Any) -> None:
        self._digits_dir = data_dir
        data_dir = prepared.data_folder(data_dir)
        super().__init__(data_dir=data_dir, **options)

    def _info(self) -> tfds.core.DatasetInfo:
        row = datasets.dataset(datasets.SCENES[self.builder_config.name])
        size = arrangements.SCENE_SIZE
        kinds = arrangements.of(self.builder_config.name)
        objects = {
            "bbox": tfds.features.BBoxFeature(),
            "label": tfds.features.ClassLabel(names=row.class_names),
        }
        return tfds.core.DatasetInfo(
            builder=self,
            description=(
                "Scenes of MNIST digits by the rules of Jiang and Ahn (2020). "
                f"Licence of the digits: {row.licence}."
            ),
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(size, size, 1)),
                    "objects": tfds.features.Sequence(objects),
                    "kind": tfds.features.ClassLabel(
                        names=[kind.name for kind in kinds]
                    ),
                }
            ),
            homepage=row.homepage,
        )

    def _split_generators(
        self, dl_manager: tfds.download.DownloadManager
    ) -> dict[str, Iterator[tuple[int, dict[str, Any]]]]:
        del dl_manager
        return {n: self._generate_examples(n) for n in datasets.SPLITS}

    def _generate_examples(
        self, split: str
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        scenes = reading.read_scenes(
            self.builder_config.name,
            split,
            image_size=arrangements.SCENE_SIZE,
            data_dir=self._digits_dir,
        )
        for row, labels in enumerate(scenes.labels):
            is_there = labels >= 0
            yield (
                row,
                {
                    "image": scenes.images[row],
                    "objects": {
                        "bbox": _as_bboxes(scenes.boxes[row, is_there]),
                        "label": labels[is_there],
                    },
                    "kind": scenes.kinds[row],
                },
            )


def _as_bboxes(boxes: np.ndarray) -> list[tfds.features.BBox]:
    """Boxes (x0, y0, x1, y1) as TFDS has them."""
    return [
        tfds.features.BBox(ymin=y0, xmin=x0, ymax=y1, xmax=x1)
        for x0, y0, x1, y1 in boxes.tolist()
    ]
