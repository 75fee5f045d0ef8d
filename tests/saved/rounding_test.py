import numpy as np
import pytest

from tfdood.saved import rounding


def test_floats_are_rounded_and_others_kept():
    given = [np.float32([1.0, 1.0 + 2.0**-12, 65504.0]), np.int64([70_000])]
    floats, integers = rounding.halves(given)
    assert floats.dtype == np.float16
    np.testing.assert_array_equal(floats, [1.0, 1.0, 65504.0])
    assert integers is given[1]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -70_000.0])
def test_numbers_beyond_half_precision_are_refused(wrong):
    with pytest.raises(ValueError, match=r"all weights within \+-65,504\."):
        rounding.halves([np.float32([0.0, wrong])])
