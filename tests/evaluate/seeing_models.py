"""Stand-ins for exported models that find objects in scenes."""

import functools
import types
from typing import Any

import numpy as np

from tfdood import data
from tfdood.evaluate.measures import scene_views

_SIZE = 64
_NUM_BOXES = 12
_NUM_CODES = 12


@functools.cache
def _scenes(name: str, split: str) -> data.SceneSet:
    return data.read_scenes(name, split, image_size=_SIZE)


class SeeingModel:
    """Knows the scenes of a dataset, and answers as a model that finds objects.

    Its boxes are larger than the ink by a margin, `what` is the class of the
    object in one-hot code with noise, and samples are real training scenes.

    Args:
        name: one of `data.SCENES`.
        margin: of each side of a box, in the unit square.
        count: the number of scenes of each split that it knows.
        has_boxes: whether it finds objects at all.
    """

    name = "seeing"
    fingerprint = "0123456789abcdef"
    image_size = _SIZE

    def __init__(
        self,
        name: str,
        *,
        margin: float = 0.01,
        count: int = 60,
        has_boxes: bool = True,
    ) -> None:
        self._has_boxes, self._margin = has_boxes, margin
        signatures = ("detect", "generate") if has_boxes else ("generate",)
        self.facts = {"signatures": signatures}
        self.config = types.SimpleNamespace()
        self._sets = {
            split: _scenes(name, split).first(count)
            for split in ("train", "validation", "test")
        }
        self.num_channels = self._sets["test"].images.shape[-1]
        self._places = {
            image.tobytes(): (split, row)
            for split, scenes in self._sets.items()
            for row, image in enumerate(scenes.images)
        }

    def run_all(
        self, signature: str, *, outputs: tuple[str, ...] = (), **inputs: Any
    ) -> dict[str, np.ndarray]:
        """Answers as `ExportedModel.run_all`."""
        del outputs
        if signature == "reconstruct":
            images = np.rint(255.0 * inputs["images"]).astype(np.uint8)
            known = [self._places[image.tobytes()] for image in images]
            return {"canvas": inputs["images"], **self._seen(known)}
        known = [("train", row) for row in range(len(inputs["seeds"]))]
        images = self._sets["train"].images[: len(known)]
        found = {"canvas": images.astype(np.float32) / 255.0}
        if self._has_boxes:
            seen = self._seen(known)
            found |= {name: seen[name] for name in ("boxes", "presence")}
        return found

    def _seen(self, known: list[tuple[str, int]]) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(0)
        shape = len(known), _NUM_BOXES
        boxes = np.zeros((*shape, 4), np.float32)
        presence = np.zeros(shape, np.float32)
        what = rng.normal(scale=0.2, size=(*shape, _NUM_CODES))
        for number, (split, row) in enumerate(known):
            scenes = self._sets[split]
            own = np.flatnonzero(scenes.labels[row] >= 0)
            margins = self._margin * np.array([-1, -1, 1, 1])
            boxes[number, own] = scenes.boxes[row, own] + margins
            presence[number, own] = 0.9
            what[number, own, scenes.labels[row, own]] += 1.0
        is_present = presence > scene_views.IS_PRESENT
        boxes[~is_present] = [0.4, 0.4, 0.6, 0.6]
        presence[~is_present] = 0.1
        return {
            "boxes": boxes,
            "presence": presence,
            "depth": np.zeros(shape, np.float32),
            "what": what.astype(np.float32),
        }
