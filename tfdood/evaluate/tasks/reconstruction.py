"""Reconstructions, stroke by stroke, and the strokes they take (Fig. 3)."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfdood import figures
from tfdood.data import datasets
from tfdood.drawing.curves import bezier
from tfdood.evaluate import parsers
from tfdood.evaluate.measures import longest_curves, naive, stroke_sheet
from tfdood.evaluate.records import values
from tfdood.evaluate.records.job import Drawings, Job, Measure, mean
from tfdood.evaluate.report import curve_errors, stroke_counts
from tfdood.parsing import base, seeds
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import lines as lines_lib
from tfdood.parsing.base import Parses

DEFAULTS = {"num_images": 1_000}
"""The settings of the task, and their values without flags."""

VERSION = 3
"""Of the measures: finished jobs of other versions are done again."""

_IMAGES_A_PART = 64
_NUM_PICTURED = 12
_MOST_CLASSES = 50  # whose strokes are measured one by one
_NUM_CURVE_POINTS = 100


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Reconstructs drawings; draws one of twelve classes, and the worst.

    With an explainer, the figure `orders` shows its strokes beside those of the
    tracer and of the recognition network. The errors of single drawings are
    kept, see `records.values`.

    Args:
        job: 1,000 drawings by default; with an explainer, its parses take the
            place of `reconstruct`.

    Returns:
        `mean_absolute_error` (of a pixel, of `reconstruct`, the deterministic
        centre of the posterior), the same `_of_blank_canvas` and
        `_of_median_image` (see `naive`), `sharpness` (see below); of models
        with strokes `num_strokes` (of the same reconstruction), with an
        explainer `num_curves` (strokes of the tracer are chains of curves), of
        models with curves `mean_absolute_error_of_N_curves`, the longest N,
        the share of drawings with each number of strokes, and in datasets of
        at most 50 classes `num_strokes_of_class_NAME`; and the source.
    """
    drawings = job.drawings()
    # Explainers find curves, or refuse the model.
    has_curves = job.explainer is not None or parsers.has_curves(
        job.model.output_names("reconstruct")
    )
    parses = _parsed(job, drawings.images) if has_curves else None
    if job.explainer is None:
        result = _reconstructed(job, drawings.images)
    else:
        result = _explained(job, drawings.images, parses)
    canvas = result["canvas"]
    error = np.abs(canvas - drawings.images).mean((1, 2, 3))
    values.write(job, {"mean_absolute_error": error})
    measures = {
        "mean_absolute_error": mean(error),
        "sharpness": _sharpness(canvas, drawings.images),
        **naive.yardsticks(job, drawings.images, "mean_absolute_error"),
    }
    if has_curves:
        measures |= _errors_of_few(job, drawings.images, parses)
    if "num_curves" in result:
        measures["num_curves"] = mean(result["num_curves"])
    if "num_strokes" in result:
        measures |= _strokes(job, result["num_strokes"], drawings)
        _picture_classes(job, drawings, parses)
    worst = np.argsort(-error)[:_NUM_PICTURED]
    figures.sheet(
        [drawings.images[worst], canvas[worst]],
        ["the drawings with the largest errors", "their reconstructions"],
        job.figure("worst"),
    )
    return measures, drawings.source


def _reconstructed(job: Job, images: np.ndarray) -> dict[str, np.ndarray]:
    """`canvas` `[N, S, S, 1]`; of models with strokes `num_strokes` `[N]`."""
    names = job.model.output_names("reconstruct")
    return job.model.run_all(
        "reconstruct",
        outputs=tuple(names & {"canvas", "num_strokes"}),
        images=images,
    )


def _explained(
    job: Job, images: np.ndarray, parses: Parses
) -> dict[str, np.ndarray]:
    """The same of the parses of an explainer, and `num_curves` `[N]`."""
    shown = stroke_sheet.rows(len(images))
    inferred = lines_lib.of_strokes(parses.rows(shown))
    stroke_sheet.draw(job, images[shown], inferred, {})
    return {
        "canvas": endpoints_lib.rendered(job.model, parses),
        "num_strokes": parses.num_strokes,
        "num_curves": (parses.strokes.presence > 0.5).sum(-1),
    }


def _errors_of_few(
    job: Job, images: np.ndarray, parses: Parses
) -> dict[str, Measure]:
    """Errors with the longest curves of parses alone."""
    errors = longest_curves.errors(job.model, parses, images)
    return {
        curve_errors.metric(number): mean(error)
        for number, error in enumerate(errors.T, 1)
    }


def _parsed(job: Job, images: np.ndarray) -> Parses:
    """What the explainer or the recognition network finds, `[N]` parses."""
    parser = parsers.build_center(job.model, job.explainer)

    def part(number: int) -> dict[str, np.ndarray]:
        first = number * _IMAGES_A_PART
        some = images[first : first + _IMAGES_A_PART]
        found = parser.parse(some, seeds.Seed(job.seed, first=first))
        return found.rows((slice(None), 0)).arrays()

    return base.of_arrays(job.in_parts(-(-len(images) // _IMAGES_A_PART), part))


def _strokes(
    job: Job, counts: np.ndarray, drawings: Drawings
) -> dict[str, Measure]:
    """Measures of the numbers of strokes `[N]`."""
    most = getattr(job.model.config.model, "num_strokes", counts.max())
    return {
        "num_strokes": mean(counts),
        **{stroke_counts.metric(n): mean(counts == n) for n in range(most + 1)},
        **num_strokes_by_class(counts, drawings),
    }


def num_strokes_by_class(
    counts: np.ndarray, drawings: Drawings
) -> dict[str, Measure]:
    """The mean number of strokes of each class.

    Args:
        counts: `[N]`, strokes of each drawing.
        drawings: `N` of them.

    Returns:
        `num_strokes_of_class_NAME` of each class of which there are drawings;
        nothing if the dataset has more than 50 classes.
    """
    if len(drawings.class_names) > _MOST_CLASSES:
        return {}
    return {
        f"num_strokes_of_class_{drawings.class_names[label]}": mean(
            counts[drawings.labels == label]
        )
        for label in np.unique(drawings.labels)
    }


def lines(outputs: Mapping[str, Any]) -> np.ndarray:
    """What shows each stroke in a picture.

    Args:
        outputs: of the signature `reconstruct`; `control_points` or `layout`
            are enough.

    Returns:
        `[B, T, N, 2]` in the canvas's unit square: points of curves, or the
        outlines of the frames of codes.
    """
    if "control_points" in outputs:  # on the canvas
        return np.asarray(
            bezier.curve_points(outputs["control_points"], _NUM_CURVE_POINTS)
        )
    return figures.stroke_frames(outputs["layout"])


def _picture_classes(
    job: Job, drawings: Drawings, parses: Parses | None
) -> None:
    """Draws one reconstruction of each class, stroke by stroke."""
    first = np.unique(drawings.labels, return_index=True)[1]
    rows = first[datasets.even_rows(len(first), _NUM_PICTURED)]
    images = drawings.images[rows]
    if job.explainer is None:
        outputs = job.model.run("reconstruct", images=images)
    else:
        shown = parses.rows(rows)
        outputs = job.model.run(
            "render", **shown.strokes._asdict(), **shown.pen._asdict()
        )
        outputs |= shown.on_canvas().strokes._asdict()
    figures.stroke_by_stroke(
        images,
        outputs["canvases"],
        outputs["presence"],
        lines(outputs),
        job.figure("strokes"),
    )


def _sharpness(canvas: np.ndarray, images: np.ndarray) -> Measure:
    """How steep edges are against those of drawings that have any."""
    of_images = steepness(images)
    has_edges = of_images > 0.0
    of_canvas = steepness(np.clip(canvas[has_edges], 0.0, 1.0))
    return mean(of_canvas / of_images[has_edges])


def steepness(images: np.ndarray) -> np.ndarray:
    """How steep the edges in images are.

        sum |grad x|^2 / sum |grad x|

    over pixels: the mean gradient where there is one. It is smaller if an image
    is blurred or fainter, but not if parts of it are left out.

    Args:
        images: `[B, H, W, C]`; the mean of colours is taken.

    Returns:
        `[B]`, at least 0; 0 for uniform images.
    """
    squares = sum(x**2 for x in np.gradient(images.mean(-1), axis=(1, 2)))
    total = np.sqrt(squares).sum((1, 2))
    return squares.sum((1, 2)) / np.maximum(total, np.finfo(np.float32).tiny)
