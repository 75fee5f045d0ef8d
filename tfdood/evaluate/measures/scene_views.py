"""Scenes of a job, as they are and as a model sees them."""

from typing import NamedTuple

import numpy as np

from tfdood import data
from tfdood.data import datasets
from tfdood.data.scenes import NO_OBJECT
from tfdood.evaluate.measures.detection import Boxes, Objects
from tfdood.evaluate.records.job import Job

IS_PRESENT = 0.5
"""The presence above which an object counts as there."""


class Scenes(NamedTuple):
    """Real scenes.

    Attributes:
        images: `[N, S, S, C]` float32 in [0, 1].
        objects: the boxes of the ink of digits, or of solids.
        labels: `[N, M]`, digits or shapes; -1 where there is none.
        source: where they come from, in words.
    """

    images: np.ndarray
    objects: Objects
    labels: np.ndarray
    source: str


class View(NamedTuple):
    """What a model sees in scenes.

    Attributes:
        boxes: of its objects; the scores are their presences.
        what: `[N, P, D]`, the mean latents of what the objects are.
        canvas: `[N, S, S, C]` in [0, 1], its reconstructions.
    """

    boxes: Boxes
    what: np.ndarray
    canvas: np.ndarray


def read(job: Job, split: str | None = None) -> Scenes:
    """Reads the first scenes of a split; their order has no meaning.

    Args:
        job: with the dataset, the image size and the number of scenes.
        split: that of the job by default.

    Raises:
        ValueError: If the dataset of the job is not one of scenes, or the model
            takes images of another number of channels.
    """
    names = (*datasets.SCENES, datasets.ARROWS)
    if job.dataset not in names:
        raise ValueError(
            "This task reads scenes and the boxes of their objects, got "
            f"dataset={job.dataset}; choose from {', '.join(names)}."
        )
    scenes = data.read_scenes(
        job.dataset,
        split or job.split,
        image_size=job.model.image_size,
        data_dir=job.data_dir,
    ).first(job.num_images)
    datasets.check_channels(scenes.images, job.model.num_channels, job.dataset)
    return Scenes(
        scenes.images.astype(np.float32) / 255.0,
        Objects(scenes.boxes, scenes.labels != NO_OBJECT),
        scenes.labels,
        scenes.source,
    )


def sees_objects(job: Job) -> bool:
    """Whether the model of a job has the signature `detect`."""
    return "detect" in job.model.facts.get("signatures", ())


def view(job: Job, images: np.ndarray) -> View:
    """Finds objects with the model.

    Args:
        job: whose model has the signature `detect`.
        images: `[N, S, S, C]`, in [0, 1].

    Raises:
        ValueError: If the model finds no objects.
    """
    if not sees_objects(job):
        raise ValueError(
            f"The model {job.model.name} finds no objects; evaluate one that "
            "does, such as pretrained:gnm_mnist_4."
        )
    found = job.model.run_all(
        "reconstruct",
        images=images,
        outputs=("boxes", "presence", "what", "canvas"),
    )
    return View(
        Boxes(found["boxes"], found["presence"]), found["what"], found["canvas"]
    )


def present(boxes: Boxes) -> Boxes:
    """Boxes where only those of present objects have a score."""
    is_present = boxes.scores > IS_PRESENT
    return boxes._replace(scores=np.where(is_present, boxes.scores, 0.0))
