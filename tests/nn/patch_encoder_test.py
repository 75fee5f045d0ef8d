import numpy as np
import pytest
import tensorflow as tf

from tfdood.nn import patch_encoder

_SIZE, _WIDTH = 20, 6


def _images(count, num_rows=3):
    shape = [num_rows, *([count] if count > 1 else []), _SIZE, _SIZE, 1]
    return tf.random.stateless_uniform(shape, [0, 1])


def _dense(x, layer):
    kernel, bias = layer.get_weights()
    return x @ kernel + bias


@pytest.mark.parametrize("count", [1, 2])
def test_encoder_equals_loops_over_cells_and_patches(count):
    encoder = patch_encoder.PatchEncoder(_SIZE, _WIDTH, count)
    images = _images(count, 1).numpy()
    planes = images.reshape(count, _SIZE, _SIZE)
    cells = []
    for i, j in np.ndindex(5, 5):
        patches = []
        for k, m in np.ndindex(2, 2):
            top, left = 4 * i + 2 * k, 4 * j + 2 * m
            patch = planes[:, top : top + 2, left : left + 2].ravel()
            patches.append(np.maximum(_dense(patch, encoder.patches), 0.0))
        cell = _dense(np.concatenate(patches), encoder.cells)
        cells.append(np.maximum(cell, 0.0))
    expected = np.tanh(_dense(np.concatenate(cells), encoder.image))
    got = encoder(images)[0]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6)


def test_embeddings_of_a_batch_are_independent():
    encoder = patch_encoder.PatchEncoder(_SIZE, _WIDTH)
    images = _images(1)
    each = tf.concat([encoder(images[i : i + 1]) for i in range(3)], 0)
    assert each.shape == [3, _WIDTH]
    np.testing.assert_allclose(encoder(images), each, rtol=1e-5, atol=1e-6)


def test_every_pixel_and_every_weight_has_an_effect():
    encoder, images = patch_encoder.PatchEncoder(_SIZE, _WIDTH, 2), _images(2)
    weights = [v.value for v in encoder.trainable_variables]
    with tf.GradientTape() as tape:
        tape.watch([images, *weights])
        total = tf.reduce_sum(encoder(images) ** 2)
    of_images, *of_weights = tape.gradient(total, [images, *weights])
    assert np.mean(np.abs(of_images) > 0.0) > 0.9
    assert all(map(np.any, of_weights))


def test_size_that_is_no_multiple_of_ten_is_refused():
    with pytest.raises(ValueError, match="10 patches, got 25 pixels; choose"):
        patch_encoder.PatchEncoder(25, _WIDTH)


def test_images_of_another_shape_are_refused():
    encoder = patch_encoder.PatchEncoder(_SIZE, _WIDTH)
    with pytest.raises(ValueError, match=r"\[N, 20, 20, 1\], got"):
        encoder(tf.zeros([2, 10, 10, 1]))
