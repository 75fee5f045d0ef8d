"""One-shot classification, where the right answers and scores are known."""

import numpy as np
import pytest
from PIL import Image

from tfdood import data
from tfdood.evaluate.measures import distances, token_fitting
from tfdood.evaluate.tasks import one_shot
from tfdood.models.common import token
from tfdood.parsing.amortised import Parses
from tfdood.types import Pen, Strokes


def test_log_scores_are_mixtures_over_parses():
    rng = np.random.default_rng(0)
    fit_scores = rng.normal(size=[4, 3, 2])
    log_joint = rng.normal(size=[3, 2])
    weights = np.exp(log_joint)
    weights /= weights.sum(1, keepdims=True)
    np.testing.assert_allclose(
        one_shot.log_scores(fit_scores, log_joint),
        np.log((weights * np.exp(fit_scores)).sum(-1)),
    )


def test_log_scores_stay_finite_for_scores_of_images():
    scores = one_shot.log_scores(
        np.array([[[6_000.0, -9_000.0]]]), np.array([[5_000.0, 5_000.0]])
    )
    np.testing.assert_allclose(scores, 6_000.0 - np.log(2.0))


def test_two_way_score_is_that_of_the_quotient():
    rng = np.random.default_rng(1)
    there, back = rng.random([2, 4, 3])  # p(x_T | x_c), p(x_c | x_T)
    joint = rng.random([3, 2])
    np.testing.assert_allclose(
        one_shot.two_way_log_scores(np.log(there), np.log(back), np.log(joint)),
        np.log(there * back / joint.sum(1)),
    )


def test_highest_of_each_row():
    scores = np.array([[0.0, 3.0, 1.0, 2.0], [5.0, 5.0, -1.0, 5.0]])
    np.testing.assert_array_equal(
        one_shot.highest(scores, 2),
        [[False, True, False, True], [True, True, False, False]],
    )


def test_accuracies_of_constructed_scores():
    answers = np.array([2, 0, 1])
    right = np.eye(3)[answers]
    part = {
        "answers": answers,
        "one_way": right,
        "two_way": np.roll(right, 1, 1),
        "pixel_distance": np.eye(3)[[2, 0, 0]],
        "hausdorff_distance": np.eye(3)[[2, 1, 0]],
    }
    found = one_shot.measures([part, part])
    values = {name: m.value for name, m in found.items()}
    assert values == pytest.approx(
        {
            "accuracy": 1.0,
            "accuracy_two_way": 0.0,
            "accuracy_pixel_distance": 2 / 3,
            "accuracy_hausdorff_distance": 1 / 3,
            "chance": 1 / 3,
        }
    )
    assert {m.num_images for m in found.values()} == {6}


def test_standard_errors_are_over_runs():
    answers = np.array([2, 0, 1])
    right, wrong = np.eye(3)[answers], np.eye(3)[[1, 2, 0]]
    names = ("one_way", "two_way", "pixel_distance", "hausdorff_distance")
    found = one_shot.measures(
        [
            {"answers": answers, **dict.fromkeys(names, scores)}
            for scores in (right, wrong)
        ]
    )
    # Accuracies of 1 and 0: a deviation of sqrt(1 / 2), over sqrt(2).
    assert found["accuracy"] == pytest.approx((0.5, 0.5, 6))


def _characters(count: int) -> Parses:
    """Characters of two strokes, each its own only parse."""
    rng = np.random.default_rng(7)
    points = rng.uniform(0.2, 0.8, [count, 1, 2, 5, 2]).astype(np.float32)
    shape = points.shape[:3]
    layout = np.broadcast_to(np.float32([0, 0, 1, 0]), [*shape, 4])
    return Parses(
        Strokes(np.ones(shape, np.float32), layout, points),
        Pen(
            np.full(shape, 0.03, np.float32),
            np.full(shape, 0.3, np.float32),
            np.full(shape[:2], 0.5, np.float32),
        ),
        np.zeros(shape[:2]),
        np.zeros(shape[:2]),
    )


def test_transformed_characters_are_recognised(exported_model):
    supports = _characters(5)
    order = np.array([3, 0, 4, 1, 2])
    rng = np.random.default_rng(8)
    logits = rng.normal(0.0, 0.5, [5, 7]).astype(np.float32)
    own = supports.strokes.control_points[order]
    noise = rng.normal(0.0, token_fitting.MOTOR_STD, own.shape)
    queries = supports.rows(order)
    queries = queries._replace(
        strokes=token.transform(
            queries.strokes._replace(
                control_points=own + noise.astype(np.float32)
            ),
            token.affine(logits[:, None], token.FITTING),
        )
    )
    queries = queries._replace(
        strokes=Strokes(*map(np.asarray, queries.strokes))
    )
    images = [
        exported_model.run(
            "render",
            **only.strokes._asdict(),
            **only.pen._asdict(),
        )["canvas"].numpy()
        for only in (x.rows((slice(None), 0)) for x in (supports, queries))
    ]
    one_way, two_way, fitted = one_shot.classify(
        token_fitting.Fitter(exported_model), supports, queries, *images
    )
    np.testing.assert_array_equal(one_way.argmax(1), order)
    np.testing.assert_array_equal(two_way.argmax(1), order)
    shown = fitted.best(np.arange(5), order)
    wanted = queries.strokes.control_points[:, 0]
    assert np.abs(shown["fitted"] - wanted).mean() < 0.02
    assert np.abs(shown["parsed"] - wanted).mean() > 0.03


def test_modified_hausdorff_distance_reproduces_its_published_accuracy():
    runs = data.read_oneshot(image_size=105)
    is_right = [
        distances.hausdorff_distances(query, support).argmin(1) == answers
        for query, support, answers in zip(
            runs.query, runs.support, runs.answers, strict=True
        )
    ]
    assert np.mean(is_right) == pytest.approx(0.612, abs=0.003)


def test_task(make_job, monkeypatch):
    monkeypatch.setattr(one_shot, "_SCREENING_STEPS", 1)
    monkeypatch.setattr(one_shot, "_REFINING_STEPS", 1)
    monkeypatch.setattr(one_shot, "_NUM_TRIES", 2)
    job = make_job(
        "one_shot", dataset="omniglot", num_images=1, num_particles=1
    )
    measures, source = one_shot.run(job)
    assert measures["chance"].value == pytest.approx(0.05)
    assert measures["accuracy_hausdorff_distance"].value > 0.3
    assert 0.0 <= measures["accuracy"].value <= 1.0
    assert measures["accuracy_two_way"].num_images == 20
    assert "one-shot runs" in source
    with Image.open(job.figure("fits")) as figure:
        assert figure.height > 5 * 150


def test_other_datasets_are_refused(make_job):
    with pytest.raises(ValueError, match="--dataset=omniglot"):
        one_shot.run(make_job("one_shot"))
