import numpy as np
import pytest

from tfdood.evaluate.tasks import exemplars


def test_given_drawings_are_spread_over_classes_that_have_others():
    labels = np.array([2, 0, 1, 2, 0, 3, 2, 0, 0])
    rows = exemplars.given_rows(labels, 3)
    np.testing.assert_array_equal(labels[rows], [0, 0, 2])
    everything = exemplars.given_rows(labels, 100)
    np.testing.assert_array_equal(everything, [1, 4, 7, 8, 0, 3, 6])


def test_classes_of_single_drawings_are_refused():
    with pytest.raises(ValueError, match="has two drawings"):
        exemplars.given_rows(np.arange(5), 2)


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
            "class_agreement": 2 / 3,
            "class_agreement_of_reconstructions": 1.0,
            "class_agreement_of_given": 1.0,
        }
    )


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
    assert exemplars.run(job) == (measures, source)
