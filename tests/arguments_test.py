import argparse

import pytest

from tfdood import arguments


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (arguments.positive, "1", 1),
        (arguments.positive, "200", 200),
        (arguments.seed, "0", 0),
        (arguments.seed, "2147483647", 2**31 - 1),
    ],
)
def test_takes_what_is_in_range(kind, text, value):
    assert kind(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (arguments.positive, "0", "must be at least 1, got 0"),
        (arguments.seed, "-1", r"must be in \[0, 2147483647\], got -1"),
        (arguments.seed, "2147483648", "got 2147483648"),
    ],
)
def test_says_what_is_out_of_range(kind, text, message):
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        kind(text)
