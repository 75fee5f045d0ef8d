import math

import pytest

from tfdood.settings import bounds


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        (bounds.Interval(0, 1), [0, 0.5, 1], [-1e-9, 1.001, math.inf]),
        (bounds.Interval(0, 1, is_open=True), [1e-9, 1], [0, 0.0, 2]),
        (bounds.Interval(3), [3, 1e30, math.inf], [2.999, -math.inf]),
        (bounds.ABOVE_0, [1e-9, 1e30], [0, -1]),
        (bounds.FRACTION, [0, 1], [-0.001, 1.001]),
    ],
)
def test_interval_contains_numbers_between_its_ends(interval, inside, outside):
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in (*outside, math.nan))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (bounds.Interval(16, 1024), "in [16, 1024]"),
        (bounds.Interval(0, 0.99), "in [0, 0.99]"),
        (bounds.Interval(0, is_open=True), "in (0, inf]"),
        (bounds.Interval(0, 2**31 - 1), "in [0, 2147483647]"),
    ],
)
def test_interval_is_written_with_all_digits_of_its_ends(interval, text):
    assert str(interval) == text


def test_choices_contain_only_whole_names():
    choices = bounds.Choices(("patches", "paper"))
    assert "paper" in choices
    assert "pap" not in choices
    assert str(choices) == "one of patches, paper"
