"""Fitted proposals, of a model whose evidence is known."""

import numpy as np
import pytest
import tensorflow as tf
from scipy import special, stats

from tfdood.drawing import canvas
from tfdood.drawing.curves import bernstein
from tfdood.objectives import importance
from tfdood.parsing import proposals, seeds
from tfdood.types import Strokes

_NUM_STROKES, _NUM_POINTS = 2, 2
_OF_NETWORK = 0.3, 0.4  # Mean and standard deviation of the network's samples.
_OF_PRIOR = 0.5, 0.3
_PIXEL_STD = 0.2


def _log_normal(x, mean, std):
    return -0.5 * tf.square((x - mean) / std) - tf.math.log(std * 2.5066283)


class _Endpoints:
    """One stroke or none, and an image with one pixel.

        p(one) = q(one) = 1/2,  all numbers of a stroke ~ N(0.5, 0.3^2)
        pixel ~ N(shift along x if there is a stroke, else 0, 0.2^2)

    The network's samples are N(0.3, 0.4^2).
    """

    def run(self, signature, images, seeds=None, **strokes):
        count = tf.shape(images)[0]
        if signature == "parse":
            numbers = tf.map_fn(
                lambda seed: tf.random.stateless_normal([17], seed),
                seeds,
                fn_output_signature=tf.float32,
            )
            present = tf.cast(numbers[:, :1] > 0.0, tf.float32)
            values = _OF_NETWORK[0] + _OF_NETWORK[1] * numbers[:, 1:]
            strokes = {
                "presence": tf.concat([present, 0.0 * present], 1),
                "layout": tf.reshape(values[:, :8], [count, 2, 4]),
                "control_points": tf.reshape(values[:, 8:], [count, 2, 2, 2]),
            }
        else:
            assert signature == "score"
        present = strokes["presence"][:, 0]
        shift = strokes["layout"][:, 0, 0]
        pixel = images[:, 0, 0, 0]

        def log_density(mean, std):
            numbers = tf.concat(
                [
                    strokes["layout"][:, 0],
                    tf.reshape(strokes["control_points"][:, 0], [count, 4]),
                ],
                1,
            )
            of_stroke = tf.reduce_sum(_log_normal(numbers, mean, std), 1)
            return tf.math.log(0.5) + present * of_stroke

        return {
            **strokes,
            "log_posterior": log_density(*_OF_NETWORK),
            "log_prior": log_density(*_OF_PRIOR),
            "log_likelihood": _log_normal(pixel, present * shift, _PIXEL_STD),
        }


def _log_evidence(pixels):
    std = np.hypot(_PIXEL_STD, _OF_PRIOR[1])
    return np.logaddexp(
        stats.norm.logpdf(pixels, 0.0, _PIXEL_STD),
        stats.norm.logpdf(pixels, _OF_PRIOR[0], std),
    ) - np.log(2.0)


def _start(count):
    return Strokes(
        np.tile(np.float32([1.0, 0.0]), [count, 1]),
        np.full([count, _NUM_STROKES, 4], 0.5, np.float32),
        np.full([count, _NUM_STROKES, _NUM_POINTS, 2], 0.5, np.float32),
    )


def _images(pixels):
    return np.float32(pixels)[:, None, None, None]


def _gaussians(count=3):
    rng = np.random.default_rng(0)
    presence = np.ones([count, _NUM_STROKES])
    presence[:, 1] = 0.0
    of_layout = count, _NUM_STROKES, 4
    of_points = count, _NUM_STROKES, _NUM_POINTS, 2
    arrays = (
        presence,
        rng.normal(0.4, 0.05, of_layout),
        rng.random(of_points),
        rng.normal(-2.0, 0.3, of_layout),
        rng.normal(-2.0, 0.3, of_points),
    )
    return proposals.Gaussians(*(tf.constant(x, tf.float32) for x in arrays))


def test_density_is_that_of_a_change_of_variables():
    """log q(z) = log N(noise) - log |det dz / dnoise|, by autodiff."""
    one = _gaussians(1)
    one = one._replace(presence=tf.ones([1, _NUM_STROKES]))
    numbers = tf.random.stateless_normal([1, one.noise_size], [1, 2])
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        strokes = one.from_noise(numbers)
        flat = tf.concat([tf.reshape(x, [-1]) for x in strokes[1:]], 0)
    jacobian = tape.jacobian(flat, numbers)[:, 0]
    expected = stats.norm.logpdf(numbers).sum() - np.linalg.slogdet(jacobian)[1]
    np.testing.assert_allclose(one.log_prob(strokes), [expected], rtol=1e-4)


def test_samples_lie_around_the_means_on_the_canvas():
    gaussians = _gaussians()
    strokes = gaussians.from_noise(tf.zeros([3, gaussians.noise_size]))
    np.testing.assert_allclose(strokes.layout, gaussians.layout)
    np.testing.assert_allclose(
        canvas.place(strokes.layout, strokes.control_points),
        bernstein.even_directions(_NUM_POINTS) @ gaussians.bends.numpy(),
        atol=1e-5,
    )


def test_absent_strokes_do_not_count_and_other_numbers_are_impossible():
    gaussians = _gaussians()
    strokes = gaussians.from_noise(
        tf.random.stateless_normal([3, gaussians.noise_size], [1, 2])
    )
    expected = gaussians.log_prob(strokes)
    first = tf.constant([1.0, 0.0])[:, None]
    same = strokes._replace(layout=strokes.layout * first)
    np.testing.assert_allclose(gaussians.log_prob(same), expected)
    for presence in ([0.0, 0.0], [1.0, 1.0]):
        other = strokes._replace(presence=tf.constant([presence] * 3))
        np.testing.assert_array_equal(gaussians.log_prob(other), [-np.inf] * 3)


def test_a_fit_finds_the_posterior():
    pixels = np.array([0.2, 0.5, 0.9])
    proposal = proposals.FittedProposal(_Endpoints())
    found = proposal.fit(
        _images(pixels), _start(3), seeds.of_rows(3, 0), num_steps=600
    )
    precision = _PIXEL_STD**-2 + _OF_PRIOR[1] ** -2
    mean = pixels * _PIXEL_STD**-2 + _OF_PRIOR[0] * _OF_PRIOR[1] ** -2
    np.testing.assert_allclose(
        found.layout[:, 0, 0], mean / precision, atol=0.05
    )
    np.testing.assert_allclose(
        np.exp(found.log_layout_std[:, 0, 0]), [precision**-0.5] * 3, atol=0.08
    )


@pytest.mark.parametrize("num_steps", [0, 100])
def test_the_weights_are_unbiased_and_their_bound_is_a_bound(num_steps):
    """Also of a Gaussian that does not fit at all."""
    count = 400
    pixels = np.tile([0.1, 0.6], count // 2)
    proposal = proposals.FittedProposal(_Endpoints())
    gaussians = proposal.fit(
        _images(pixels), _start(count), seeds.of_rows(count, 9), num_steps
    )
    log_weights = proposal.log_weights(
        _images(pixels), gaussians, 60, 0, np.arange(count)
    )
    assert log_weights.shape == (60, count)
    for pixel in (0.1, 0.6):
        own = log_weights[:, pixels == pixel].astype(np.float64)
        means = np.exp(special.logsumexp(own, 0) - np.log(60))
        error = means.std() / np.sqrt(len(means))
        evidence = np.exp(_log_evidence(pixel))
        assert error < 0.1 * evidence
        assert means.mean() == pytest.approx(evidence, abs=4 * error)
        assert np.mean(importance.iwae(own)) < np.log(evidence) + 0.02


def test_a_drawing_depends_on_its_number_and_not_on_the_others():
    pixels = np.array([0.1, 0.6, 0.4])
    proposal = proposals.FittedProposal(_Endpoints())
    row_seeds = seeds.of_rows(3, 1)

    def log_weights(rows):
        gaussians = proposal.fit(
            _images(pixels[rows]), _start(len(rows)), row_seeds[rows], 5
        )
        return proposal.log_weights(
            _images(pixels[rows]), gaussians, 4, 0, rows
        )

    together, alone = log_weights(np.arange(3)), log_weights(np.array([1]))
    np.testing.assert_allclose(alone[:, 0], together[:, 1], rtol=1e-4)
