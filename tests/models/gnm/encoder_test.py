import dataclasses

import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.models.gnm import encoder
from tfdood.settings.scenes import Gnm


@pytest.mark.parametrize(
    ("size", "grid", "count"), [(64, 4, 4), (128, 4, 5), (20, 5, 2), (8, 4, 1)]
)
def test_an_image_is_halved_until_it_is_the_grid(size, grid, count):
    settings = dataclasses.replace(
        tiny_scenes.SETTINGS, image_size=size, grid_size=grid
    )
    assert encoder.halvings(settings) == count
    layer = encoder.Encoder(settings)
    features = layer(tiny_scenes.images(settings, 2))
    assert features.shape == (2, grid, grid, settings.width)


@pytest.mark.parametrize("size", [4, 40, 63])
def test_other_sizes_are_refused_with_a_size_that_fits(size):
    settings = dataclasses.replace(tiny_scenes.SETTINGS, grid_size=4)
    settings = dataclasses.replace(settings, image_size=size)
    with pytest.raises(ValueError, match=f"power of two, got {size}; choose"):
        encoder.halvings(settings)


@pytest.mark.parametrize(
    ("settings", "filters"),
    [
        (Gnm(), [16, 16, 32, 32, 64, 64, 64, 64, 64]),
        (
            Gnm(colours="rgb", width=128),
            [16, 16, 32, 32, 64, 64, 128, 128, 128],
        ),
    ],
)
def test_channels_are_the_published_ones(settings, filters):
    blocks = encoder.Encoder(settings).blocks
    assert [block.convolution.filters for block in blocks] == filters
    sizes = [block.convolution.kernel_size[0] for block in blocks]
    assert sizes == [4, 3, 4, 3, 4, 3, 4, 3, 4]


def test_each_cell_sees_a_part_of_the_image_first():
    """A change in one corner changes the nearest cell most, on average."""
    image = tf.zeros([1, 16, 16, 1])
    corner = tf.tensor_scatter_nd_update(image, [[0, 1, 14, 0]], [1.0])
    change = tf.zeros([2, 2])
    for _ in range(8):  # With other weights each.
        layer = encoder.Encoder(tiny_scenes.SETTINGS)
        change += tf.reduce_sum(tf.abs(layer(corner) - layer(image)), -1)[0]
    assert tf.argmax(tf.reshape(change, [-1])) == 1  # row 0, column 1
