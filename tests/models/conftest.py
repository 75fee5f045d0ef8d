import keras
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.settings import presets
from tfdood.settings import text as settings_lib
from tfdood.settings.schema import ModelConfig

_TINY = (
    "model.image_size=20",
    "model.glimpse_size=10",
    "model.num_control_points=2",
    "model.width=8",
)


@pytest.fixture(scope="session")
def make_tiny():
    """Makes the model of a preset tiny, its weights away from the initial."""

    def make(preset: str, *assignments: str) -> models.DrawingModel:
        config = settings_lib.override(
            presets.get(preset, "mnist"), [*_TINY, *assignments]
        )
        keras.utils.set_random_seed(0)
        model = models.build(config.model)
        for number, weight in enumerate(model.trainable_variables):
            noise = tf.random.stateless_normal(weight.shape, [number, 7])
            weight.assign_add(0.2 * noise)
        return model

    return make


@pytest.fixture(scope="session")
def pictures():
    return tf.random.stateless_uniform([4, 20, 20, 1], [5, 6]) ** 4


@pytest.fixture(scope="session")
def tiny():
    return ModelConfig(
        image_size=20,
        glimpse_size=10,
        num_strokes=3,
        num_curve_points=30,
        width=8,
        num_mixtures=3,
        presence_bias=0.5,
    )


@pytest.fixture(scope="session")
def model(tiny):
    keras.utils.set_random_seed(0)
    model = models.build(tiny)
    # Weights away from their special initial values.
    for number, weight in enumerate(model.trainable_variables):
        noise = tf.random.stateless_normal(weight.shape, [number, 7])
        weight.assign_add(0.2 * noise)
    return model


@pytest.fixture(scope="session")
def images():
    return tf.random.stateless_uniform([4, 20, 20, 1], [5, 6]) ** 4
