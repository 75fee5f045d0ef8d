"""Samples of scenes: do they obey the rule of the dataset?

A classifier reads the digits in boxes (`measures.digits`), and the rule is
checked (`measures.scene_rules`). This is not the S-Acc of the paper (Jiang and
Ahn, 2020), for which people judged 250 samples. How far the judge can be
trusted is measured on real scenes, which all obey the rule.
"""

import numpy as np

from tfdood import data, figures
from tfdood.evaluate.measures import (
    digits,
    ink_boxes,
    scene_rules,
    scene_views,
)
from tfdood.evaluate.measures.detection import Boxes
from tfdood.evaluate.measures.scene_rules import Verdict
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 500}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_LEAST_CONFIDENCE = 0.5
_UNREADABLE = -1  # obeys no rule
_MOST_PIECES = 16
_SHUFFLES = 1  # stream of random numbers; samples use stream 0
_COLUMNS, _ROWS = 8, 4


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Judges samples from the prior, and real scenes by the same judge.

    Args:
        job: 500 samples by default, and as many real scenes.

    Returns:
        `scene_accuracy`, the share of the samples that obey the rule, and
        `share_with_right_digits`, of which the digits in each quadrant are
        right, wherever they are. A digit that the classifier takes for less
        than half certain is not right. Present objects have a presence above
        .5; their boxes are shrunk to the ink. Models that draw without boxes
        do not have these two.

        The same with

        - `_by_connected_ink`: connected pieces of ink are the boxes, whatever
          the model says. It compares models with and without boxes;
        - `_of_real_scenes`, in the boxes that the model finds, if it finds
          any, and `_of_real_scenes_by_connected_ink`: what the judge says of
          scenes that are right;
        - `_of_real_scenes_by_true_boxes`: the judge alone;
        - `_of_shuffled_digits`: real scenes in true boxes, where the digits
          change places at random; and `_of_blank_scenes`: these learn
          nothing.

        And the source.

    Raises:
        ValueError: If the dataset is not one of scenes of digits.
    """
    if job.dataset not in data.SCENES:
        raise ValueError(
            "This task reads the digits of scenes, got "
            f"dataset={job.dataset}; choose from {', '.join(data.SCENES)}."
        )
    real = scene_views.read(job)
    sample = job.model.run_all(
        "generate", seeds=seeds.of_rows(job.num_images, job.seed)
    )
    canvas = sample["canvas"]
    pieces = _pieces(canvas)
    blank = np.zeros_like(real.images)
    judge = _Judge(job.dataset)
    true = Boxes(real.objects.boxes, real.objects.is_there.astype(np.float32))
    verdicts = {
        "_by_connected_ink": judge(canvas, pieces),
        "_of_real_scenes_by_connected_ink": judge(
            real.images, _pieces(real.images)
        ),
        "_of_real_scenes_by_true_boxes": judge(real.images, true),
        "_of_shuffled_digits": judge.shuffled(real.images, true, job.seed),
        "_of_blank_scenes": judge(blank, _pieces(blank)),
    }
    shown = pieces
    if "boxes" in sample:
        shown = scene_views.present(Boxes(sample["boxes"], sample["presence"]))
        verdicts[""] = judge(canvas, shown)
    if scene_views.sees_objects(job):
        found = scene_views.view(job, real.images).boxes
        verdicts["_of_real_scenes"] = judge(
            real.images, scene_views.present(found)
        )
    _picture(job, canvas, shown, judge)
    return {
        f"{metric}{name}": mean(values)
        for name, verdict in verdicts.items()
        for metric, values in (
            ("scene_accuracy", verdict.scene),
            ("share_with_right_digits", verdict.digits),
        )
    }, real.source


class _Judge:
    """Reads digits in boxes, and judges by the rule of a dataset."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reader = digits.Reader()

    def __call__(self, images: np.ndarray, boxes: Boxes) -> Verdict:
        return self._verdict(*self.read(images, boxes), boxes.scores > 0.0)

    def read(
        self, images: np.ndarray, boxes: Boxes
    ) -> tuple[np.ndarray, np.ndarray]:
        """Tightened boxes `[N, P, 4]`, and the digits in them, `[N, P]`."""
        tight = ink_boxes.tightened(images, boxes.boxes)
        found = self._reader(images, tight)
        is_certain = found.confidence >= _LEAST_CONFIDENCE
        return tight, np.where(is_certain, found.labels, _UNREADABLE)

    def shuffled(self, images: np.ndarray, boxes: Boxes, seed: int) -> Verdict:
        """The verdict if the digits of each scene change places."""
        tight, labels = self.read(images, boxes)
        rng = np.random.default_rng([seed, _SHUFFLES])
        is_there = boxes.scores > 0.0
        for own, is_own in zip(labels, is_there, strict=True):
            own[is_own] = rng.permutation(own[is_own])
        return self._verdict(tight, labels, is_there)

    def _verdict(
        self, boxes: np.ndarray, labels: np.ndarray, is_there: np.ndarray
    ) -> Verdict:
        centres = (boxes[..., :2] + boxes[..., 2:]) / 2.0
        return scene_rules.judge(self._name, centres, labels, is_there)


def _pieces(images: np.ndarray) -> Boxes:
    return ink_boxes.connected(images, _MOST_PIECES)


def _picture(job: Job, canvas: np.ndarray, shown: Boxes, judge: _Judge) -> None:
    """Draws samples, their boxes, and the digits that are read in them."""
    rows = slice(_COLUMNS * _ROWS)
    boxes = Boxes(shown.boxes[rows], shown.scores[rows])
    _, labels = judge.read(canvas[rows], boxes)
    is_there = boxes.scores > 0.0
    texts = [
        " ".join("?" if digit < 0 else str(digit) for digit in own[is_own])
        for own, is_own in zip(labels, is_there, strict=True)
    ]
    tiles = figures.boxed(canvas[rows], boxes.boxes, is_there, texts)
    lines = [tiles[i : i + _COLUMNS] for i in range(0, len(tiles), _COLUMNS)]
    figures.sheet(
        lines,
        ["drawn by the model; the digits that are read in the boxes"]
        + [""] * (len(lines) - 1),
        job.figure("samples"),
    )
