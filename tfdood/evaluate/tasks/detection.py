"""Objects of scenes: where the model finds them, and what it tells of them.

The paper's Table 4 has such numbers of GNM (Jiang and Ahn, 2020), but does not
say what its true boxes are. Ours are those of the ink. A model has no reason to
find the ink's exact box, since the paper around the ink is black as well; so
its boxes are measured as they are, and shrunk to the ink in them.
"""

import numpy as np

from tfdood import data, figures
from tfdood.evaluate.measures import (
    detection,
    digits,
    ink_boxes,
    ratios,
    scene_views,
)
from tfdood.evaluate.measures.detection import Boxes
from tfdood.evaluate.measures.scene_views import Scenes, View
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.evaluate.tasks import probe

DEFAULTS = {"num_images": 1_000}
"""The settings of the task, and their values without flags."""

VERSION = 2
"""Of the measures: finished jobs of other versions are done again."""

_OVERLAP = 0.5  # of a box and the object that it is matched to
_FEWEST = 100  # matched objects to learn digits from
_CELLS = 4  # rows and columns of the grid of boxes
_NUM_PICTURED = 16


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Measures the boxes and the latents of what is in them.

    Args:
        job: 1,000 scenes by default.

    Returns:
        `average_precision_50` and `average_precision`, see
        `detection.measure`, of all boxes, scored by presence. The same with
        `_of_tightened_boxes`, which are shrunk to the ink of the image in them;
        `_of_connected_ink`, the boxes of connected pieces of ink; and
        `_of_equal_cells`, a grid of 4 x 4 boxes: these two learn nothing.
        What needs ink or digits is left out for `arrow_like`.

        `share_with_right_count`, of the scenes: as many objects are present
        (presence above .5) as there are in the scene.

        With tightened boxes of present objects that overlap a digit by at
        least half: `share_of_matched_digits`, and, of the matched ones,
        `digit_accuracy`: a logistic regression on `what`, see
        `probe.predicted`, that learns from as many validation scenes (training
        scenes, if the split is validation). Beside it,
        `digit_accuracy_of_pixels` (the same regression on 14 x 14 pixels of
        the box), `_of_majority_class`, and the shipped classifier
        (`measures.digits`) that reads the image, `_of_classifier`, and the
        model's canvas, `_of_reconstructions`. Their standard errors are over
        scenes. The accuracies are left out if fewer than 100 objects to learn
        from, or none to test, are matched.

        And the source.

    Raises:
        ValueError: If the dataset is not one of scenes, or the model finds no
            objects.
    """
    test = scene_views.read(job)
    seen = scene_views.view(job, test.images)
    _picture(job, test, seen)
    has_digits = job.dataset in data.SCENES
    references = {"": seen.boxes, "_of_equal_cells": _cells(len(test.images))}
    if has_digits:
        references |= {
            "_of_tightened_boxes": _tightened(test, seen),
            "_of_connected_ink": ink_boxes.connected(
                test.images, seen.boxes.scores.shape[1]
            ),
        }
    measures = {
        f"{metric}{name}": value
        for name, boxes in references.items()
        for metric, value in detection.measure(boxes, test.objects).items()
    }
    num_present = (seen.boxes.scores > scene_views.IS_PRESENT).sum(1)
    measures["share_with_right_count"] = mean(
        num_present == test.objects.is_there.sum(1)
    )
    if not has_digits:
        return measures, test.source
    other = "validation" if job.split == "test" else "train"
    learnt = scene_views.read(job, other)
    return {
        **measures,
        **_what(
            job, (learnt, scene_views.view(job, learnt.images)), test, seen
        ),
    }, test.source


def _what(
    job: Job, learnt: tuple[Scenes, View], test: Scenes, seen: View
) -> dict[str, Measure]:
    """How well digits are told, in matched boxes."""
    train_rows, train_labels = _matched(*learnt)
    rows, labels = _matched(test, seen)
    num_digits = test.objects.is_there.sum(1)
    measures = {
        "share_of_matched_digits": ratios.of_means(rows.sum(1), num_digits)
    }
    if len(train_labels) < _FEWEST or not len(labels):
        return measures
    tight = _tightened(test, seen).boxes
    reader = digits.Reader()
    guesses = {
        "": probe.predicted(
            learnt[1].what[train_rows], train_labels, seen.what[rows], job.seed
        ),
        "_of_pixels": probe.predicted(
            _pixels(*learnt)[train_rows],
            train_labels,
            _pixels(test, seen)[rows],
            job.seed,
        ),
        "_of_majority_class": np.bincount(train_labels).argmax(),
        "_of_classifier": reader(test.images, tight).labels[rows],
        "_of_reconstructions": reader(seen.canvas, tight).labels[rows],
    }
    return measures | {
        f"digit_accuracy{name}": _accuracy(rows, guess == labels)
        for name, guess in guesses.items()
    }


def _accuracy(rows: np.ndarray, is_right: np.ndarray) -> Measure:
    """The share of matched digits `rows` `[N, P]` that are told rightly.

    The error is over scenes, because digits of one scene are explained
    together.
    """
    right = np.zeros(rows.shape)
    right[rows] = is_right
    return ratios.of_means(right.sum(1), rows.sum(1))


def _matched(scenes: Scenes, seen: View) -> tuple[np.ndarray, np.ndarray]:
    """Which boxes are matched to a digit, `[N, P]`, and those digits."""
    found = scene_views.present(_tightened(scenes, seen))
    matched = detection.matches(found, scenes.objects, _OVERLAP)
    labels = np.take_along_axis(scenes.labels, np.maximum(matched, 0), axis=1)
    return matched >= 0, labels[matched >= 0]


def _tightened(scenes: Scenes, seen: View) -> Boxes:
    boxes = ink_boxes.tightened(scenes.images, seen.boxes.boxes)
    return seen.boxes._replace(boxes=boxes)


def _pixels(scenes: Scenes, seen: View) -> np.ndarray:
    """`[N, P, 196]`, the image in each tightened box."""
    boxes = _tightened(scenes, seen).boxes
    crops = digits.crops(scenes.images, boxes).numpy()
    half = digits.SIZE // 2
    parts = crops.reshape(*boxes.shape[:2], half, 2, half, 2)
    return parts.mean((3, 5)).reshape(*boxes.shape[:2], -1)


def _cells(count: int) -> Boxes:
    """A grid of equal boxes that fills each of `count` scenes."""
    y, x = np.divmod(np.arange(_CELLS**2), _CELLS)
    boxes = np.stack([x, y, x + 1, y + 1], -1) / _CELLS
    return Boxes(
        np.broadcast_to(boxes, (count, *boxes.shape)),
        np.ones((count, len(boxes))),
    )


def _picture(job: Job, scenes: Scenes, seen: View) -> None:
    """Draws scenes with the boxes of present objects, and reconstructions."""
    boxes = scene_views.present(seen.boxes)
    images = scenes.images[:_NUM_PICTURED]
    figures.sheet(
        [
            figures.boxed(images, boxes.boxes, boxes.scores > 0.0),
            seen.canvas[:_NUM_PICTURED],
        ],
        ["scenes, and the objects that the model finds", "reconstructions"],
        job.figure("boxes"),
    )
