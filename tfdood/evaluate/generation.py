"""Drawings from nothing: how they look, and how far from real ones (Fig. 6).

The distance is the Frechet distance in the features of our own classifier
(`features`), not the paper's "FID", whose Inception network would have to be
downloaded. It is to be read between its references: what real training
drawings get, the floor, and what crude fakes get.
"""

from typing import NamedTuple

import numpy as np
import tqdm

from tfdood import data, figures
from tfdood.evaluate import exported, features, frechet
from tfdood.evaluate.job import Job, Measure, mean

_NUM_IMAGES = 2_000
_ROWS_A_CALL = 64
_SIDE = 8  # of the sheet of samples
_NUM_PICTURED = 10
_NOISE_STD = 0.3
_ROWS_COMPARED = 4_000
_REFERENCES = 1  # stream of random numbers; samples use stream 0


class Nearest(NamedTuple):
    """The nearest of some references.

    Attributes:
        distance: `[N]`, root mean square over pixels.
        index: `[N]`, of the reference.
    """

    distance: np.ndarray
    index: np.ndarray


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Compares samples with test drawings, and with all training drawings.

    Args:
        job: 2,000 samples by default, at `job.temperature`.

    Returns:
        `frechet_distance` to as many test drawings; the same with `_of_` and
        what else is so far from them: `training_drawings` (the floor), their
        `reconstructions` (what the strokes could do), `noisy_drawings`,
        `shuffled_pixels`, `blank_canvases`;
        `nearest_distance` to a training drawing, and that `_of_test_drawings`,
        below which samples would be copies; `num_strokes`; and the source.
    """
    test = job.drawings("test", _NUM_IMAGES)
    whole = data.read(
        job.dataset,
        "train",
        image_size=job.model.image_size,
        data_dir=job.data_dir,
    )
    train = data.spread(whole, len(test.images)).images / np.float32(255.0)
    count = len(train)
    real = test.images[:count]
    seeds = exported.seeds(count, job.seed)

    def part(number):
        rows = slice(number * _ROWS_A_CALL, (number + 1) * _ROWS_A_CALL)
        temperature = np.full(len(seeds[rows]), job.temperature, np.float32)
        sample = job.model.run(
            "generate_tempered", seeds=seeds[rows], temperature=temperature
        )
        again = job.model.run("reconstruct", images=train[rows])
        return {
            "canvas": features.to_bytes(sample["canvas"].numpy()),
            "num_strokes": sample["num_strokes"].numpy(),
            "reconstruction": features.to_bytes(again["canvas"].numpy()),
        }

    parts = job.in_parts(-(-count // _ROWS_A_CALL), part)
    result = {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
    samples = result["canvas"]
    sets = {
        "": samples,
        "_of_training_drawings": train,
        "_of_reconstructions": result["reconstruction"],
        **_fakes(train, job.seed),
    }
    extract = features.Extractor()
    targets = extract(real)
    measures = {
        f"frechet_distance{name}": frechet.measure(extract(images), targets)
        for name, images in sets.items()
    }
    copies = nearest(samples, whole.images)
    measures["nearest_distance"] = mean(copies.distance)
    measures["nearest_distance_of_test_drawings"] = mean(
        nearest(real, whole.images).distance
    )
    measures["num_strokes"] = mean(result["num_strokes"])
    _draw(job, samples, copies, whole.images)
    return measures, test.source


def nearest(queries: np.ndarray, references: np.ndarray) -> Nearest:
    """The nearest reference of each query, by pixels.

    Images are compared at 28 x 28 pixels, a slight blur.

    Args:
        queries: `[N, S, S, 1]`, in [0, 1], or uint8.
        references: `[M, S, S, 1]`, the same.
    """
    queries = _flat(queries)
    distance = np.full(len(queries), np.inf)
    index = np.zeros(len(queries), np.int64)
    for start in tqdm.trange(
        0, len(references), _ROWS_COMPARED, desc="nearest", unit="chunk"
    ):
        chunk = _flat(references[start : start + _ROWS_COMPARED])
        squares = features.squared_distances(queries, chunk)
        closest = squares.argmin(1)
        found = squares[np.arange(len(queries)), closest]
        is_closer = found < distance
        distance[is_closer] = found[is_closer]
        index[is_closer] = start + closest[is_closer]
    return Nearest(np.sqrt(distance / queries.shape[1]), index)


def _flat(images: np.ndarray) -> np.ndarray:
    small = features.shrink(images)
    return small.reshape(len(small), -1).astype(np.float32) / 255.0


def _fakes(train: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """What no distance should take for drawings, from training drawings."""
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


def _draw(job, samples, copies, references):
    sheet = samples[: _SIDE**2] / np.float32(255.0)
    rows = [sheet[i : i + _SIDE] for i in range(0, len(sheet), _SIDE)]
    title = f"drawn by the model at temperature {job.temperature:g}"
    figures.sheet(rows, [title] + [""] * (len(rows) - 1), job.figure("samples"))
    first = np.arange(min(_NUM_PICTURED, len(samples)))
    closest = np.argsort(copies.distance)[:_NUM_PICTURED]
    pictured = [
        images / np.float32(255.0)
        for chosen in (first, closest)
        for images in (samples[chosen], references[copies.index[chosen]])
    ]
    figures.sheet(
        pictured,
        [
            "drawn by the model",
            "nearest training drawings",
            "the samples that are nearest to a training drawing",
            "these training drawings",
        ],
        job.figure("nearest"),
    )
