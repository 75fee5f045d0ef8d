import dataclasses
import types

import numpy as np
import pytest
from scipy import stats

from tfdood import data
from tfdood.evaluate.measures import naive
from tfdood.evaluate.records import job as job_lib


def _images(count=40, seed=0):
    """Grey noise that is darker to the left, with an always empty row."""
    rng = np.random.default_rng(seed)
    images = rng.beta(1, 3, [count, 5, 4, 1]) * np.arange(4)[:, np.newaxis] / 3
    images[:, 0] = 0.0
    return images.astype(np.float32)


@pytest.mark.parametrize("kind", ["laplace", "normal"])
def test_scores_equal_scipy(kind):
    train, test = _images(), _images(7, seed=1)
    measured = naive.measure(train, test, min_scale=0.05, kind=kind)
    canvases = {
        "blank_canvas": np.zeros([5, 4, 1]),
        "median_image": np.sort(train, 0)[19:21].mean(0),
    }
    assert measured.keys() == canvases.keys()
    for name, canvas in canvases.items():
        power, density = {
            "laplace": (1, stats.laplace),
            "normal": (2, stats.norm),
        }[kind]
        spread = (np.abs(train - canvas) ** power).mean(0) ** (1 / power)
        scale = np.maximum(spread, 0.05)
        expected = density.logpdf(test, canvas, scale).sum((1, 2, 3))
        np.testing.assert_allclose(
            measured[name]["log_likelihood"], expected, rtol=1e-5
        )
        np.testing.assert_allclose(
            measured[name]["mean_absolute_error"],
            np.abs(test - canvas).mean((1, 2, 3)),
            rtol=1e-5,
        )


def test_pixels_of_one_deviation_are_normal():
    train, test = _images(), _images(7, seed=1)
    measured = naive.measure(train, test, pixel_std=0.3)
    canvas = naive.median_image(train)
    for name, expected in (("blank_canvas", 0.0), ("median_image", canvas)):
        nats = stats.norm.logpdf(test, expected, 0.3).sum((1, 2, 3))
        found = measured[name]["log_likelihood"]
        np.testing.assert_allclose(found, nats, rtol=1e-5)


def test_the_scale_has_the_largest_likelihood_above_its_floor():
    images, canvas = _images(), naive.median_image(_images())
    scale = naive.pixel_scale(images, canvas, min_scale=1e-3)
    assert (scale[0] == np.float32(1e-3)).all()
    best = naive.scores(images, canvas, scale)["log_likelihood"].mean()
    for factor in (0.9, 1.1):
        other = np.where(scale > 1e-3, factor * scale, scale)
        worse = naive.scores(images, canvas, other)["log_likelihood"].mean()
        assert worse < best - 0.01


def test_the_median_has_the_smallest_error():
    images = _images()
    median = naive.median_image(images)
    errors = [
        naive.scores(images, canvas, np.ones_like(median))
        for canvas in (median, median + 0.05, median - 0.05, images.mean(0))
    ]
    means = [error["mean_absolute_error"].mean() for error in errors]
    assert np.argmin(means) == 0


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ({"pixel_scale_floor": 0.05}, (0.05,)),
        ({}, (0.01,)),
        ({"likelihood": "normal"}, (0.01, "normal")),
        ({"pixel_std": 0.2}, (0.01, "normal", 0.2)),
    ],
)
def test_the_density_of_pixels_is_that_of_the_model(
    make_job, settings, arguments
):
    """A model without a pixel scale has a floor of 0.01."""
    job = make_job("any")
    config = types.SimpleNamespace(
        model=types.SimpleNamespace(image_size=20, **settings)
    )
    model = types.SimpleNamespace(image_size=20, num_channels=1, config=config)
    job = dataclasses.replace(job, model=model)
    test = job.drawings().images
    found = naive.yardsticks(job, test, "log_likelihood")
    expected = naive.measure(
        job.drawings(10_000, split="train").images, test, *arguments
    )
    for name, values in expected.items():
        assert found[f"log_likelihood_of_{name}"] == job_lib.mean(
            values["log_likelihood"]
        )
    assert len(found) == 2


# Of the full datasets; the sample differs in its classes' sizes.
@pytest.mark.parametrize(
    ("name", "blank", "blank_error", "median", "median_error"),
    [
        ("mnist", 4310, 0.132, 4390, 0.119),
        ("kmnist", 743, 0.185, 771, 0.181),
    ],
)
def test_the_sample_scores_as_the_full_datasets_do(
    name, blank, blank_error, median, median_error
):
    train, test = (
        data.read(name, split).images.astype(np.float32) / 255.0
        for split in ("train", "test")
    )
    measured = naive.measure(train, test)
    for values, nats, error in (
        (measured["blank_canvas"], blank, blank_error),
        (measured["median_image"], median, median_error),
    ):
        assert abs(values["log_likelihood"].mean() - nats) < 120
        assert abs(values["mean_absolute_error"].mean() - error) < 0.003


def test_frequencies_of_ink_score_binary_images(make_job):
    job = make_job("marginal_likelihood")
    train = job.drawings(10_000, split="train").images > 0.5
    test = job.drawings().images > 0.5
    found = naive.of_ink(job, job.drawings().images)
    pixels = (train.sum(0) + 0.5) / (len(train) + 1)
    for name, p in (("mean_image", pixels), ("even_ink", pixels.mean())):
        expected = stats.bernoulli.logpmf(test, p).sum((1, 2, 3)).mean()
        measure = found[f"log_likelihood_of_{name}"]
        assert measure.value == pytest.approx(expected)
        assert measure.num_images == 12
