import numpy as np
import pytest

from tfdood.data import sources
from tfdood.data.importers import importing


@pytest.fixture
def no_prepared_data(monkeypatch, tmp_path):
    """TFDS's own folder has no dataset; the sample is announced again."""
    sources.warn_of_sample.cache_clear()
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "default"))


@pytest.fixture
def prepared_mnist(tmp_path):
    """The folder of prepared datasets, of which MNIST is the only one."""
    rng = np.random.default_rng(0)
    np.savez(
        tmp_path / "mnist.npz",
        x_train=rng.integers(0, 200, (12, 28, 28), dtype=np.uint8),
        y_train=np.arange(12, dtype=np.uint8) % 10,
        x_test=rng.integers(0, 200, (5, 28, 28), dtype=np.uint8),
        y_test=np.arange(5, dtype=np.uint8),
    )
    data_dir = tmp_path / "prepared"
    list(importing.import_all(str(tmp_path), str(data_dir)))
    return str(data_dir)
