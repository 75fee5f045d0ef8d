"""What all tests share."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _nothing_prepared(tmp_path_factory):
    """Datasets that this machine has prepared are not seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(tmp_path_factory.mktemp("no_data")))
        yield
