import numpy as np
import pytest

from tfdood.evaluate.measures import ratios


def test_the_ratio_of_means_is_not_the_mean_of_ratios():
    value, error, count = ratios.of_means([1.0, 3.0], [1.0, 1.0 / 3.0])
    assert value == pytest.approx(3.0)
    # a - r b is -2 and 2, whose deviation is sqrt(8).
    assert error == pytest.approx(np.sqrt(8.0) / (np.sqrt(2.0) * 2.0 / 3.0))
    assert count == 2


def test_a_constant_ratio_has_no_error():
    b = np.array([1.0, 4.0, 2.0])
    value, error, _ = ratios.of_means(0.3 * b, b)
    assert value == pytest.approx(0.3)
    assert error == pytest.approx(0.0, abs=1e-12)
    assert ratios.of_means([2.0], [4.0]) == (0.5, 0.0, 1)


def test_the_standard_error_is_how_much_the_ratio_varies():
    rng = np.random.default_rng(0)
    b = rng.uniform(1.0, 3.0, [500, 100])
    a = 0.4 * b + rng.normal(0.0, 0.3, b.shape)
    found = [ratios.of_means(*pair) for pair in zip(a, b, strict=True)]
    error = np.mean([m.standard_error for m in found])
    assert error == pytest.approx(np.std([m.value for m in found]), rel=0.1)
