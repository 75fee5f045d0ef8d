import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tfdood.models.common import encoders
from tfdood.nn import patch_encoder


def test_no_encoder_gives_embeddings_of_size_zero():
    encoder = encoders.NoEncoder()
    assert encoder(tf.ones([3, 5, 5, 1])).shape == [3, 0]
    assert encoder(tf.ones([3, 5, 5, 0]), tf.constant([1, 2])).shape == [3, 0]


@pytest.mark.parametrize("glimpse_size", [10, 20])
def test_glimpses_of_the_size_of_the_image_share_its_encoder(
    tiny, glimpse_size
):
    settings = dataclasses.replace(tiny, glimpse_size=glimpse_size)
    of_images, of_glimpses = encoders.build(settings)
    assert (of_images is of_glimpses) == (glimpse_size == 20)
    size = [2, glimpse_size, glimpse_size, 1]
    assert of_images(tf.ones([2, 20, 20, 1])).shape == [2, 8]
    assert of_glimpses(tf.ones(size)).shape == [2, 8]


@pytest.mark.parametrize("kind", ["patches", "paper"])
def test_settings_name_the_kind_of_encoder(tiny, kind):
    settings = dataclasses.replace(tiny, encoder=kind)
    encoder = encoders.of_size(settings, 20)
    assert encoder(tf.ones([2, 20, 20, 1])).shape == [2, 8]
    is_of_patches = isinstance(encoder, patch_encoder.PatchEncoder)
    assert is_of_patches == (kind == "patches")


def test_dropout_has_the_rate_of_the_settings(tiny):
    images = tf.random.stateless_uniform([1, 20, 20, 1], [1, 2])
    for rate in (0.0, 0.9):
        settings = dataclasses.replace(
            tiny, encoder="paper", encoder_dropout=rate
        )
        encoder, _ = encoders.build(settings)
        one, other = encoder(images), encoder(images, tf.constant([3, 4]))
        assert np.allclose(one, other, rtol=1e-5, atol=1e-6) == (rate == 0.0)
