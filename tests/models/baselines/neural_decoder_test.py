import numpy as np
import pytest
import scipy.ndimage
import tensorflow as tf

from tfdood.models.baselines import neural_decoder

_LAYOUTS = [
    [0.1, -0.2, 0.6, 0.5],
    [-0.3, 0.2, 0.3, -0.7],
    [0.0, 0.1, -0.5, 0.2],  # a negative scale turns by 180 degrees
    [0.2, 0.0, 1.7, 0.1],
]
_EXTREME_LAYOUTS = [
    [0.0, 0.0, 0.0, 0.0],
    [0.01, 0.02, 1e-8, 0.3],
    [0.01, 0.02, -1e-8, 0.3],
    [0.01, 0.02, 0.004, 0.3],
    [9.0, -9.0, 0.5, 4.0],
    [0.0, 0.0, 1e3, 0.0],
]
_CODES = tf.random.stateless_normal([2, 2, 10], [5, 6])


def _decoder(mean=0.0, std=1.0):
    return neural_decoder.NeuralDecoder(20, 10, 8, -4.0, mean, std)


def _warped(image, layout):
    """`image` `[H, W]` of a stroke's frame on the canvas, by scipy."""
    size = len(image)
    centres = (2.0 * np.arange(size) + 1.0) / size - 1.0
    y, x = np.meshgrid(centres, centres, indexing="ij")
    x, y = x - layout[0], y - layout[1]
    c, s = np.cos(layout[3]), np.sin(layout[3])
    u, v = (c * x + s * y) / layout[2], (c * y - s * x) / layout[2]
    pixels = [((t + 1.0) * size - 1.0) / 2.0 for t in (v, u)]
    return scipy.ndimage.map_coordinates(
        np.pad(image, 1), [p + 1.0 for p in pixels], order=1, mode="constant"
    )


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.5, 0.2)])
def test_image_is_the_warped_output_of_an_mlp(mean, std):
    decoder = _decoder(mean, std)
    layouts = tf.reshape(tf.constant(_LAYOUTS), [2, 2, 4])
    image = decoder(layouts, _CODES)
    hidden = (np.reshape(_CODES, [4, 10]) - mean) / std
    for layer in decoder.mlp.hidden:
        hidden = np.tanh(hidden @ np.array(layer.kernel) + np.array(layer.bias))
    output = decoder.mlp.output_layer
    logits = hidden @ np.array(output.kernel) + np.array(output.bias)
    frames = np.log1p(np.exp(logits - 4.0)).reshape(4, 20, 20)
    expected = [
        _warped(frame, layout)
        for frame, layout in zip(frames, _LAYOUTS, strict=True)
    ]
    np.testing.assert_allclose(
        np.reshape(image, [4, 20, 20]), expected, atol=1e-5
    )


def test_values_and_gradients_are_finite_for_any_layout():
    inputs = [
        tf.constant(_EXTREME_LAYOUTS),
        tf.random.stateless_normal([len(_EXTREME_LAYOUTS), 10], [1, 2]),
    ]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        image = _decoder()(*inputs)
        total = tf.reduce_sum(image**2)
    assert np.all(np.isfinite(image))
    assert all(np.all(np.isfinite(g)) for g in tape.gradient(total, inputs))
    # Frames without size are at most a dot.
    assert np.count_nonzero(image[:4], (1, 2, 3)).max() <= 4
