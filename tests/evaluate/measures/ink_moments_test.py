import numpy as np
import tensorflow as tf

from tfdood.evaluate.measures import ink_moments


def test_moments_equal_those_of_weighted_pixels():
    ink = np.random.default_rng(0).uniform(size=[3, 8, 8, 1])
    ink = ink.astype(np.float32)
    mean, std = ink_moments.of(tf.constant(ink))
    centres = (2.0 * np.arange(8) + 1.0) / 8.0 - 1.0
    x, y = np.meshgrid(centres, centres)
    for image, m, s in zip(ink[..., 0], mean, std, strict=True):
        for axis, place in enumerate((x, y)):
            expected = np.average(place, weights=image)
            spread = np.average((place - expected) ** 2, weights=image) ** 0.5
            np.testing.assert_allclose(m[axis], expected, atol=1e-4)
            np.testing.assert_allclose(s[axis], spread, atol=1e-4)


def test_blank_images_have_finite_moments():
    mean, std = ink_moments.of(tf.zeros([1, 8, 8, 1]))
    np.testing.assert_allclose(mean, 0.0, atol=1e-6)
    assert np.all(np.isfinite(std))


def test_reach_is_a_share_that_stays_below_the_limit():
    shares = ink_moments.reach(tf.constant([0.1, -0.5, 3.0, -3.0]), 0.5)
    np.testing.assert_allclose(shares, [0.2, -0.9, 0.9, -0.9], rtol=1e-6)


def _blobs(mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Images of Gaussian ink, `[N, 60, 60, 1]`."""
    centres = (2.0 * np.arange(60) + 1.0) / 60.0 - 1.0
    offsets = (centres - mean[..., None]) / std[..., None]  # [N, 2, 60]
    x, y = np.exp(-0.5 * offsets.astype(np.float32) ** 2).swapaxes(0, 1)
    return (y[:, :, None] * x[:, None, :])[..., None]


def test_matching_moves_and_scales_ink_onto_other_ink():
    mean = np.array([[0.1, -0.2], [-0.1, 0.1]])
    std = np.array([[0.08, 0.12], [0.15, 0.1]])
    scale, shift = np.array([[1.5], [0.8]]), np.array([[0.0, 0.3], [0.2, 0.1]])
    found = ink_moments.matching(
        _blobs(mean, std), _blobs(scale * mean + shift, scale * std)
    )
    expected = np.concatenate(
        [scale[..., None] * np.eye(2), shift[..., None]], -1
    )
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_matching_scales_by_the_mean_variance_within_a_limit():
    mean = np.zeros([2, 2])
    given = np.array([[0.1, 0.2], [0.08, 0.08]])
    wanted = np.array([[0.2, 0.1], [0.32, 0.32]])
    found = ink_moments.matching(_blobs(mean, given), _blobs(mean, wanted))
    np.testing.assert_allclose(found[0, :, :2], np.eye(2), atol=1e-3)
    np.testing.assert_allclose(found[1, :, :2], 3.0 * np.eye(2), atol=1e-6)
    np.testing.assert_allclose(
        ink_moments.spread(given), [0.025**0.5, 0.08], rtol=1e-6
    )
