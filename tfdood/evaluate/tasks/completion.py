"""Half-drawn images and their completions (Fig. 8), made in two ways.

`sampled`: the first stroke of samples from the prior at `job.temperature`, as
in the authors' demonstration. `drawn`: drawings of the dataset, of which the
first half of the strokes of the model's own reconstruction is kept; one stroke
of two or three, two of four or five. The signature `complete` sees the
half-drawn image alone, parses it, and draws on at temperature 1.
"""

import pathlib
from typing import NamedTuple

import numpy as np

from tfdood import figures
from tfdood.evaluate.measures import features
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import seeds

DEFAULTS = {"num_images": 100, "temperature": 0.5}
"""The settings of the task, and their values without flags."""

VERSION = 1
"""Of the measures: finished jobs of other versions are done again."""

_NUM_COMPLETIONS = 8
_MORE = 4  # drawings to look through for one that can be halved
_ROWS_A_CALL, _GIVEN_A_CALL = 64, 8
_NUM_PICTURED = 8
_STREAMS = {"sampled": 1, "drawn": 2}  # of random numbers; samples have 0


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
    """Completes half-drawn images, each 8 times.

    Args:
        job: at most 100 half-drawn images of either kind by default.

    Returns:
        Means over images, with `sampled_` and `drawn_` before their names, of
        `strokes_added` (beyond those kept), `ink_kept`, `share_ignored`,
        `ink_added` and `diversity` (see `compare`), and the source.
    """
    count = job.num_images
    test = job.drawings(_MORE * count)
    order = np.random.default_rng(job.seed).permutation(len(test.images))
    images = test.images[order]
    half = half_drawn(job, "reconstruct", count, images=images)
    measures, canvas = _completed(job, half, "drawn")
    _picture(half, canvas, images[half.row], job.figure("drawn"))

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
    _picture(half, canvas, None, job.figure("sampled"))
    return measures | more, test.source


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
            "strokes to leave some out. Evaluate a model that uses more "
            "strokes."
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
        canvases[chosen, num_kept - 1], num_kept, first_row + chosen
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
    count = len(half.images)
    row_seeds = seeds.of_rows(
        count * _NUM_COMPLETIONS, job.seed, _STREAMS[kind]
    ).reshape(count, _NUM_COMPLETIONS, 2)

    def part(number: int) -> dict[str, np.ndarray]:
        rows = slice(number * _GIVEN_A_CALL, (number + 1) * _GIVEN_A_CALL)
        given = half.images[rows]
        result = job.model.run(
            "complete",
            images=np.repeat(np.clip(given, 0.0, 1.0), _NUM_COMPLETIONS, 0),
            seeds=row_seeds[rows].reshape(-1, 2),
        )
        shape = len(given), _NUM_COMPLETIONS
        canvas = result["canvas"].numpy().reshape(*shape, *given.shape[1:])
        num_strokes = result["num_strokes"].numpy().reshape(shape)
        return {
            "canvas": features.to_bytes(canvas),
            "strokes_added": num_strokes.mean(1) - half.num_strokes[rows],
            **compare(given, canvas),
        }

    parts = job.in_parts(-(-count // _GIVEN_A_CALL), part, kind)
    values = {k: np.concatenate([part[k] for part in parts]) for k in parts[0]}
    canvas = values.pop("canvas") / np.float32(255.0)
    return {f"{kind}_{name}": mean(x) for name, x in values.items()}, canvas


def _picture(
    half: HalfDrawn,
    canvas: np.ndarray,
    whole: np.ndarray | None,
    path: pathlib.Path,
) -> None:
    """Draws completions, the added ink in a colour, beside what was given."""
    rows = []
    last = min(_NUM_PICTURED, len(half.images))
    for i in np.linspace(0, len(half.images) - 1, last).astype(int):
        given = (
            [half.images[i]] if whole is None else [whole[i], half.images[i]]
        )
        rows.append([*given, *figures.highlighted(canvas[i], half.images[i])])
    title = "half-drawn, and completed"
    if whole is not None:
        title = f"drawing, {title}"
    figures.sheet(
        rows,
        [title] + [""] * (last - 1),
        path,
        num_given=1 if whole is None else 2,
    )
