"""Small models with random weights, and images for them."""

import functools
import math
from collections.abc import Sequence

import tensorflow as tf

from tests import seeding
from tfdood import models
from tfdood.data.batching import Batch
from tfdood.settings import presets, schema, text
from tfdood.types import SplineStrokes

SIZE = 20
"""Height and width of the images, in pixels."""

SETTINGS = (
    f"model.image_size={SIZE}",
    "model.glimpse_size=10",
    "model.num_strokes=3",
    "model.num_curve_points=30",
    "model.width=8",
    "model.num_mixtures=3",
    "model.presence_bias=0.5",
    "model.code_size=6",
    "model.grid_size=5",
    "model.object_size=8",
    "model.what_size=4",
    "model.hidden_width=8",
    "model.num_levels=2",
    "model.level_size=3",
)
"""What makes a model small; a family takes those that it has."""


def config(preset: str, *changes: str) -> schema.Config:
    """Makes a preset small.

    Args:
        preset: its name.
        *changes: more settings, `path=value`. They must exist.
    """
    given = presets.get(preset, "mnist")
    return text.override(given, [*applicable(given, SETTINGS), *changes])


def applicable(given: schema.Config, settings: Sequence[str]) -> list[str]:
    """Keeps the assignments `path=value` of settings that have an effect."""
    effective = text.with_effect(given)
    return [s for s in settings if s.partition("=")[0] in effective]


def build(preset: str, *changes: str) -> models.Model:
    """Makes a small model; its weights are away from their initial values."""
    seeding.initial_weights()
    model = models.build(config(preset, *changes).model)
    scatter(model)
    return model


def scatter(model: models.Model) -> None:
    """Moves weights away from their initial values, some of which are 0.

    Layers of many inputs move less, so that activations are not saturated.
    """
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        fan_in = math.prod(weight.shape[:-1])
        weight.assign_add(min(0.2, fan_in**-0.5) * noise)


def round_weights(model: models.Model) -> None:
    """Rounds weights to half precision, in which LiteRT files have them."""
    for weight in model.variables:
        weight.assign(tf.cast(tf.cast(weight, tf.float16), weight.dtype))


@functools.cache
def images(count: int = 4) -> tf.Tensor:
    """Makes random images `[count, SIZE, SIZE, 1]`, most of them dark."""
    shape = [count, SIZE, SIZE, 1]
    return tf.random.stateless_uniform(shape, [5, 6]) ** 4


def batch(count: int = 4) -> Batch:
    """Makes a batch of these images, all of one class, and random strokes."""
    points = 100.0 * tf.random.stateless_uniform([count, 3, 4, 2], [7, 8])
    numbers = tf.tile([[4, 1, 2]], [count, 1])
    strokes = SplineStrokes(points, numbers)
    return Batch(images(count), tf.zeros([count], tf.int64), strokes)


def calls(model: models.Model) -> list[str]:
    """Names the functions that the graph of a parse calls."""

    @tf.function(autograph=False)
    def parse(x: tf.Tensor) -> tf.Tensor:
        return model.parse(x, 1, tf.constant([0, 0])).log_likelihood

    graph = parse.get_concrete_function(images()).graph
    return [op.name for op in graph.get_operations() if "Call" in op.type]
