import numpy as np
import pytest

from tfdood.evaluate.measures import class_agreement


def test_given_drawings_are_spread_over_classes_that_have_others():
    labels = np.array([2, 0, 1, 2, 0, 3, 2, 0, 0])
    rows = class_agreement.given_rows(labels, 3)
    np.testing.assert_array_equal(labels[rows], [0, 0, 2])
    everything = class_agreement.given_rows(labels, 100)
    np.testing.assert_array_equal(everything, [1, 4, 7, 8, 0, 3, 6])


def test_classes_of_single_drawings_are_refused():
    with pytest.raises(ValueError, match="has two drawings"):
        class_agreement.given_rows(np.arange(5), 2)


def test_classes_are_those_of_the_nearest_mean_without_the_given_drawing():
    # Class 0 at 0 and 4, class 1 at 10; means without the first: 4 and 10.
    real = np.array([[0.0], [4.0], [10.0]])
    labels = np.array([0, 0, 1])
    made = np.array([[[6.9], [7.1]], [[4.9], [5.1]]])
    kept = class_agreement.is_kept(made, np.array([0, 1]), real, labels)
    np.testing.assert_array_equal(kept, [[True, False], [True, False]])
