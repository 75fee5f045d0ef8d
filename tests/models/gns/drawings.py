"""Drawings of a few random strokes, and a prior with random weights."""

import numpy as np
import tensorflow as tf

from tests import seeding, tiny_models
from tfdood.data.batching import Batch
from tfdood.models.gns import prior
from tfdood.types import SplineStrokes

NUMBERS = np.int32([[3, 1, 5], [2, 0, 0], [4, 4, 0], [0, 0, 0]])
"""Of control points: with a dot, and with a drawing without strokes."""


def strokes(num_points: int = 5) -> SplineStrokes:
    """Drawings of `NUMBERS`; 0 after the last control point."""
    rng = np.random.default_rng(3)
    points = rng.uniform(20.0, 85.0, [*NUMBERS.shape, num_points, 2])
    points[np.arange(num_points) >= NUMBERS[..., np.newaxis]] = 0.0
    return SplineStrokes(tf.constant(points, tf.float32), tf.constant(NUMBERS))


def type_prior(num_mixtures: int = 3) -> prior.TypePrior:
    """A prior whose running moments are not the first ones."""
    seeding.initial_weights()
    made = prior.TypePrior(num_mixtures)
    for number, norm in enumerate(made.norms):
        size = norm.gain.shape[0]
        noise = tf.random.stateless_uniform([2, size], [number, 1])
        norm.running["mean"].assign(0.3 * noise[0])
        norm.running["variance"].assign(0.5 + noise[1])
    return made


def tiny_config(*changes: str):
    """The preset, with few components and small pictures."""
    return tiny_models.config("gns", "model.num_control_points=5", *changes)


def batch() -> Batch:
    """A batch of these drawings, with black images."""
    count = len(NUMBERS)
    images = tf.zeros([count, 20, 20, 1])
    return Batch(images, tf.zeros([count], tf.int64), strokes())
