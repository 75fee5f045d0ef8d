"""Small GNMs with random weights."""

import dataclasses
import functools

import tensorflow as tf

from tests import seeding, tiny_models
from tfdood import models
from tfdood.models.gnm.model import GNM
from tfdood.settings.scenes import Gnm

SETTINGS = Gnm(
    image_size=16,
    grid_size=2,
    object_size=4,
    what_size=3,
    width=8,
    hidden_width=8,
    num_levels=2,
    level_size=3,
    background_size=2,
)
"""Scenes of 16 x 16 pixels with four cells."""

COLOURS = dataclasses.replace(SETTINGS, colours="rgb")
"""The same with colours and a background."""


def fresh(settings: Gnm = SETTINGS, **changes: object) -> GNM:
    """Makes a small model; its weights are away from their initial ones."""
    seeding.initial_weights()
    model = models.build(dataclasses.replace(settings, **changes))
    tiny_models.scatter(model)
    return model


build = functools.cache(fresh)
"""The same, made once: tests do not change its weights."""


def images(settings: Gnm = SETTINGS, count: int = 3) -> tf.Tensor:
    """Makes random images, most of their pixels dark."""
    size = settings.image_size
    shape = [count, size, size, settings.num_channels]
    return tf.random.stateless_uniform(shape, [5, 6]) ** 4
