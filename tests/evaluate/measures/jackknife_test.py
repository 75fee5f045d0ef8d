import numpy as np
import pytest

from tfdood.evaluate.measures import jackknife


@pytest.mark.parametrize(("count", "expected"), [(2, 2), (7, 7), (25, 10)])
def test_groups_are_as_large_as_each_other(count, expected):
    sizes = np.bincount(jackknife.groups(count))
    assert len(sizes) == expected
    assert np.ptp(sizes) <= 1


def test_the_error_of_a_mean_is_that_of_the_textbook():
    values = np.random.default_rng(0).normal(size=[10, 3])
    group = jackknife.groups(10)
    without = [values[group != g].mean(0) for g in range(10)]
    np.testing.assert_allclose(
        jackknife.standard_error(without),
        values.std(0, ddof=1) / np.sqrt(10.0),
    )
