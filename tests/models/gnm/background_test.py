import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.models.gnm import background

_SETTINGS = tiny_scenes.COLOURS


@pytest.mark.parametrize("size", [16, 64, 128])
def test_backgrounds_have_the_size_of_the_image(size):
    layer = background.Background(
        dataclasses.replace(_SETTINGS, image_size=size)
    )
    images = layer(tf.random.stateless_normal([2, 2], [0, 1]))
    assert images.shape == (2, size, size, 3)
    assert np.min(images) > 0 and np.max(images) < 1


def test_a_size_that_the_decoder_cannot_make_is_refused():
    settings = dataclasses.replace(_SETTINGS, image_size=24)
    with pytest.raises(ValueError, match="model.image_size .* got 24"):
        background.Background(settings)


def test_densities_have_the_floor_and_depend_on_their_inputs():
    settings = dataclasses.replace(_SETTINGS, std_floor=5.0)
    layer = background.Background(settings)
    features = tf.random.stateless_normal([3, 2, 2, 8], [0, 1])
    codes = tf.random.stateless_normal([3, 6], [0, 1])
    for density in (layer.posterior(features), layer.prior(codes)):
        assert density.loc.shape == (3, 2)
        assert 5.0 < np.min(density.scale) < 7.0
        assert not np.allclose(density.loc[0], density.loc[1], atol=1e-3)
