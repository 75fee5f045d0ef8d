import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tfdood.distributions import presence
from tfdood.models.common import noise

_SHAPE = noise.Shape(num_strokes=3, stroke=(4, 2), num_choices=4)
_SEEDS = tf.constant([[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize("seed", [tf.constant([1, 2]), _SEEDS])
def test_numbers_have_the_shapes_of_the_documentation(seed):
    drawn = noise.draw(_SHAPE, seed, 3, 5)
    shapes = [list(field.shape) for field in drawn]
    assert shapes == [
        [3, 15],
        [3, 15],
        [3, 15, 4],
        [3, 15, 4],
        [3, 15, 4, 2],
    ]
    central = noise.central(_SHAPE, 15)
    assert [list(field.shape) for field in central] == shapes


def test_arranged_numbers_are_all_used_once():
    count = 2 * _SHAPE.num_uniform
    uniform = tf.reshape(tf.range(count, dtype=tf.float32), [2, -1])
    count = 2 * _SHAPE.num_normal
    normal = tf.reshape(tf.range(count, dtype=tf.float32), [2, -1])
    found = noise.arrange(_SHAPE, uniform, normal)
    for fields, numbers in (
        (
            [found.presence, found.layout_component, found.stroke_component],
            uniform,
        ),
        ([found.layout, found.stroke], normal),
    ):
        rows = [
            tf.transpose(f, [1, 0, *range(2, f.shape.rank)]) for f in fields
        ]
        rows = tf.concat([tf.reshape(row, [2, -1]) for row in rows], 1)
        np.testing.assert_array_equal(tf.sort(rows), numbers)


def test_numbers_of_an_image_depend_on_its_own_seed_alone():
    together = noise.draw(_SHAPE, _SEEDS, 3, 2)
    alone = noise.draw(_SHAPE, _SEEDS[1:2], 1, 2)
    for whole, part in zip(together, alone, strict=True):
        np.testing.assert_allclose(
            whole.numpy()[:, [1, 4]], part, rtol=1e-5, atol=1e-6
        )


@pytest.mark.parametrize(
    "seed", [tf.constant([1, 2]), tf.stack([tf.range(200)] * 2, -1)]
)
def test_numbers_are_uniform_and_normal_and_independent(seed):
    drawn = noise.draw(_SHAPE, seed, 200, 10)
    for field in (
        drawn.presence,
        drawn.layout_component,
        drawn.stroke_component,
    ):
        assert scipy.stats.kstest(np.ravel(field), "uniform").pvalue > 1e-3
    for field in (drawn.layout, drawn.stroke):
        assert scipy.stats.kstest(np.ravel(field), "norm").pvalue > 1e-3
    columns = np.concatenate(
        [np.reshape(np.moveaxis(f, 1, -1), [-1, 2000]) for f in drawn]
    )
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlation).max() < 0.12  # 5 standard errors


def test_streams_differ_by_number_and_by_row():
    streams = noise.streams(_SEEDS, 2)
    values = np.concatenate([s.numpy() for s in streams])
    assert len({tuple(v) for v in values}) == 6
    for stream, single in zip(
        streams, noise.streams(_SEEDS[0], 2), strict=True
    ):
        np.testing.assert_array_equal(stream[0], single)


def test_temperature_multiplies_the_gaussian_noise_alone():
    drawn = noise.draw(_SHAPE, tf.constant([1, 2]), 2)
    cold = noise.tempered(drawn, tf.constant([0.5, 2.0]))
    np.testing.assert_array_equal(cold.presence, drawn.presence)
    np.testing.assert_array_equal(cold.stroke_component, drawn.stroke_component)
    factor = np.array([0.5, 2.0])
    np.testing.assert_allclose(cold.layout, factor[:, None] * drawn.layout)
    np.testing.assert_allclose(
        cold.stroke, factor[:, None, None] * drawn.stroke
    )
    np.testing.assert_array_equal(
        noise.tempered(drawn, 1.0).layout, drawn.layout
    )


def test_each_sample_of_an_image_has_the_temperature_of_the_image():
    drawn = noise.draw(_SHAPE, tf.constant([1, 2]), 2, 3)
    cold = noise.tempered(drawn, tf.constant([0.5, 2.0]), 3)
    factor = np.tile([0.5, 2.0], 3)[:, np.newaxis]
    np.testing.assert_allclose(cold.layout, factor * drawn.layout)
    np.testing.assert_allclose(
        noise.tempered(drawn, 0.5, 3).layout, 0.5 * drawn.layout
    )


def test_seeds_of_other_images_and_no_samples_are_one_sentence():
    with pytest.raises(ValueError, match="Got 3 seeds and 4 images"):
        noise.draw(_SHAPE, _SEEDS, 4)
    with pytest.raises(ValueError, match="Got 0 samples of an image"):
        noise.draw(_SHAPE, _SEEDS, 3, 0)
    for tempered in (noise.tempered, tf.function(noise.tempered)):
        with pytest.raises(ValueError, match="Got the temperature -1.0"):
            tempered(noise.draw(_SHAPE, _SEEDS, 3), -1.0)


def test_codes_take_no_choices():
    shape = noise.Shape(num_strokes=3, stroke=(6,))
    drawn = noise.draw(shape, tf.constant([1, 2]), 5, 2)
    assert drawn.stroke.shape == [3, 10, 6]
    assert drawn.stroke_component.shape == [3, 10, 0]
    for number, central in zip(drawn, noise.central(shape, 10), strict=True):
        assert number.shape == central.shape


def test_all_strokes_are_present_at_any_logit():
    drawn = noise.draw(_SHAPE, tf.constant([1, 2]), 2)
    present = noise.with_all_strokes(drawn)
    step = presence.sample_step(
        tf.ones([2]), tf.fill([2], -500.0), present.presence[0]
    )
    np.testing.assert_array_equal(step, 1.0)
    np.testing.assert_array_equal(present.layout, drawn.layout)


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        (None, "Got no seed; expected an int32 tensor"),
        (0, r"seed of shape \[\] and type int32; expected"),
        ([1, 2, 3], r"seed of shape \[3\] and type int32; expected"),
        ([1.0, 2.0], r"seed of shape \[2\] and type float32; expected"),
    ],
)
def test_error_says_which_seed_is_expected(seed, message):
    with pytest.raises(ValueError, match=message):
        noise.streams(seed, 2)


def test_seeds_may_be_numbers_of_64_bits():
    for found, expected in zip(
        noise.streams(np.array([1, 2]), 2),
        noise.streams([1, 2], 2),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("seed", [[1, 2], [[1, 2]]])
def test_no_drawings_are_refused(seed):
    with pytest.raises(ValueError, match="Got 0 drawings; expected at least 1"):
        noise.uniform(tf.constant(seed), 0, [1, 3])
