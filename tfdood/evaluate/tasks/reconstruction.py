"""Reconstructions, stroke by stroke, and the strokes they take (Fig. 3)."""

import numpy as np

from tfdood import figures
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.evaluate.report import stroke_counts
from tfdood.types import Drawing, Pen, Strokes

DEFAULTS = {"num_images": 1_000}
"""What the task is done with, unless flags say otherwise."""

_NUM_PICTURED = 12
_KEPT = ("canvas", "num_strokes")


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Reconstructs test drawings; draws one of twelve classes, and the worst.

    Args:
        job: 1,000 drawings by default.

    Returns:
        `mean_absolute_error` (of a pixel), `num_strokes`, `sharpness` (see
        below), the share of drawings with each number of strokes, and the
        source.
    """
    drawings = job.drawings("test")
    result = job.model.run_all(
        "reconstruct", outputs=_KEPT, images=drawings.images
    )
    error = np.abs(result["canvas"] - drawings.images).mean((1, 2, 3))
    counts = result["num_strokes"]
    most = job.model.config.model.num_strokes
    measures = {
        "mean_absolute_error": mean(error),
        "num_strokes": mean(counts),
        "sharpness": _sharpness(result["canvas"], drawings.images),
        **{stroke_counts.metric(n): mean(counts == n) for n in range(most + 1)},
    }
    first = np.unique(drawings.labels, return_index=True)[1]
    spread = np.linspace(0, len(first) - 1, min(_NUM_PICTURED, len(first)))
    pictured = drawings.images[first[spread.astype(np.int64)]]
    figures.reconstructions(
        pictured,
        drawing(job.model.run("reconstruct", images=pictured)),
        job.figure("strokes"),
        has_curves=job.model.config.model.has_curves,
    )
    worst = np.argsort(-error)[:_NUM_PICTURED]
    figures.sheet(
        [drawings.images[worst], result["canvas"][worst]],
        ["the drawings that come out worst", "their reconstructions"],
        job.figure("worst"),
    )
    return measures, drawings.source


def _sharpness(canvas: np.ndarray, images: np.ndarray) -> Measure:
    """How steep edges are against those of drawings, if not empty."""
    of_images = steepness(images)
    has_edges = of_images > 0.0
    of_canvas = steepness(np.clip(canvas[has_edges], 0.0, 1.0))
    return mean(of_canvas / of_images[has_edges])


def steepness(images: np.ndarray) -> np.ndarray:
    """How steep the edges in images are.

        sum |grad x|^2 / sum |grad x|

    over pixels: the mean gradient where there is one. Blurring an image lowers
    it, and so does fading; leaving out parts does not.

    Args:
        images: `[B, H, W, 1]`.

    Returns:
        `[B]`, at least 0; 0 for uniform images.
    """
    squares = sum(x**2 for x in np.gradient(images[..., 0], axis=(1, 2)))
    total = np.sqrt(squares).sum((1, 2))
    return squares.sum((1, 2)) / np.maximum(total, np.finfo(np.float32).tiny)


def drawing(outputs) -> Drawing:
    """A signature's outputs as a `Drawing`.

    Curves are placed on the whole canvas; codes have their layouts.
    """
    presence = np.asarray(outputs["presence"])
    if "codes" in outputs:
        layout, points = outputs["layout"], outputs["codes"]
    else:
        whole = np.array([0.0, 0.0, 1.0, 0.0], np.float32)
        layout = np.broadcast_to(whole, [*presence.shape, 4])
        points = outputs["control_points"]
    return Drawing(
        Strokes(presence, layout, points),
        Pen(
            outputs["blur"],
            outputs["stroke_contrast"],
            outputs["canvas_contrast"],
        ),
        outputs["canvases"],
    )
