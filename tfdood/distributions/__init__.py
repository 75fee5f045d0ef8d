"""Distributions over strokes and pixels; they use TensorFlow Probability."""

from tfdood.distributions import (
    correlated_normal,
    heads,
    mixture,
    pixels,
    presence,
)

__all__ = ["correlated_normal", "heads", "mixture", "pixels", "presence"]
