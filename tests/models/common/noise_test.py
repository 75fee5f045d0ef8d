import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.models.common import noise
from tfdood.settings.schema import ModelConfig

_CONFIG = ModelConfig(num_strokes=3, num_control_points=4)
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize("seed", [tf.constant([1, 2]), _SEEDS])
def test_has_the_shapes_it_promises(seed):
    drawn = noise.draw(_CONFIG, seed, 3, 5)
    shapes = [list(field.shape) for field in drawn]
    assert shapes == [
        [3, 15],
        [3, 15],
        [3, 15, 4],
        [3, 15, 4],
        [3, 15, 4, 2],
    ]
    central = noise.central(_CONFIG, 15)
    assert [list(field.shape) for field in central] == shapes


def test_a_row_of_seeds_depends_on_its_own_seed_alone():
    together = noise.draw(_CONFIG, _SEEDS, 3, 2)
    alone = noise.draw(_CONFIG, _SEEDS[1:2], 1, 2)
    for whole, part in zip(together, alone, strict=True):
        np.testing.assert_allclose(
            whole.numpy()[:, [1, 4]], part, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize(
    "seed", [tf.constant([1, 2]), tf.stack([tf.range(200)] * 2, -1)]
)
def test_numbers_are_uniform_and_normal_and_independent(seed):
    drawn = noise.draw(_CONFIG, seed, 200, 10)
    for field in (
        drawn.presence,
        drawn.layout_component,
        drawn.point_component,
    ):
        assert scipy.stats.kstest(np.ravel(field), "uniform").pvalue > 1e-3
    for field in (drawn.layout, drawn.control_points):
        assert scipy.stats.kstest(np.ravel(field), "norm").pvalue > 1e-3
    columns = np.concatenate(
        [np.reshape(np.moveaxis(f, 1, -1), [-1, 2000]) for f in drawn]
    )
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlation).max() < 0.12  # 5 standard errors


def test_streams_differ_from_each_other_and_by_row():
    streams = noise.streams(_SEEDS, 2)
    values = np.concatenate([s.numpy() for s in streams])
    assert len({tuple(v) for v in values}) == 6
    for stream, single in zip(
        streams, noise.streams(_SEEDS[0], 2), strict=True
    ):
        np.testing.assert_array_equal(stream[0], single)


def test_temperature_scales_the_gaussian_noise_alone():
    drawn = noise.draw(_CONFIG, tf.constant([1, 2]), 2)
    cold = noise.tempered(drawn, tf.constant([0.5, 2.0]))
    np.testing.assert_array_equal(cold.presence, drawn.presence)
    np.testing.assert_array_equal(cold.point_component, drawn.point_component)
    factor = np.array([0.5, 2.0])
    np.testing.assert_allclose(cold.layout, factor[:, None] * drawn.layout)
    np.testing.assert_allclose(
        cold.control_points, factor[:, None, None] * drawn.control_points
    )
    np.testing.assert_array_equal(
        noise.tempered(drawn, 1.0).layout, drawn.layout
    )
