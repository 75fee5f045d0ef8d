"""One-shot classification, where the right answers are known."""

import copy
import dataclasses

import numpy as np
import pytest
from PIL import Image

from tests import tiny_models
from tests.parsing import spline_drawings
from tfdood import data
from tfdood.data import datasets
from tfdood.evaluate.measures import (
    distances,
    fusion,
    token_scores,
    type_fitting,
)
from tfdood.evaluate.records.job import Explainer
from tfdood.evaluate.tasks import one_shot
from tfdood.models.common import token


def test_accuracies_of_constructed_scores():
    answers = np.array([2, 0, 1])
    right = np.eye(3)[answers]
    part = {
        "answers": answers,
        "one_way": right,
        "two_way": np.roll(right, 1, 1),
        "pixel_distance": np.eye(3)[[2, 0, 0]],
        "hausdorff_distance": np.eye(3)[[2, 1, 0]],
        "affine_hausdorff": np.eye(3)[[2, 0, 0]],
        "idm": right,
    }
    found = one_shot.measures([part, part])
    values = {name: m.value for name, m in found.items()}
    assert values == pytest.approx(
        {
            "accuracy": 1.0,
            "accuracy_two_way": 0.0,
            "accuracy_fused": 1.0,
            "accuracy_pixel_distance": 2 / 3,
            "accuracy_hausdorff_distance": 1 / 3,
            "accuracy_affine_hausdorff": 2 / 3,
            "accuracy_idm": 1.0,
            "chance": 1 / 3,
        }
    )
    assert {m.num_images for m in found.values()} == {6}


def test_standard_errors_are_over_runs():
    answers = np.array([2, 0, 1])
    right, wrong = np.eye(3)[answers], np.eye(3)[[1, 2, 0]]
    names = "one_way", "two_way", *one_shot._DISTANCES
    found = one_shot.measures(
        [
            {"answers": answers, **dict.fromkeys(names, scores)}
            for scores in (right, wrong)
        ]
    )
    # Accuracies of 1 and 0: a deviation of sqrt(1 / 2), over sqrt(2).
    assert found["accuracy"] == pytest.approx((0.5, 0.5, 6))


@pytest.mark.slow
def test_modified_hausdorff_distance_reproduces_its_published_accuracy():
    runs = data.read_oneshot(image_size=105)
    is_right = [
        distances.hausdorff_distances(query, support).argmin(1) == answers
        for query, support, answers in zip(
            runs.query, runs.support, runs.answers, strict=True
        )
    ]
    assert np.mean(is_right) == pytest.approx(0.612, abs=0.003)


def test_the_task_measures_and_draws(make_job, monkeypatch):
    stages = token_scores.Stages(1, 1, num_refined=3)
    monkeypatch.setattr(token_scores, "CURVES", stages)
    monkeypatch.setattr(one_shot, "_NUM_TRIES", 2)
    job = make_job(
        "one_shot", dataset="omniglot", num_images=1, num_particles=1
    )
    measures, source = one_shot.run(job)
    assert measures["chance"].value == pytest.approx(0.05)
    assert measures["accuracy_hausdorff_distance"].value > 0.3
    assert measures["accuracy_affine_hausdorff"].value > 0.6
    assert measures["accuracy_idm"].value > 0.8
    assert measures["accuracy_two_way"].num_images == 20
    assert "one-shot runs" in source
    with Image.open(job.figure("fits")) as figure:
        assert figure.height > 5 * 150


@pytest.mark.parametrize("name", ["code", "text"])
def test_fits_have_the_tokens_of_the_settings(make_job, monkeypatch, name):
    asked = []
    monkeypatch.setattr(
        one_shot.token_fitting, "Fitter", lambda *args: asked.append(args)
    )
    job = make_job("one_shot", dataset="omniglot", num_particles=1)
    config = job.model.config
    settings = dataclasses.replace(config.model, token=name)
    model = copy.copy(job.model)
    model.config = dataclasses.replace(config, model=settings)
    one_shot._by_parses(dataclasses.replace(job, model=model), runs=None)
    assert asked == [(model, token.FITS[name])]


@pytest.fixture(name="one_distance")
def _one_distance(monkeypatch):
    """Leaves the task a distance that takes no time."""
    one = {"idm": distances.pixel_distances}
    monkeypatch.setattr(one_shot, "_DISTANCES", one)


def test_other_datasets_are_refused(make_job):
    with pytest.raises(ValueError, match="--dataset=omniglot"):
        one_shot.run(make_job("one_shot"))


@pytest.mark.usefixtures("one_distance")
def test_models_of_codes_classify(make_job, model_of_codes, monkeypatch):
    stages = token_scores.Stages(1, 1, num_refined=3)
    monkeypatch.setattr(token_scores, "CODES", stages)
    monkeypatch.setattr(one_shot, "_NUM_TRIES", 2)
    job = make_job(
        "one_shot",
        dataset="omniglot",
        num_images=1,
        num_particles=1,
        model=model_of_codes,
    )
    measures, _ = one_shot.run(job)
    assert measures["accuracy"].num_images == 20
    assert measures["accuracy_two_way"].num_images == 20
    assert measures["chance"].value == pytest.approx(0.05)


def test_codes_have_no_other_parser(make_job, model_of_codes):
    job = make_job(
        "one_shot",
        dataset="omniglot",
        model=model_of_codes,
        explainer=Explainer("parser", "refined", 1, 0.01),
    )
    with pytest.raises(ValueError, match="are codes"):
        one_shot.run(job)


def corners(images):
    """The corners of the ink of images, top left and bottom right."""
    ink = [np.argwhere(x[..., 0] > 0.5)[:, ::-1] for x in images]
    return np.float32([[x.min(0), x.max(0)] for x in ink])


def by_corners(runs):
    """The accuracy of nearest corners, of the first run."""
    of_queries, of_supports = (
        corners(images[0] / 255.0) for images in (runs.query, runs.support)
    )
    missed = np.abs(of_queries[:, None] - of_supports).sum((2, 3))
    return (missed.argmin(1) == runs.answers[0]).mean()


class Corners:
    """Parses of one straight stroke, from corner to corner of the ink."""

    def __init__(self):
        self.seeds = []

    def parse(self, images, seed):
        self.seeds.append(seed)
        return spline_drawings.parses(
            corners(images)[:, None, None], np.full([len(images), 1, 1], 2)
        )


class NearCorners:
    """Fits by how near the ends of strokes are to corners."""

    def __init__(self, model):
        assert "refit" in model.signature_names

    def fit(self, parses, images, num_steps):
        del num_steps
        points = parses.strokes.control_points
        missed = np.abs(points[:, 0] - corners(images)).sum((1, 2))
        return type_fitting.Fits(-missed, parses.token, points)


class Searchable:
    """A model that explains no images by itself."""

    image_size, fingerprint, name, path = 105, "1f", "searchable", "folder"
    signature_names = ("refit", "score_start")
    config = tiny_models.config("gns")


@pytest.mark.usefixtures("one_distance")
def test_models_that_are_searched_classify(make_job, monkeypatch):
    monkeypatch.setattr(one_shot.type_fitting, "Fitter", NearCorners)
    parser = Corners()
    monkeypatch.setattr(one_shot.parsers, "build", lambda *_: parser)
    job = make_job(
        "one_shot",
        dataset="omniglot",
        num_images=1,
        num_particles=1,
        model=Searchable(),
        explainer=Explainer("parser", "searched", 1, 0.3),
    )
    measures, _ = one_shot.run(job)
    runs = data.read_oneshot(image_size=105)
    assert measures["accuracy"].value == pytest.approx(by_corners(runs))
    assert measures["accuracy_two_way"].num_images == 20
    assert parser.seeds == [(0, 0, 0), (0, 1, 0)]
    with Image.open(job.figure("fits")) as figure:
        assert figure.height > 5 * 150
    monkeypatch.setattr(one_shot, "_DISTANCES", {})
    monkeypatch.setattr(one_shot, "measures", lambda parts: len(parts))
    assert one_shot.run(job)[0] == 1  # All parts were kept.
    assert len(parser.seeds) == 2


@pytest.mark.usefixtures("one_distance")
def test_validation_runs_choose_what_a_nat_is_worth(make_job, monkeypatch):
    monkeypatch.setattr(one_shot.type_fitting, "Fitter", NearCorners)
    monkeypatch.setattr(one_shot.parsers, "build", lambda *_: Corners())
    job = make_job(
        "one_shot",
        dataset="omniglot",
        split="validation",
        num_images=1,
        num_particles=1,
        model=Searchable(),
        explainer=Explainer("parser", "searched", 1, 0.3),
    )
    measures, source = one_shot.run(job)
    best = measures["best_distance_a_nat"]
    assert best.value in fusion.CANDIDATES
    assert best.num_images == measures["accuracy_fused"].num_images == 20
    runs = data.read_oneshot("validation", image_size=105)
    assert source == runs.source
    assert measures["accuracy"].value == pytest.approx(by_corners(runs))


def test_models_without_a_network_need_a_search(make_job):
    job = make_job("one_shot", dataset="omniglot", model=Searchable())
    with pytest.raises(ValueError, match="--parser=searched"):
        one_shot.run(job)


@pytest.mark.parametrize("dataset", datasets.STROKES)
def test_strokes_have_validation_runs_alone(make_job, dataset):
    with pytest.raises(ValueError, match="of --split=test .* got dataset=omni"):
        one_shot.run(make_job("one_shot", dataset=dataset))
