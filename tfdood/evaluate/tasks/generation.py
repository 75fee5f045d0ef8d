"""Drawings from nothing: how they look, and how far from real ones (Fig. 6).

Sets of drawings are compared in the features of our own classifier
(`features`), by a Frechet distance, by a kernel distance, and by precision and
recall. The first two are not the paper's "FID" and not a "KID", which need the
weights of an Inception network. All sets have equally many drawings. Compare
with the references: real training drawings, which are as near as can be
expected, and crude fakes.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood import data, figures
from tfdood.data import datasets
from tfdood.evaluate.measures import (
    features,
    frechet,
    kernel_distance,
    manifolds,
    neighbours,
    redrawing,
)
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.parsing import seeds
from tfdood.saved import exported

DEFAULTS = {"num_images": 2_000, "temperature": 0.5}
"""The settings of the task, and their values without flags."""

VERSION = 3
"""Of the measures: finished jobs of other versions are done again."""

_ROWS_A_CALL = 64
_SIDE, _NUM_ROWS, _NUM_REAL_ROWS = 8, 6, 2  # of the sheet of samples
_NUM_PICTURED = 10
_NOISE_STD = 0.3
_UNIT_VARIANCE = np.sqrt(features.NUM_FEATURES)  # of a feature on average
_REFERENCES = 1  # stream of random numbers; samples use stream 0


class Drawn(NamedTuple):
    """What a model draws.

    Attributes:
        samples: `[N, S, S, 1]` uint8, from the prior.
        num_strokes: `[N]`, of the samples; `[0]` if the model has no strokes.
        reconstructions: `[N, S, S, 1]` uint8, of given drawings; `[0]` if the
            model explains no images by itself.
    """

    samples: np.ndarray
    num_strokes: np.ndarray
    reconstructions: np.ndarray


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Compares samples with real drawings, and with all training drawings.

    Args:
        job: 2,000 samples by default, at `job.temperature`; fewer if there are
            fewer test or training drawings.

    Returns:
        Of the samples and as many real drawings, `frechet_distance`,
        `kernel_distance`, `precision` and `recall` (see `compare`). The same
        with `_of_` and a name, for other sets of as many:
        `training_drawings` (the best to expect), their `reconstructions`
        (what strokes can do; of models that explain images by themselves),
        `noisy_drawings`, `shuffled_pixels` and `blank_canvases`.
        `nearest_distance` to a training drawing and `share_too_near` (see
        `neighbours.relative_distance`), both also `_of_test_drawings`: a model
        that copies has a smaller distance and a larger share.
        `num_strokes_of_samples`. And the source. The number of images of each
        measure is the number of drawings in each set.

    Raises:
        ValueError: If the dataset has colours.
    """
    whole = data.read(
        job.dataset,
        "train",
        image_size=job.model.image_size,
        data_dir=job.data_dir,
    )
    test = job.drawings(min(job.num_images, len(whole.images)))
    real = test.images
    train = data.spread(whole, len(real)).images / np.float32(255.0)
    extract = features.Extractor()
    targets = extract(real)
    drawn = draw(job, train)
    sets = {
        "": drawn.samples,
        "_of_training_drawings": train,
        "_of_reconstructions": drawn.reconstructions,
        **_fakes(train, job.seed),
    }
    sets = {name: images for name, images in sets.items() if len(images)}
    measures = {}
    for name, images in sets.items():
        found = compare(extract(images), targets)
        measures |= {f"{metric}{name}": m for metric, m in found.items()}
    for name, images in {"_of_test_drawings": real, "": drawn.samples}.items():
        found = neighbours.nearest(images, whole.images)
        relative = neighbours.relative_distance(found, whole.images)
        measures[f"nearest_distance{name}"] = mean(found.distance)
        measures[f"share_too_near{name}"] = mean(relative < 1.0)
    if len(drawn.num_strokes):
        measures["num_strokes_of_samples"] = mean(drawn.num_strokes)
    _picture_samples(job, drawn.samples, real)
    _picture_nearest(job, drawn.samples, whole.images[found.index], relative)
    return measures, test.source


def compare(samples: np.ndarray, real: np.ndarray) -> dict[str, Measure]:
    """Compares samples with as many real drawings.

    Args:
        samples: `[N, 64]`, of `features.Extractor`.
        real: `[N, 64]`, the same.

    Returns:
        `frechet_distance`; `kernel_distance`, of features that are scaled such
        that the mean of their variances over the training drawings of all
        datasets is 1, without which the cubic kernel would be nearly linear;
        `precision` and `recall`, of manifolds of 3 nearest neighbours.
    """
    return {
        "frechet_distance": frechet.measure(samples, real),
        "kernel_distance": kernel_distance.measure(
            _UNIT_VARIANCE * samples, _UNIT_VARIANCE * real
        ),
        **manifolds.measure(samples, real),
    }


def draw(job: Job, given: np.ndarray) -> Drawn:
    """Samples as many drawings as are given, and reconstructs these.

    Args:
        job: with the model and the temperature.
        given: `[N, S, S, 1]` in [0, 1].
    """
    count = len(given)
    row_seeds = seeds.of_rows(count, job.seed)

    def chunk(rows: slice) -> dict[str, np.ndarray]:
        temperature = np.full(len(row_seeds[rows]), job.temperature, np.float32)
        sample = job.model.run(
            "generate_tempered", seeds=row_seeds[rows], temperature=temperature
        )
        again = _reconstructed(job.model, given[rows])
        return {
            "samples": redrawing.pixels(sample),
            "num_strokes": _num_strokes(sample),
            "reconstructions": again,
        }

    return Drawn(**job.in_chunks(count, _ROWS_A_CALL, chunk))


def _reconstructed(
    model: exported.ExportedModel, images: np.ndarray
) -> np.ndarray:
    if "reconstruct" not in model.signature_names:
        return np.zeros([0], np.uint8)
    canvas = model.run("reconstruct", images=images)["canvas"]
    return features.to_bytes(canvas.numpy())


def _num_strokes(sample: Mapping[str, tf.Tensor]) -> np.ndarray:
    """How many strokes samples have, `[B]`; `[0]` if it is not known."""
    if "num_control_points" in sample:
        return (sample["num_control_points"].numpy() > 0).sum(-1)
    return np.asarray(sample.get("num_strokes", ()))


def _fakes(train: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Sets of images that are far from drawings, made of training drawings."""
    rng = np.random.default_rng([seed, _REFERENCES])
    noise = rng.normal(scale=_NOISE_STD, size=train.shape)
    pixels = train.reshape(len(train), -1)
    return {
        "_of_noisy_drawings": np.clip(train + noise, 0.0, 1.0),
        "_of_shuffled_pixels": rng.permuted(pixels, axis=1).reshape(
            train.shape
        ),
        "_of_blank_canvases": np.zeros_like(train),
    }


def _picture_samples(job: Job, samples: np.ndarray, real: np.ndarray) -> None:
    """Draws samples, and below them other drawings, at even distances."""
    some = datasets.even_rows(len(real), _NUM_REAL_ROWS * _SIDE)
    shown = {
        f"drawn by the model at temperature {job.temperature:g}": samples[
            : _NUM_ROWS * _SIDE
        ]
        / np.float32(255.0),
        f"{job.split} drawings": real[some],
    }
    rows, titles = [], []
    for title, images in shown.items():
        starts = range(0, len(images), _SIDE)
        rows += [images[start : start + _SIDE] for start in starts]
        titles += [title] + [""] * (len(starts) - 1)
    figures.sheet(rows, titles, job.figure("samples"))


def _picture_nearest(
    job: Job, samples: np.ndarray, neighbour: np.ndarray, relative: np.ndarray
) -> None:
    first = np.arange(min(_NUM_PICTURED, len(samples)))
    suspects = np.argsort(relative)[:_NUM_PICTURED]
    figures.sheet(
        [
            images[rows] / np.float32(255.0)
            for rows in (first, suspects)
            for images in (samples, neighbour)
        ],
        [
            "drawn by the model",
            "nearest training drawings",
            "the samples most like copies",
            "these training drawings",
        ],
        job.figure("nearest"),
    )
