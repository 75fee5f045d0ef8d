"""Fixtures of tests of what also holds without a part of DooD."""

import pytest
import tensorflow as tf

from tests.models.dood import variants


@pytest.fixture(scope="session", params=["dood", *variants.PARAMS])
def model(request, dood):
    """A variant of DooD; tests do not change its weights."""
    if request.param == "dood":
        return dood
    return variants.build(request.param)


@pytest.fixture(scope="session")
def parse(model, images):
    """Two parses of each image by the variant."""
    return model.parse(images, 2, tf.constant([1, 2]))
