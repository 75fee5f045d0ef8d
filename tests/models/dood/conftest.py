import keras
import pytest
import tensorflow as tf

from tfdood import models
from tfdood.settings.schema import ModelConfig


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
