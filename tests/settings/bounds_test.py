import math

import pytest

from tfdood.settings import bounds as ranges
from tfdood.settings import schema as config_lib
from tfdood.settings import text as settings_lib

# Logits: any finite number will do.
_FREE = {
    "model.presence_bias",
    "model.stroke_std_bias",
    "model.blur_bias",
    "model.stroke_contrast_bias",
    "model.canvas_contrast_bias",
    "model.ink_bias",
}


@pytest.mark.parametrize(
    ("interval", "inside", "outside"),
    [
        (ranges.Interval(0, 1), [0, 0.5, 1], [-1e-9, 1.001, math.inf]),
        (ranges.Interval(0, 1, is_open=True), [1e-9, 1], [0, 0.0, 2]),
        (ranges.Interval(3), [3, 1e30, math.inf], [2.999, -math.inf]),
    ],
)
def test_intervals_hold_what_lies_between_their_ends(interval, inside, outside):
    assert all(value in interval for value in inside)
    assert not any(value in interval for value in (*outside, math.nan))


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (ranges.Interval(16, 1024), "in [16, 1024]"),
        (ranges.Interval(0, 0.99), "in [0, 0.99]"),
        (ranges.Interval(0, is_open=True), "in (0, inf]"),
        (ranges.Interval(0, 2**31 - 1), "in [0, 2147483647]"),
    ],
)
def test_intervals_say_exactly_where_they_end(interval, text):
    assert str(interval) == text


def test_choices():
    choices = ranges.Choices(("compact", "paper"))
    assert "paper" in choices
    assert "pap" not in choices
    assert str(choices) == "one of compact, paper"


def test_every_number_has_a_range():
    settings = settings_lib.flatten(config_lib.Config("dood"))
    numbers = {k for k, v in settings.items() if type(v) in (int, float)}
    assert numbers - _FREE <= set(ranges.ALLOWED)
    assert not _FREE & set(ranges.ALLOWED)


@pytest.mark.parametrize(
    ("setting", "largest"),
    [("training.seed", 2**31 - 1), ("model.image_size", 1024)],
)
def test_the_largest_value_is_the_last_one(setting, largest):
    config = config_lib.Config("dood")
    settings_lib.override(config, [f"{setting}={largest}"])
    with pytest.raises(ValueError, match=rf", {largest}\], got {largest + 1}"):
        settings_lib.override(config, [f"{setting}={largest + 1}"])
