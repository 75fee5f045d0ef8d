"""A sheet of drawings with the strokes that several parsers find."""

from collections.abc import Mapping, Sequence

import numpy as np

from tfdood import figures
from tfdood.data import datasets
from tfdood.drawing import tracing
from tfdood.evaluate import parsers
from tfdood.evaluate.measures.human_strokes import Lines
from tfdood.evaluate.records.job import Job
from tfdood.parsing import lines, seeds

_MOST = 40


def rows(count: int) -> np.ndarray:
    """Chooses drawings for a sheet, at even distances.

    Args:
        count: of all drawings.

    Returns:
        At most 40 row numbers.
    """
    return datasets.even_rows(count, _MOST)


def draw(
    job: Job,
    images: np.ndarray,
    inferred: Sequence[Lines],
    others: Mapping[str, Sequence[Lines]],
) -> None:
    """Draws strokes in colours that tell their order, see `stroke_orders`.

    Beside the inferred ones stand those of the tracer, which has learned
    nothing; and if the job has an explainer, those of the recognition network.

    Args:
        job: whose figure `orders` is written.
        images: `[N, S, S, 1]`.
        inferred: the strokes of each drawing.
        others: further strokes by title, shown first.
    """
    sheets = {
        **others,
        "traced without learning": [
            tracing.trace(image[..., 0]).lines for image in images
        ],
    }
    if job.explainer is not None and parsers.has_network(job.model):
        parses = parsers.build_center(job.model).parse(
            images, seeds.Seed(job.seed)
        )
        sheets["recognition network"] = lines.of_strokes(
            parses.rows((slice(None), 0))
        )
    sheets["inferred strokes"] = list(inferred)
    figures.stroke_orders(images, sheets, job.figure("orders"))
