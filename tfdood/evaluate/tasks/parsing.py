"""Agreement of inferred strokes with those of the people who drew.

Not in the paper. `measures.stroke_agreement` has the measures.
"""

from collections.abc import Mapping

import numpy as np

from tfdood.data import datasets, pen_strokes
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import (
    human_strokes,
    stroke_agreement,
    stroke_sheet,
)
from tfdood.evaluate.records import values as values_lib
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import lines, seeds, splines
from tfdood.parsing.base import Parser, Parses

DEFAULTS = {"num_images": 1_000, "num_particles": 10}
"""The settings of the task, and their values without flags."""

DEFAULTS_OF_SEARCH = {"num_images": 1_000}
"""The same for searched strokes."""

VERSION = 3
"""Of the measures: finished jobs of other versions are done again."""

_IMAGES_A_PART = 32


def inputs(data_dir: str | None) -> dict[str, str]:
    """Describes what a job reads beside its dataset: people's pen strokes.

    Args:
        data_dir: of prepared datasets, or None for the default ones.
    """
    return {"strokes": pen_strokes.describe(data_dir)}


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Compares inferred strokes with human ones; draws both in their order.

    The images are Omniglot's own. References take the place of the model:
    `by_other_drawer`, the strokes of another person who drew the same
    character, moved and stretched onto the drawing; `by_line`, one straight
    stroke from end to end of the drawing; `by_other_character`, a person's
    strokes for some other character; `by_beziers`, the drawing's own strokes,
    however many, each as one Bezier curve of 5 control points; and
    `by_top_left`, the same strokes, ordered by how far to the top left they
    reach. A direction chosen by chance is right in half of all cases, an order
    chosen by chance has the value 0.

    Args:
        job: 1,000 drawings by default; the most probable of 10 parses
            (`num_particles`) is compared, or what the job's explainer finds: of
            a search, the set of strokes with the largest score, in the order
            with the largest log p(strokes).

    Returns:
        `chamfer_distance` (of matched strokes, in image widths), `f_score`,
        `count_error`, `order` (Kendall's tau) and `direction` (the share that
        is right, both of matched strokes that are near), those also of
        references that have them; `pixel_error`, the mean absolute error of
        the parse as the model renders it, and `num_strokes` of the parse. Each
        for all drawings, and apart for those whose strokes are as recorded,
        `_recorded`, and for others, `_recovered`. And the source. The F-scores
        of single drawings are kept, see `records.values`.

    Raises:
        FileNotFoundError: If the pen strokes are not in the data folder.
        ValueError: If the dataset is not Omniglot or its strokes.
    """
    _check(job)
    human = human_strokes.read(job)
    parser = parsers.build(
        job.model,
        num_parses=1,
        num_tries=job.num_particles or 1,
        explainer=job.explainer,
    )
    inferred, errors = _inferred(job, parser, human.images)
    values = {
        **stroke_agreement.compared(human.strokes, inferred),
        "pixel_error": errors,
        "num_strokes": np.array([len(strokes) for strokes in inferred]),
        **human_strokes.references(human),
    }
    values_lib.write(job, {"f_score": values["f_score"]})
    shown = stroke_sheet.rows(len(inferred))
    stroke_sheet.draw(
        job,
        human.images[shown],
        [inferred[row] for row in shown],
        {"human strokes": [human.strokes[row] for row in shown]},
    )
    return summaries(values, human.exact), human.source


def _inferred(
    job: Job, parser: Parser, images: np.ndarray
) -> tuple[list[list[np.ndarray]], np.ndarray]:
    """The lines of the first parse of each image, and its error `[N]`."""

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        seed = seeds.Seed(job.seed, first=rows.start)
        parses = parser.parse(images[rows], seed).rows((slice(None), 0))
        return {
            "error": _pixel_errors(job, parses, images[rows]),
            **lines.packed(lines.of_strokes(parses)),
        }

    found = job.in_chunks(len(images), _IMAGES_A_PART, chunk)
    errors = found.pop("error")
    return lines.unpacked(**found), errors


def summaries(
    values: Mapping[str, np.ndarray], exact: np.ndarray
) -> dict[str, Measure]:
    """Means over drawings, of all and of both kinds.

    Args:
        values: `[N]` by name, NaN where a drawing has none.
        exact: `[N]`, whether strokes are as recorded.

    Returns:
        The means by name, with the suffixes `_recorded` and `_recovered` for
        those kinds; nothing where there are no values.
    """
    kinds = {
        "": np.ones_like(exact),
        "_recorded": exact,
        "_recovered": ~exact,
    }
    found = {}
    for suffix, is_of_kind in kinds.items():
        for name, value in values.items():
            chosen = value[is_of_kind & ~np.isnan(value)]
            if len(chosen):
                found[f"{name}{suffix}"] = mean(chosen)
    return found


def _check(job: Job) -> None:
    strokes = datasets.STROKES[0]
    if job.dataset not in ("omniglot", *datasets.STROKES):
        raise ValueError(
            f"Pen strokes exist for Omniglot, got dataset={job.dataset}; give "
            f"--dataset=omniglot or --dataset={strokes}."
        )


def _pixel_errors(
    job: Job, parses: Parses | splines.SplineParses, images: np.ndarray
) -> np.ndarray:
    """The mean absolute error of a pixel of each rendered parse, `[N]`."""
    if isinstance(parses, splines.SplineParses):
        return np.abs(parses.canvas - images).mean((1, 2, 3))
    canvas = endpoints_lib.rendered(job.model, parses)
    return np.abs(canvas - images).mean((1, 2, 3))
