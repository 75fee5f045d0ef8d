import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.models.gnm import tiny_scenes
from tfdood.drawing import placement as placement_lib
from tfdood.models.gnm import cells, pictures

_GREY, _COLOURS = tiny_scenes.SETTINGS, tiny_scenes.COLOURS


def _latents(rows=3, seed=0):
    rng = np.random.default_rng(seed)
    return cells.CellLatents(
        *(
            tf.constant(x, tf.float32)
            for x in (
                rng.uniform(size=[rows, 4]),
                rng.normal(size=[rows, 4, 4]),
                rng.normal(size=[rows, 4, 1]),
                rng.normal(size=[rows, 4, 3]),
            )
        )
    )


def _objects(channels, rows=3):
    shape = [rows, 4, 5, 5, channels]
    return tf.random.stateless_uniform(shape, [2, 3])


def _placed(objects, latents, n, k):
    """Places one object on a canvas of its own."""
    placement = cells.placement(latents.where, 2)
    one = placement_lib.Placement(*(x[n, k][tf.newaxis] for x in placement))
    return placement_lib.place(objects[n, k][tf.newaxis], one, 16)[0].numpy()


def test_grey_images_are_the_sum_of_present_objects():
    latents, objects = _latents(), _objects(1)
    image = pictures.add_objects(objects, latents, _GREY)
    for n in range(3):
        expected = sum(
            latents.presence[n, k].numpy() * _placed(objects, latents, n, k)
            for k in range(4)
        )
        np.testing.assert_allclose(image[n], expected, atol=1e-5)


def test_colours_follow_the_algorithm_written_out():
    latents, objects = _latents(), _objects(4)
    background = tf.random.stateless_uniform([3, 16, 16, 3], [4, 5])
    image = pictures.cover(objects, latents, background, _COLOURS)
    alpha = objects[..., 3:] * latents.presence[..., None, None, None]
    for n in range(3):
        foreground, total, mask = 0.0, 1e-15, 0.0
        weights = [
            _placed(alpha, latents, n, k)
            / (1 + np.exp(latents.depth[n, k].numpy()))
            for k in range(4)
        ]
        total = sum(weights) + 1e-15
        for k in range(4):
            picture = _placed(objects[..., :3] * alpha, latents, n, k)
            foreground = foreground + picture * weights[k] / total
            mask = mask + _placed(alpha, latents, n, k)
        expected = foreground + (1 - np.minimum(mask, 1)) * background[n]
        np.testing.assert_allclose(image[n], expected, atol=1e-5)


def test_a_near_opaque_object_hides_a_far_one():
    latents = _latents(1)._replace(
        presence=tf.constant([[1.0, 1.0, 0.0, 0.0]]),
        depth=tf.constant([[[-15.0], [15.0], [0.0], [0.0]]]),
        where=tf.constant([[[9.0, 0, -9.0, 9.0]] * 4]) * [1.0, 1, 0, 0],
    )
    # Both objects are in the middle, and as large as the canvas.
    where = latents.where.numpy()
    where[0, :2, 2:] = np.arctanh([[0.5, 0.5], [-0.5, 0.5]])
    latents = latents._replace(where=tf.constant(where))
    colours = tf.constant([0.2, 0.9, 0.0, 0.0])[:, None, None, None]
    objects = tf.concat(
        [tf.tile(colours, [1, 5, 5, 3]), tf.ones([4, 5, 5, 1])], -1
    )[tf.newaxis]
    image = pictures.cover(objects, latents, tf.ones([1, 16, 16, 3]), _COLOURS)
    np.testing.assert_allclose(image[0, 8, 8], [0.2] * 3, atol=1e-3)


def test_opaque_objects_leave_a_tenth_of_the_background():
    objects, latents = _objects(4), _latents()
    latents = latents._replace(presence=tf.zeros([3, 4]))
    image = pictures.cover(
        objects, latents, tf.ones([3, 16, 16, 3]), _COLOURS, is_opaque=True
    )
    np.testing.assert_allclose(image, 0.1, atol=1e-6)


def test_the_mask_has_a_gradient_where_it_is_limited():
    objects = tf.ones([3, 4, 5, 5, 4])
    where = tf.broadcast_to([4.0, 0.0, 0.0, 0.0], [3, 4, 4])
    latents = _latents()._replace(where=where)
    with tf.GradientTape() as tape:
        tape.watch(objects)
        image = pictures.cover(
            objects, latents, tf.ones([3, 16, 16, 3]), _COLOURS
        )
        total = tf.reduce_sum(image[:, 8, 8])
    gradient = tape.gradient(total, objects)[..., 3]
    assert np.any(np.abs(gradient) > 1e-6)


def test_objects_start_dark():
    decoder = pictures.ObjectDecoder(
        dataclasses.replace(_GREY, object_bias=-2.5, object_size=16)
    )
    objects = decoder(tf.zeros([2, 4, 3]))
    assert objects.shape == (2, 4, 16, 16, 1)
    assert np.mean(objects) < 0.2
    grey = pictures.ObjectDecoder(dataclasses.replace(_GREY, object_bias=0.0))
    assert 0.3 < np.mean(grey(tf.zeros([2, 4, 3]))) < 0.7


@pytest.mark.parametrize(
    ("settings", "size", "factors"),
    [
        (_GREY, 4, [4, 1, 1, 1, 1, 1]),
        (_GREY, 16, [4, 2, 2, 1, 1, 1]),
        (_GREY, 32, [4, 2, 2, 2, 1, 1]),
        (_COLOURS, 64, [2, 2, 2, 2, 2, 2]),
    ],
)
def test_the_first_layers_of_a_decoder_enlarge_most(settings, size, factors):
    decoder = pictures.ObjectDecoder(
        dataclasses.replace(settings, object_size=size)
    ).decoder
    found = [block.factor for block in decoder.blocks] + [decoder.factor]
    assert found == factors


@pytest.mark.parametrize("size", [12, 256])
def test_a_size_that_no_decoder_can_make_is_refused(size):
    settings = dataclasses.replace(_GREY, object_size=size)
    with pytest.raises(ValueError, match=f"model.object_size .* got {size}"):
        pictures.ObjectDecoder(settings)
