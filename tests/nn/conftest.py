"""What all tests of networks share."""

import keras
import pytest


@pytest.fixture(autouse=True)
def _seeded_weights():
    """Initial weights are the same in every run."""
    keras.utils.set_random_seed(0)
