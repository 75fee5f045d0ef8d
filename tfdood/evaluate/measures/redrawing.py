"""Given drawings, drawn again: with the strokes of a network or of a search.

A model whose strokes are searched (GNS) draws each exemplar from one of the
parses that the search finds. Its probability is the weight of the parse at a
temperature of 8:

    p_k = exp(s_k / 8) / sum_j exp(s_j / 8),   s_k = log p(image, strokes_k)

because a parse that is a few nats better would else be drawn always. Source:
GNS (Feinman and Lake, 2021), App. C. The pictures are binary, like Omniglot's:
a pixel is ink if that is more probable.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from tfdood.evaluate import parsers
from tfdood.evaluate.measures import features
from tfdood.evaluate.records.job import Job
from tfdood.parsing import seeds

NUM_PARSES = 5
"""The number of searched parses of each drawing."""

_TEMPERATURE = 8.0
_ROWS_A_CALL = 64


class Redrawn(NamedTuple):
    """What a model makes of given drawings.

    Attributes:
        exemplars: `[G, E, S, S, 1]` uint8, new ones of each drawing.
        reconstructions: `[G, S, S, 1]` uint8.
    """

    exemplars: np.ndarray
    reconstructions: np.ndarray


def redraw(
    job: Job, images: np.ndarray, row_seeds: np.ndarray, stream: int
) -> Redrawn:
    """Draws exemplars and reconstructions of given drawings.

    Args:
        job: with the model, and the explainer if it needs a search.
        images: `[G, S, S, 1]` in [0, 1].
        row_seeds: `[G, E, 2]`, int32, one for each exemplar.
        stream: of the random numbers of a search.

    Raises:
        ValueError: If the model needs a search and the job has none, or the
            other way round.
    """
    if not parsers.has_network(job.model):
        return _from_search(job, images, row_seeds, stream)
    if job.explainer is not None:
        raise ValueError(
            f"The recognition network of {job.model.name} samples the parses "
            f"of exemplars, got --parser={job.explainer.name}; leave it out."
        )
    return _from_network(job, images, row_seeds)


def _from_network(
    job: Job, images: np.ndarray, row_seeds: np.ndarray
) -> Redrawn:
    count = row_seeds.shape[1]
    canvas = job.model.run(
        "exemplars",
        images=np.repeat(images, count, 0),
        seeds=row_seeds.reshape(-1, 2),
    )["canvas"].numpy()
    again = job.model.run("reconstruct", images=images)["canvas"].numpy()
    shape = len(images), count, *canvas.shape[1:]
    return Redrawn(
        features.to_bytes(canvas).reshape(shape), features.to_bytes(again)
    )


def _from_search(
    job: Job, images: np.ndarray, row_seeds: np.ndarray, stream: int
) -> Redrawn:
    parser = parsers.build(job.model, NUM_PARSES, 1, job.explainer)
    parses = parser.parse(images, seeds.Seed(job.seed, stream))
    chosen = choose(parses.log_joint, row_seeds)
    rows = np.arange(len(images))[:, np.newaxis]
    types = parses.rows((rows, chosen)).types  # [G, E, ...]
    canvas = job.model.run_all(
        "exemplars",
        rows_a_call=_ROWS_A_CALL,
        outputs=("canvas",),
        **{
            name: x.reshape(-1, *x.shape[2:])
            for name, x in types._asdict().items()
        },
        seeds=row_seeds.reshape(-1, 2),
    )["canvas"]
    best = parses.log_joint.argmax(1)
    strokes = parses.rows((np.arange(len(images)), best)).strokes
    again = job.model.run_all("render", **strokes._asdict())["canvas"]
    shape = *row_seeds.shape[:2], *canvas.shape[1:]
    return Redrawn(binary(canvas).reshape(shape), binary(again))


def choose(scores: np.ndarray, row_seeds: np.ndarray) -> np.ndarray:
    """Chooses a parse of each exemplar, see above.

    Args:
        scores: `[G, K]`, log p(image, strokes) in nats; -inf for parses that
            are not chosen.
        row_seeds: `[G, E, 2]`, one for each exemplar.

    Returns:
        `[G, E]`, numbers of parses.
    """
    ends = special.softmax(scores / _TEMPERATURE, -1).cumsum(-1)
    uniform = np.array(
        [
            [np.random.default_rng(seed).random() for seed in own]
            for own in row_seeds
        ]
    )
    is_before = ends[:, np.newaxis, :-1] <= uniform[..., np.newaxis]
    return is_before.sum(-1)


def pixels(sample: Mapping[str, Any]) -> np.ndarray:
    """Samples as uint8; those of models of splines are binary.

    Args:
        sample: the outputs of the signature `generate` or `generate_tempered`.
    """
    canvas = np.asarray(sample["canvas"])
    if "num_control_points" in sample:
        return binary(canvas)
    return features.to_bytes(canvas)


def binary(canvas: np.ndarray) -> np.ndarray:
    """The most probable binary images, uint8, of probabilities of ink."""
    return np.where(np.asarray(canvas) > 0.5, 255, 0).astype(np.uint8)
