"""Fixtures of all tests."""

import functools

import pytest
import tensorflow as tf

from tests import seeding

pytest_plugins = ["tests.serving.tiny", "tests.saved.tiny_runs"]


@pytest.fixture(autouse=True, scope="session")
def _nothing_prepared(tmp_path_factory):
    """Hides the datasets that are prepared on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(tmp_path_factory.mktemp("no_data")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _grappler_of_sessions_alone():
    """Runs functions as training does, and sessions as servers do.

    Without Grappler, a first call takes two thirds of the time.
    """
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )
    # A session without a configuration takes the options above.
    session = functools.partial(
        tf.compat.v1.Session, config=tf.compat.v1.ConfigProto()
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tf.compat.v1, "Session", session)
        yield


@pytest.fixture(autouse=True)
def _seeded():
    """Gives layers the same initial weights in every run of a test."""
    seeding.initial_weights()
