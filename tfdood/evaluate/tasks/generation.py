"""Drawings from nothing: how they look, and how far from real ones (Fig. 6).

The distance is the Frechet distance in the features of our own classifier
(`features`), not the paper's "FID", whose Inception network would have to be
downloaded. It is to be read between its references: what real training
drawings get, the floor, and what crude fakes get.
"""

import numpy as np

from tfdood import data, figures
from tfdood.evaluate.measures import features, frechet, neighbours
from tfdood.evaluate.records.job import Job, Measure, mean
from tfdood.saved import exported

DEFAULTS = {"num_images": 2_000, "temperature": 0.5}
"""What the task is done with, unless flags say otherwise."""

_ROWS_A_CALL = 64
_SIDE = 8  # of the sheet of samples
_NUM_PICTURED = 10
_NOISE_STD = 0.3
_REFERENCES = 1  # stream of random numbers; samples use stream 0


def run(job: Job) -> tuple[dict[str, Measure], str]:
    """Compares samples with test drawings, and with all training drawings.

    Args:
        job: 2,000 samples by default, at `job.temperature`.

    Returns:
        `frechet_distance` to as many test drawings; the same with `_of_` and
        what else is so far from them: `training_drawings` (the floor), their
        `reconstructions` (what the strokes could do), `noisy_drawings`,
        `shuffled_pixels`, `blank_canvases`;
        `nearest_distance` to a training drawing and `share_too_near` (see
        `neighbours.relative_distance`), both also `_of_test_drawings`: copying
        would show by a smaller distance and a larger share; `num_strokes`; and
        the source.
    """
    test = job.drawings("test")
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
    for name, images in {"_of_test_drawings": real, "": samples}.items():
        found = neighbours.nearest(images, whole.images)
        relative = neighbours.relative_distance(found, whole.images)
        measures[f"nearest_distance{name}"] = mean(found.distance)
        measures[f"share_too_near{name}"] = mean(relative < 1.0)
    measures["num_strokes"] = mean(result["num_strokes"])
    _draw_samples(job, samples)
    _draw_nearest(job, samples, whole.images[found.index], relative)
    return measures, test.source


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


def _draw_samples(job, samples):
    sheet = samples[: _SIDE**2] / np.float32(255.0)
    rows = [sheet[i : i + _SIDE] for i in range(0, len(sheet), _SIDE)]
    title = f"drawn by the model at temperature {job.temperature:g}"
    figures.sheet(rows, [title] + [""] * (len(rows) - 1), job.figure("samples"))


def _draw_nearest(job, samples, neighbour, relative):
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
            "the samples most like copies: nearer to a training drawing than "
            "other training drawings are",
            "these training drawings",
        ],
        job.figure("nearest"),
    )
