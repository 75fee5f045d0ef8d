"""Fixtures of all tests of models."""

import pytest
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.settings.architectures import Dood


@pytest.fixture(scope="session")
def images() -> tf.Tensor:
    """Four random images."""
    return tiny_models.images()


@pytest.fixture(scope="session")
def tiny() -> Dood:
    """The settings of `dood`."""
    return tiny_models.config("dood").model


@pytest.fixture(scope="session")
def dood() -> models.StrokeModel:
    """A DooD with random weights; tests do not change them."""
    return tiny_models.build("dood")
