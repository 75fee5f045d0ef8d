import dataclasses

import numpy as np
import pytest
from PIL import Image

from tfdood.evaluate.tasks import exemplars


def test_measures_of_known_features():
    # Class 0 on the left, class 1 on the right; the first of class 0 is given.
    real = np.array([[0.0, 0.0], [0.0, 2.0], [10.0, 0.0], [10.0, 2.0]])
    labels = np.array([0, 0, 1, 1])
    own = np.array([[[1.0, 0.0], [0.0, 1.0], [9.0, 0.0]]])
    again = np.array([[[0.0, 0.5]]])
    measures = exemplars.compare(own, again, np.array([0]), real, labels)
    values = {name: m.value for name, m in measures.items()}
    across = np.hypot(10.0, 2.0)
    assert values == pytest.approx(
        {
            "distance_to_given": (1.0 + 1.0 + 9.0) / 3,
            "distance_to_given_of_reconstructions": 0.5,
            "distance_within_class": 2.0,
            "distance_between_classes": (10.0 + across) / 2,
            "distance_between_exemplars": (
                np.sqrt(2.0) + 8.0 + np.hypot(9.0, 1.0)
            )
            / 3,
            "distance_between_drawings": 2.0,
            "diversity": (np.sqrt(2.0) + 8.0 + np.hypot(9.0, 1.0)) / 6,
            "class_agreement": 2 / 3,
            "class_agreement_of_reconstructions": 1.0,
            "class_agreement_of_given": 1.0,
        }
    )


def _diversity(own, rows, real, labels):
    measures = exemplars.compare(own, own[:, :1], rows, real, labels)
    return measures["diversity"]


def test_one_class_has_no_measures_of_classes():
    real = np.random.default_rng(0).normal(size=[6, 3])
    measures = exemplars.compare(
        real[:2, np.newaxis].repeat(8, 1),
        real[:2, np.newaxis],
        np.arange(2),
        real,
        np.zeros(6, int),
    )
    assert "diversity" in measures
    assert not any("class" in n for n in measures if "within" not in n)
    assert all(np.isfinite(measure.value) for measure in measures.values())


def test_copies_have_no_diversity_and_real_drawings_that_of_their_class():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(40), 9)
    centres = 10.0 * rng.normal(size=[40, 3])
    real = centres[labels] + rng.normal(size=[len(labels), 3])
    rows = np.arange(0, len(labels), 9)
    copies = np.repeat(real[rows][:, None], 8, 1)
    assert _diversity(copies, rows, real, labels).value == 0.0
    new = centres[labels[rows]][:, None] + rng.normal(size=[40, 8, 3])
    value, error, count = _diversity(new, rows, real, labels)
    assert value == pytest.approx(1.0, abs=3 * error)
    assert 0.0 < error < 0.05
    assert count == 40
    half = copies + 0.5 * (new - centres[labels[rows]][:, None])
    assert _diversity(half, rows, real, labels).value == pytest.approx(
        0.5 * value
    )


def test_as_many_real_drawings_are_compared_as_there_are_exemplars():
    # Four exemplars; of six real drawings, the given one and three others.
    real = np.array([0.0, 1.0, 5.0, 2.0, 9.0, 4.0])[:, None]
    own = np.zeros([1, 4, 1])
    others = np.ones([2, 1])
    measures = exemplars.compare(
        own,
        own[:, :1],
        np.array([3]),
        np.concatenate([real, others]),
        np.array([0] * 6 + [1] * 2),
    )
    some = [0.0, 5.0, 4.0, 2.0]  # the first, the middle and the last; given
    expected = [abs(x - y) for i, x in enumerate(some) for y in some[:i]]
    value = measures["distance_between_drawings"].value
    assert value == pytest.approx(np.mean(expected))


def test_the_given_drawing_is_left_out_of_its_class_mean():
    # Without itself, its class lies farther away than the other one.
    real = np.array([[0.0], [-9.0], [5.0], [5.0]])
    labels = np.array([0, 0, 1, 1])
    measures = exemplars.compare(
        np.zeros([1, 2, 1]), np.zeros([1, 1, 1]), np.array([0]), real, labels
    )
    assert measures["class_agreement_of_given"].value == 0.0
    assert measures["class_agreement"].value == 0.0


def test_the_task_measures_and_draws(make_job):
    job = make_job("exemplars", num_images=3)
    measures, source = exemplars.run(job)
    assert "sample of mnist" in source
    assert all(m.num_images == 3 for m in measures.values())
    assert 0.0 <= measures["class_agreement"].value <= 1.0
    assert measures["distance_between_exemplars"].value > 0.0
    assert job.figure("anew").exists()
    # The same route, repeated: exact.
    job.forget_parts()
    assert exemplars.run(job) == (measures, source)


def test_exemplars_of_searched_strokes(make_search):
    job = make_search("exemplars", num_images=3)
    job = dataclasses.replace(job, dataset="omniglot")
    measures, source = exemplars.run(job)
    assert "sample of omniglot" in source
    assert {m.num_images for m in measures.values()} == {3}
    # Strokes that were traced look like the drawing, whatever the weights are.
    far = measures["distance_between_classes"].value
    assert measures["distance_to_given_of_reconstructions"].value < 0.7 * far
    assert measures["distance_between_exemplars"].value > 0.0
    with Image.open(job.figure("anew")) as figure:
        assert figure.width > 18 * 50  # given, 8 exemplars, a gap, 8 of people
