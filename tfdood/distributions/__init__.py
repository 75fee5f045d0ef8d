"""Distributions over strokes and pixels, on TensorFlow Probability."""

from tfdood.distributions import (
    correlated_normal,
    mixture,
    pixels,
    presence,
)

__all__ = ["correlated_normal", "mixture", "pixels", "presence"]
