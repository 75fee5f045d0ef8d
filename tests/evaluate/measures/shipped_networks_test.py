"""Tests of the files of shipped networks."""

import keras
import numpy as np
import pytest

from tfdood.evaluate.measures import shipped_networks


def _network(seed):
    init = keras.initializers.RandomNormal(seed=seed)
    return keras.Sequential(
        [
            keras.layers.Input([3]),
            keras.layers.Dense(4, kernel_initializer=init),
            keras.layers.Dense(2, kernel_initializer=init),
        ]
    )


def test_weights_come_back_in_half_precision(tmp_path):
    trained, fresh = _network(0), _network(1)
    shipped_networks.save(trained, tmp_path / "net.npz")
    shipped_networks.load(fresh, tmp_path / "net.npz", "tools.some")
    for new, old in zip(
        fresh.get_weights(), trained.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(new, old.astype(np.float16))


def test_a_missing_file_names_the_tool(tmp_path):
    with pytest.raises(FileNotFoundError, match="python -m tools.some, or"):
        shipped_networks.load(_network(0), tmp_path / "no.npz", "tools.some")
