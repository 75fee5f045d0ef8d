import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from tests import tiny_models
from tfdood.evaluate.records import values as values_lib
from tfdood.evaluate.records.job import Explainer
from tfdood.evaluate.tasks import marginal_likelihood
from tfdood.parsing import seeds


def _log_weights(job, images):
    """Of each image and particle, from sampled parses: `[N, k]`."""
    calls = job.num_particles // 2
    columns = []
    for call in range(calls):
        row_seeds = seeds.of_rows(len(images), job.seed, call)
        for i, image in enumerate(images):
            result = job.model.run(
                "log_likelihood", images=image[None], seeds=row_seeds[i : i + 1]
            )
            columns.append((i, result["log_weights"].numpy()[0]))
    rows = [[w for j, w in columns if j == i] for i in range(len(images))]
    return np.array(rows, np.float64).reshape(len(images), -1)


def test_the_bound_is_that_of_all_particles(make_job):
    job = make_job("marginal_likelihood")
    measures, source = marginal_likelihood.run(job)
    log_weights = _log_weights(job, job.drawings().images)
    assert log_weights.shape == (12, 4)
    assert np.ptp(log_weights, 1).min() > 0.0
    bounds = special.logsumexp(log_weights, 1) - np.log(4)
    weights = special.softmax(log_weights, 1)
    sizes = 1.0 / (weights**2).sum(1)
    for name, values in (("iwae", bounds), ("effective_sample_size", sizes)):
        value, error, num_images = measures[name]
        assert value == pytest.approx(values.mean(), rel=1e-4)
        expected_error = values.std(ddof=1) / np.sqrt(12)
        assert error == pytest.approx(expected_error, rel=1e-3)
        assert num_images == 12
    assert "embedded sample" in source
    assert "relaxed_iwae" not in measures


def test_log_likelihoods_of_blank_canvas_and_median_image_are_measured(
    make_job,
):
    job = make_job("marginal_likelihood")
    measures, _ = marginal_likelihood.run(job)
    train = job.drawings(10_000, split="train").images
    test = job.drawings().images
    for name, canvas in (
        ("blank_canvas", np.zeros([20, 20, 1])),
        ("median_image", np.median(train, 0)),
    ):
        scale = np.maximum(np.abs(train - canvas).mean(0), 0.01)
        expected = stats.laplace.logpdf(test, canvas, scale).sum((1, 2, 3))
        measure = measures[f"log_likelihood_of_{name}"]
        assert measure.value == pytest.approx(expected.mean(), rel=1e-4)
        assert measure.num_images == 12


class Objects:
    """A model of objects whose log weights are sums of ink and of seeds."""

    image_size, num_channels = 20, 1
    name, path, fingerprint = "objects", "folder", "1f"
    config = tiny_models.config("gnm")
    facts = {
        "num_particles": 2,
        "signatures": ("log_likelihood", "relaxed_log_likelihood"),
    }

    def run(self, signature, images, seeds):
        factor = 1.0 + self.facts["signatures"].index(signature)
        ink = np.sum(images, (1, 2, 3))[:, np.newaxis]
        return {"log_weights": factor * ink + np.sin(seeds)}


def test_a_relaxed_presence_has_a_measure_of_its_own(make_job):
    job = make_job("marginal_likelihood", model=Objects())
    measures, _ = marginal_likelihood.run(job)
    images = job.drawings().images
    for name, signature in (
        ("iwae", "log_likelihood"),
        ("relaxed_iwae", "relaxed_log_likelihood"),
    ):
        log_weights = np.concatenate(
            [
                job.model.run(
                    signature,
                    images=images,
                    seeds=seeds.of_rows(12, job.seed, call),
                )["log_weights"]
                for call in range(2)
            ],
            1,
        )
        bounds = special.logsumexp(np.float64(log_weights), 1) - np.log(4)
        assert measures[name].value == pytest.approx(bounds.mean(), rel=1e-4)
    assert measures["iwae"].value != measures["relaxed_iwae"].value
    blank = stats.norm.logpdf(images, 0.0, 0.1).sum((1, 2, 3)).mean()
    found = measures["log_likelihood_of_blank_canvas"].value
    assert found == pytest.approx(blank, rel=1e-4)


def test_the_bound_grows_with_the_particles(make_job):
    bounds = [
        marginal_likelihood.run(
            make_job("marginal_likelihood", num_particles=count)
        )[0]["iwae"].value
        for count in (2, 16)
    ]
    assert bounds[0] < bounds[1]


def test_the_bound_depends_on_the_seed_alone(make_job, tmp_path):
    values = [
        marginal_likelihood.run(
            make_job("marginal_likelihood", seed=seed, folder=tmp_path / folder)
        )[0]["iwae"].value
        for seed, folder in ((0, "a"), (0, "b"), (1, "c"))
    ]
    # The same route, repeated: exact.
    assert values[0] == values[1] != values[2]


def test_more_images_than_a_call_takes(make_job, monkeypatch):
    whole = marginal_likelihood.run(make_job("marginal_likelihood"))[0]
    monkeypatch.setattr(marginal_likelihood, "_ROWS_A_CALL", 5)
    job = make_job("marginal_likelihood")
    job.forget_parts()
    chunked = marginal_likelihood.run(job)[0]
    assert chunked["iwae"].num_images == 12
    assert chunked["iwae"].value == pytest.approx(whole["iwae"].value, 1e-5)


@pytest.mark.parametrize("count", [1, 3])
def test_particles_are_a_multiple_of_the_models(make_job, count):
    job = make_job("marginal_likelihood", num_particles=count)
    with pytest.raises(ValueError, match="samples 2 particles a call; got"):
        marginal_likelihood.run(job)


def test_a_weight_is_joint_over_posterior(make_job):
    """One particle's weight is what `parse` says of the same seed."""
    job = make_job("marginal_likelihood")
    images = job.drawings().images
    parse = job.model.run(
        "parse", images=images, seeds=seeds.of_rows(12, job.seed)
    )
    weight = (
        parse["log_likelihood"] + parse["log_prior"] - parse["log_posterior"]
    )
    assert np.all(np.isfinite(weight))
    canvas = job.model.run(
        "render",
        **{
            name: parse[name]
            for name in (
                *("presence", "layout", "control_points"),
                *("blur", "stroke_contrast", "canvas_contrast"),
            )
        },
    )["canvas"]
    likelihood = job.model.run("likelihood", images=images, canvas=canvas)
    tf.debugging.assert_near(
        likelihood["log_likelihood"], parse["log_likelihood"], atol=0.05
    )


def test_a_refined_proposal_tightens_the_bound(make_job):
    job = make_job("marginal_likelihood", num_images=4, num_particles=16)
    amortised = marginal_likelihood.run(job)[0]
    explainer = Explainer("proposal", "refined", 5, 0.01)
    refined = marginal_likelihood.run(
        dataclasses.replace(job, explainer=explainer)
    )[0]
    assert refined["iwae"].value > amortised["iwae"].value
    assert 1.0 <= refined["effective_sample_size"].value <= 16.0


def test_a_refined_proposal_needs_two_particles(make_job):
    explainer = Explainer("proposal", "refined", 5, 0.01)
    job = make_job("marginal_likelihood", num_particles=1, explainer=explainer)
    with pytest.raises(ValueError, match="must be at least 2, got 1"):
        marginal_likelihood.run(job)


def test_a_refined_proposal_is_refused_for_codes(make_job, model_of_codes):
    job = make_job(
        "marginal_likelihood",
        model=model_of_codes,
        explainer=Explainer("proposal", "refined", 5, 0.01),
    )
    with pytest.raises(ValueError, match="are codes that a network draws"):
        marginal_likelihood.run(job)


def test_searched_parses_are_integrated(make_search):
    job = make_search("marginal_likelihood", num_images=2, num_particles=2)
    measures, source = marginal_likelihood.run(job)
    assert "sample of omniglot" in source
    value = {name: m.value for name, m in measures.items()}
    assert value["laplace_approximation_a_pixel"] == pytest.approx(
        value["laplace_approximation"] / 105**2
    )
    assert value["num_variables"] >= 8.0
    assert 0.0 <= value["num_flattened_directions"] <= value["num_variables"]
    even = value["log_likelihood_of_even_ink"]
    assert even < value["log_likelihood_of_mean_image"] < 0.0
    kept = values_lib.read(job.folder, job.key())["laplace_approximation"]
    assert kept.mean() == pytest.approx(value["laplace_approximation"])


def test_other_parsers_are_refused(make_job):
    explainer = Explainer("parser", "traced", 5, 0.01)
    job = make_job("marginal_likelihood", explainer=explainer)
    with pytest.raises(ValueError, match="got --parser=traced"):
        marginal_likelihood.run(job)
