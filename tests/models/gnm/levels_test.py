import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.models.gnm import gaussians, levels, structdraw


def test_initial_states_are_zeros_that_learn():
    layer = structdraw.StructDraw(tiny_scenes.SETTINGS)
    states = [*layer.encoder_start, *layer.decoder_start]
    assert all(not np.any(state) for state in states)
    trained = {id(v) for v in layer.trainable_variables}
    assert trained >= {id(state) for state in states}


def test_the_ratio_of_a_code_equals_scipy():
    rng = np.random.default_rng(0)
    code, *parameters = rng.normal(size=(5, 3, 4)).astype(np.float32)
    means, deviations = parameters[:2], [np.exp(x) for x in parameters[2:]]
    prior, posterior = (
        gaussians.tfd.Normal(*pair)
        for pair in zip(means, deviations, strict=True)
    )
    sample = levels.SceneCode(tf.constant(code), None, prior, posterior)
    p, q = (
        scipy.stats.norm.logpdf(code, *pair)
        for pair in zip(means, deviations, strict=True)
    )
    np.testing.assert_allclose(sample.log_ratio(), (p - q).sum(-1), rtol=1e-4)


def test_map_layers_see_two_cells_far():
    layer = levels.map_layers(3, 2)
    features = tf.random.stateless_normal([1, 7, 7, 3], [0, 1])
    with tf.GradientTape() as tape:
        tape.watch(features)
        # The norm sees all cells; before it, the convolutions do not.
        block, last = layer.layers
        outputs = last(tf.nn.elu(block.convolution(features)))
        corner = tf.reduce_sum(outputs[:, 0, 0])
    seen = np.any(tape.gradient(corner, features)[0], -1)
    assert seen[:3, :3].all()
    assert not seen[3:].any()
    assert not seen[:, 3:].any()


@pytest.mark.parametrize("cell", [(0, 1), (1, 0)])
def test_a_code_on_the_grid_is_row_by_row(cell):
    settings = tiny_scenes.SETTINGS
    code = tf.reshape(tf.range(12.0), [1, 12])
    row, column = cell
    first = settings.level_size * (settings.grid_size * row + column)
    np.testing.assert_array_equal(
        levels.as_map(code, settings)[0, row, column],
        np.arange(first, first + settings.level_size),
    )
