"""Types of command line arguments, for `argparse`."""

import argparse

_NUM_SEEDS = 2**31


def positive(text: str) -> int:
    """An integer of at least 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def seed(text: str) -> int:
    """A seed of random numbers, as int32 holds them."""
    value = int(text)
    if not 0 <= value < _NUM_SEEDS:
        raise argparse.ArgumentTypeError(
            f"must be in [0, {_NUM_SEEDS - 1}], got {value}"
        )
    return value
