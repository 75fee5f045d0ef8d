import functools

import numpy as np
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.drawing.curves import bspline
from tfdood.models.gns import frame, location, sampling

_NUM_DRAWINGS = 300
_SHAPE = 2, 4  # Strokes and control points.


@functools.cache
def _prior():
    return drawings.type_prior()


@tf.function(autograph=False)
def _drawn(seed, temperature):
    noise = sampling.draw_noise(seed, _NUM_DRAWINGS, *_SHAPE)
    return sampling.drawings(_prior(), noise, temperature)


def _samples(stop_bias, temperature=1.0, seed=(1, 2)):
    """Samples of a prior that stops more often, the larger its bias is."""
    _prior().termination.output_layer.bias.assign([stop_bias])
    return _drawn(tf.constant(seed), tf.constant(temperature))


def test_samples_stop_and_end_as_often_as_they_should():
    points, numbers = _samples(0.3)
    prior, count = _prior(), _NUM_DRAWINGS
    log_probs = prior.log_probs(type(drawings.strokes())(points, numbers))
    is_empty = numbers[:, 0] == 0
    # All drawings begin with the same canvas.
    goes_on = np.exp(log_probs.stops[~is_empty.numpy()][0, 0])
    share = 1.0 - np.mean(is_empty)
    assert 0.1 < goes_on < 0.9
    np.testing.assert_allclose(share, goes_on, atol=4 * 0.5 / count**0.5)
    # The mean of 1 / p over samples of a discrete choice counts its values.
    ends = np.exp(-log_probs.ends[:, 0].numpy())
    first = numbers[:, 0].numpy()
    for number in (1, 2, 3):
        # Weighted by 1 / p(ends given offsets), each number has its density 1.
        weight = np.where(first == number, ends, 0.0)[first > 0]
        error = 4.0 * weight.std() / len(weight) ** 0.5
        np.testing.assert_allclose(weight.mean(), 1.0, atol=error)


def test_starts_have_the_histogram_of_their_density():
    points, numbers = _samples(-9.0)
    starts = bspline.points(points, numbers, 2)[:, 0, 0].numpy()
    outputs = _prior().location(
        tf.zeros([1, 28, 28]), tf.fill([1, 2], frame.FIRST_END)
    )
    side = np.arange(-100.0, 200.0) + 0.5
    grid = np.stack(np.meshgrid(side, side), -1).astype(np.float32)
    density = np.exp(location.starts(outputs).log_prob(grid))
    np.testing.assert_allclose(density.sum(), 1.0, atol=1e-3)
    mean = np.einsum("yx,yxi->i", density, grid)
    deviations = np.einsum("yx,yxi->i", density, (grid - mean) ** 2) ** 0.5
    error = deviations / len(starts) ** 0.5
    assert np.all(np.abs(starts.mean(0) - mean) < 4.0 * error)
    np.testing.assert_allclose(starts.std(0), deviations, rtol=0.2)
    for sign in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        inside = np.all((grid - mean) * sign > 0.0, -1)
        share = np.mean(np.all((starts - mean) * sign > 0.0, -1))
        np.testing.assert_allclose(share, density[inside].sum(), atol=0.1)


def test_control_points_lead_to_the_start_and_padding_is_0():
    start = tf.constant([[10.0, 20.0], [30.0, 40.0]])
    offsets = tf.constant([[[5.0, 1.0], [2.0, 2.0]], [[0.0, 0.0]] * 2])
    points = sampling.points_of(start, offsets)
    np.testing.assert_allclose(points[:, 1:] - points[:, :-1], offsets)
    first = bspline.points(points, tf.constant([3, 1]), 2)[:, 0]
    np.testing.assert_allclose(first, start, rtol=1e-6)
    points, numbers = _samples(0.0)
    is_point = np.arange(_SHAPE[1]) < numbers.numpy()[..., np.newaxis]
    np.testing.assert_array_equal(points.numpy()[~is_point], 0.0)
    # No stroke comes after a stroke that is not there.
    assert not np.any((numbers[:, 1:] > 0) & (numbers[:, :-1] == 0))


def test_a_cold_sample_is_the_most_probable_one_and_needs_no_seed():
    one = _samples(-9.0, 0.0, (1, 2))
    other = _samples(-9.0, 0.0, (3, 4))
    np.testing.assert_allclose(
        one.control_points, other.control_points, atol=0.2
    )
    np.testing.assert_array_equal(
        one.num_control_points, other.num_control_points
    )


def test_a_row_depends_on_its_seed_and_temperature_alone():
    prior = _prior()
    prior.termination.output_layer.bias.assign([0.0])
    seeds = tf.constant([[1, 2], [3, 4], [5, 6]])
    temperatures = tf.constant([0.5, 1.0, 2.0])

    def drawn(rows):
        noise = sampling.draw_noise(tf.gather(seeds, rows), len(rows), *_SHAPE)
        return sampling.drawings(prior, noise, tf.gather(temperatures, rows))

    together, alone = drawn([0, 1, 2]), drawn([2])
    np.testing.assert_allclose(
        together.control_points[2:], alone.control_points, atol=1e-3
    )
