"""Fixtures of all tests."""

import pytest

from tests import seeding

pytest_plugins = ["tests.serving.tiny", "tests.saved.tiny_runs"]


@pytest.fixture(autouse=True, scope="session")
def _nothing_prepared(tmp_path_factory):
    """Hides the datasets that are prepared on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(tmp_path_factory.mktemp("no_data")))
        yield


@pytest.fixture(autouse=True)
def _seeded():
    """Gives layers the same initial weights in every run of a test."""
    seeding.initial_weights()
