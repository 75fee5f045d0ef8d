"""Small models of scenes without objects, with random weights."""

import dataclasses
import functools

from tests import seeding, tiny_models
from tfdood import models
from tfdood.models.baselines.scene_vae import SceneVAE
from tfdood.settings.scenes import SceneVae

SETTINGS = SceneVae(
    image_size=16,
    grid_size=2,
    width=8,
    hidden_width=8,
    num_levels=2,
    level_size=3,
)
"""Scenes of 16 x 16 pixels on a grid of four cells."""


def fresh(**changes: object) -> SceneVAE:
    """Makes a small model; its weights are away from their initial ones."""
    seeding.initial_weights()
    model = models.build(dataclasses.replace(SETTINGS, **changes))
    tiny_models.scatter(model)
    return model


build = functools.cache(fresh)
"""The same, made once: tests do not change its weights."""
