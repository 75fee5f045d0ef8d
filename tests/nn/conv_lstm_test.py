import keras
import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import conv_lstm

_NUM_INPUTS, _WIDTH = 3, 4


def _random(*shape, seed=0):
    return tf.constant(
        np.random.default_rng(seed).normal(size=shape), tf.float32
    )


def _in_kerass_order(weights):
    """Orders gates i, f, o, g as Keras does: i, f, g, o."""
    enter, keep, leave, new = np.split(np.asarray(weights), 4, -1)
    return np.concatenate([enter, keep, new, leave], -1)


@pytest.mark.parametrize("kernel", [1, 3])
def test_steps_equal_the_layer_of_keras(kernel):
    cell = conv_lstm.ConvLSTMCell(_NUM_INPUTS, _WIDTH, kernel)
    frames = _random(2, 5, 4, 4, _NUM_INPUTS)
    state = [_random(2, 4, 4, _WIDTH, seed=seed) for seed in (1, 2)]
    layer = keras.layers.ConvLSTM2D(_WIDTH, kernel, padding="same")
    layer.build(frames.shape)
    layer.set_weights(
        [
            *np.split(_in_kerass_order(cell.gates.kernel), [_NUM_INPUTS], 2),
            _in_kerass_order(cell.gates.bias),
        ]
    )
    expected = layer(frames, initial_state=state)
    for frame in tf.unstack(frames, axis=1):
        state = cell(frame, state)
    np.testing.assert_allclose(state[0], expected, atol=1e-5)
