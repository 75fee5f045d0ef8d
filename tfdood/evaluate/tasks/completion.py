"""Unfinished drawings and their completions (Fig. 8), made in three ways.

`sampled`: the first stroke of samples from the prior at `job.temperature`, as
in the authors' demonstration. `drawn`: drawings of the dataset, of which the
first half of the strokes of the model's own reconstruction is kept; one stroke
of two or three, two of four or five. `from_P_percent`: drawings of the dataset,
of which the first P % of the ink is kept, in the order in which text is read;
these are the same for all models, and their whole is known. The signature
`complete` sees the unfinished image alone, parses it, and draws on at
temperature 1.
"""

import pathlib
from typing import NamedTuple

import numpy as np

from tfdood import figures
from tfdood.data import datasets
from tfdood.evaluate.measures import class_agreement, features, unfinished
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 100, "temperature": 0.5}
"""The settings of the task, and their values without flags."""

VERSION = 3
"""Of the measures: finished jobs of other versions are done again."""

PERCENTS = (10, 30, 50)
"""Of the ink, that unfinished drawings have."""

_NUM_COMPLETIONS = 8
_NUM_TEST, _NUM_TRAINING = 20_000, 10_000  # drawings for classes and copies
_MORE = 4  # drawings to look through for one that can be halved
_ROWS_A_CALL, _GIVEN_A_CALL = 64, 8
_NUM_PICTURED = 8
_STREAMS = {"sampled": 1, "drawn": 2} | {
    f"from_{percent}_percent": 3 + i for i, percent in enumerate(PERCENTS)
}  # of random numbers; samples have 0


class HalfDrawn(NamedTuple):
    """Drawings of which some strokes are kept.

    Attributes:
        images: `[N, S, S, 1]` in [0, 1], the ink of the strokes kept.
        num_strokes: `[N]`, of the strokes kept.
        row: `[N]`, the row of the inputs that gave the whole drawing.
    """

    images: np.ndarray
    num_strokes: np.ndarray
    row: np.ndarray


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Completes unfinished images, each 8 times.

    Args:
        job: at most 100 unfinished images of each kind by default.

    Returns:
        Means over images, with `sampled_` and `drawn_` before their names, of
        `strokes_added` (beyond those kept), `ink_kept`, `share_ignored`,
        `ink_added` and `diversity` (see `compare`), the measures of
        `from_first_ink`, and the source.

    Raises:
        ValueError: If the model completes no drawings.
    """
    if "complete" not in job.model.signature_names:
        raise ValueError(
            f"The model {job.model.name} has no signature complete; evaluate a "
            "model that explains drawings by strokes, such as pretrained:mnist."
        )
    count = job.num_images
    test = job.drawings(_MORE * count)
    order = np.random.default_rng(job.seed).permutation(len(test.images))
    images = test.images[order]
    half = half_drawn(job, "reconstruct", count, images=images)
    measures, canvas = _completed(job, half, "drawn")
    _picture(half.images, canvas, images[half.row], job.figure("drawn"))

    row_seeds = seeds.of_rows(_MORE * count, job.seed)
    temperature = np.full(len(row_seeds), job.temperature, np.float32)
    half = half_drawn(
        job,
        "generate_tempered",
        count,
        one_stroke=True,
        seeds=row_seeds,
        temperature=temperature,
    )
    more, canvas = _completed(job, half, "sampled")
    _picture(half.images, canvas, None, job.figure("sampled"))
    return {**measures, **more, **from_first_ink(job)}, test.source


def from_first_ink(job: Job) -> dict[str, Measure]:
    """Completes drawings of which some ink is left, and draws them.

    Args:
        job: at most 100 drawings by default, of all classes.

    Returns:
        Means over drawings, with `from_P_percent_` before their names for each
        of `PERCENTS`, of `error` and `best_error`, of the 8 completions against
        the whole drawing, with ink cut off at 1 (see `unfinished.errors`), and
        `class_kept`, the share of completions to which the mean of the right
        class is nearest in `features`. The same but the best `_of_unfinished`,
        of the drawing as it was given, and `_of_nearest_drawings`, of copies of
        those 8 of at most 10,000 training drawings whose first ink is nearest
        to it, the mean and the best of as many as there are completions. And
        `class_kept_of_whole_drawings`, the most to expect. Datasets of one
        class have no `class_kept`.
    """
    test = job.drawings(_NUM_TEST)
    rows = class_agreement.given_rows(test.labels, job.num_images)
    whole = test.images[rows]
    train = job.drawings(_NUM_TRAINING, split="train").images
    extract = features.Extractor()
    real = extract(test.images)

    def class_kept(images: np.ndarray) -> np.ndarray:
        made = extract(images.reshape(-1, *images.shape[2:]))
        made = made.reshape(*images.shape[:2], -1)
        return class_agreement.is_kept(made, rows, real, test.labels).mean(1)

    measures = {}
    has_classes = len(np.unique(test.labels)) > 1
    if has_classes:
        kept = class_kept(whole[:, np.newaxis])
        measures["class_kept_of_whole_drawings"] = mean(kept)
    for percent in PERCENTS:
        kind = f"from_{percent}_percent"
        given = unfinished.first_ink(whole, percent / 100)
        canvas, _ = _complete(job, given, kind)
        copies = unfinished.nearest(
            given, train, percent / 100, _NUM_COMPLETIONS
        )
        for of, images in {
            "": canvas,
            "_of_unfinished": given[:, np.newaxis],
            "_of_nearest_drawings": train[copies],
        }.items():
            values = unfinished.errors(images, whole)
            if has_classes:
                values["class_kept"] = class_kept(images)
            if images.shape[1] == 1:
                del values["best_error"]  # of one, it is its error
            measures |= {f"{kind}_{k}{of}": mean(v) for k, v in values.items()}
        _picture(given, canvas, whole, job.figure(kind))
    return measures


def half_drawn(
    job: Job,
    signature: str,
    count: int,
    *,
    one_stroke: bool = False,
    **inputs: np.ndarray,
) -> HalfDrawn:
    """Draws with a model, and keeps the first strokes.

    Args:
        job: with the model.
        signature: to draw with, until there are enough drawings.
        count: of drawings to return at most.
        one_stroke: keep the first stroke only, not the first half of at least
            two strokes, rounded down.
        **inputs: of the signature.

    Raises:
        ValueError: If no drawing has enough strokes.
    """
    num_rows = len(next(iter(inputs.values())))
    found: list[HalfDrawn] = []
    for start in range(0, num_rows, _ROWS_A_CALL):
        rows = slice(start, start + _ROWS_A_CALL)
        result = job.model.run(
            signature, **{name: x[rows] for name, x in inputs.items()}
        )
        num_strokes = result["num_strokes"].numpy()
        num_kept = (
            np.minimum(num_strokes, 1) if one_stroke else num_strokes // 2
        )
        found.append(_kept(result["canvases"].numpy(), num_kept, start))
        if sum(len(half.row) for half in found) >= count:
            break
    if not any(len(half.row) for half in found):
        raise ValueError(
            f"None of {num_rows} drawings by {job.model.name} has enough "
            "strokes to leave some out. Use more drawings, or evaluate a model "
            "that uses more strokes."
        )
    columns = zip(*found, strict=True)
    return HalfDrawn(*(np.concatenate(x)[:count] for x in columns))


def _kept(
    canvases: np.ndarray, num_kept: np.ndarray, first_row: int
) -> HalfDrawn:
    """The drawings of which at least one stroke is kept."""
    chosen = np.flatnonzero(num_kept)
    num_kept = num_kept[chosen]
    return HalfDrawn(
        np.clip(canvases[chosen, num_kept - 1], 0.0, 1.0),
        num_kept,
        first_row + chosen,
    )


def compare(
    given: np.ndarray, completions: np.ndarray
) -> dict[str, np.ndarray]:
    """What completions keep, what they add, and how much they differ.

    Args:
        given: `[N, S, S, 1]` in [0, 1].
        completions: `[N, C, S, S, 1]` in [0, 1], C at least 2.

    Returns:
        Each `[N]`: `ink_kept`, the share of the given ink that is in a
        completion; `share_ignored`, of the completions that keep less than
        half of it, for example if the parse has no stroke; `ink_added`, what is
        beyond it, as a share of it; `diversity`, 1 - intersection / union of
        what two completions add, 0 if they add the same and 1 if nothing in
        common.
    """
    num_completions = completions.shape[1]
    given = given.reshape(len(given), 1, -1)
    completions = completions.reshape(len(given), num_completions, -1)
    ink = given.sum(-1)
    added = np.maximum(completions - given, 0.0)
    first, second = (
        added[:, rows] for rows in np.triu_indices(num_completions, 1)
    )
    intersection = np.minimum(first, second).sum(-1)
    union = np.maximum(first, second).sum(-1)
    kept = _share(np.minimum(completions, given).sum(-1), ink)
    return {
        "ink_kept": kept.mean(-1),
        "share_ignored": (kept < 0.5).mean(-1),
        "ink_added": _share(added.sum(-1), ink).mean(-1),
        "diversity": _share(union - intersection, union).mean(-1),
    }


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """`part / whole`, 0 of nothing."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


def _completed(
    job: Job, half: HalfDrawn, kind: str
) -> tuple[dict[str, Measure], np.ndarray]:
    """The measures, and completions `[N, C, S, S, 1]` in [0, 1]."""
    canvas, num_strokes = _complete(job, half.images, kind)
    values = {
        "strokes_added": num_strokes.mean(1) - half.num_strokes,
        **compare(half.images, canvas),
    }
    return {f"{kind}_{name}": mean(x) for name, x in values.items()}, canvas


def _complete(
    job: Job, images: np.ndarray, kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """Completes images, in parts that are kept.

    Args:
        job: with the model.
        images: `[N, S, S, 1]`.
        kind: one of `_STREAMS`.

    Returns:
        Completions `[N, C, S, S, 1]` in [0, 1], and their numbers of strokes
        `[N, C]`.
    """
    count = len(images)
    row_seeds = seeds.of_rows(
        count * _NUM_COMPLETIONS, job.seed, _STREAMS[kind]
    ).reshape(count, _NUM_COMPLETIONS, 2)

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        given = images[rows]
        result = job.model.run(
            "complete",
            images=np.repeat(given, _NUM_COMPLETIONS, 0),
            seeds=row_seeds[rows].reshape(-1, 2),
        )
        shape = len(given), _NUM_COMPLETIONS
        canvas = result["canvas"].numpy().reshape(*shape, *given.shape[1:])
        return {
            "canvas": features.to_bytes(canvas),
            "num_strokes": result["num_strokes"].numpy().reshape(shape),
        }

    found = job.in_chunks(count, _GIVEN_A_CALL, chunk, kind)
    return found["canvas"] / np.float32(255.0), found["num_strokes"]


def _picture(
    images: np.ndarray,
    canvas: np.ndarray,
    whole: np.ndarray | None,
    path: pathlib.Path,
) -> None:
    """Draws completions, the added ink in a colour, beside what was given."""
    rows = []
    for i in datasets.even_rows(len(images), _NUM_PICTURED):
        given = [images[i]] if whole is None else [whole[i], images[i]]
        rows.append([*given, *figures.highlighted(canvas[i], images[i])])
    title = "unfinished, and completed"
    if whole is not None:
        title = f"drawing, {title}"
    figures.sheet(
        rows,
        [title] + [""] * (len(rows) - 1),
        path,
        num_given=1 if whole is None else 2,
    )
