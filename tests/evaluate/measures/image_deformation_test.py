"""Deformation distances, against loops over pixels and known moves."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from tfdood.evaluate.measures import image_deformation


def _drawings(count: int = 3) -> np.ndarray:
    """Smooth random ink in the middle of images, `[N, 60, 60, 1]` uint8."""
    rng = np.random.default_rng(0)
    ink = np.zeros([count, 60, 60])
    ink[:, 20:40, 20:40] = rng.random([count, 20, 20]) > 0.8
    ink = ndimage.gaussian_filter(ink, (0, 1.0, 1.0))
    return (255 * ink / ink.max()).astype(np.uint8)[..., np.newaxis]


def _ring(radius: float, x: float, y: float) -> np.ndarray:
    """A ring whose line is as wide as its radius is large."""
    rows, columns = np.mgrid[:105, :105]
    distance = np.hypot(rows - y, columns - x) / radius - 1.0
    ink = 255.0 * np.exp(-0.5 * (distance / 0.2) ** 2)
    return ink.astype(np.uint8)[np.newaxis]


def test_one_way_distances_match_a_loop_over_pixels(monkeypatch):
    monkeypatch.setattr(image_deformation, "WARP", 1)
    a, b = np.random.default_rng(1).normal(size=[2, 2, 2, 5, 5])
    padded_a, padded_b = (
        np.pad(x, [(0, 0), (0, 0), (2, 2), (2, 2)]) for x in (a, b)
    )
    expected = np.zeros([2, 2])
    for (n, m), y, x in itertools.product(
        np.ndindex(2, 2), range(2, 7), range(2, 7)
    ):
        own = padded_a[n, :, y - 1 : y + 2, x - 1 : x + 2]
        expected[n, m] += min(
            np.square(own - padded_b[m, :, v - 1 : v + 2, u - 1 : u + 2]).sum()
            for v, u in itertools.product(
                range(y - 1, y + 2), range(x - 1, x + 2)
            )
            if 1 <= v <= 7 and 1 <= u <= 7
        )
    np.testing.assert_allclose(
        image_deformation.one_way(a, b), expected, rtol=1e-5
    )


def test_distances_are_symmetric_and_zero_to_the_image_itself():
    drawings = _drawings()
    found = image_deformation.distances(drawings, drawings)
    np.testing.assert_allclose(np.diag(found), 0.0, atol=1e-3)
    np.testing.assert_allclose(found, found.T, rtol=1e-5)
    assert found[~np.eye(3, dtype=bool)].min() > 10.0
    flat = drawings[..., 0]
    np.testing.assert_array_equal(
        image_deformation.distances(flat, flat), found
    )


def test_a_feature_that_moves_within_the_warp_costs_nothing():
    features = np.zeros([1, 1, 16, 16], np.float32)
    features[0, 0, 8, 8] = 1.0
    warp = image_deformation.WARP
    near, far = (np.roll(features, by, -1) for by in (warp, warp + 2))
    assert image_deformation.one_way(features, near) == pytest.approx(0.0)
    # The nine contexts that hold the pixel find only contexts without it.
    assert image_deformation.one_way(features, far) >= 6.0


def test_distances_do_not_depend_on_where_the_ink_lies():
    drawings = _drawings()
    moved = np.roll(drawings, (9, -7), (1, 2))
    np.testing.assert_allclose(
        image_deformation.normalised(moved),
        image_deformation.normalised(drawings),
        atol=2e-3,
    )


def test_normalised_drawings_have_one_scale():
    small = image_deformation.normalised(_ring(12.0, 50.0, 55.0))
    large = image_deformation.normalised(_ring(24.0, 55.0, 50.0))
    assert large.max() > 0.5
    np.testing.assert_allclose(small, large, atol=0.03)
    ink = large[0] / large.sum()
    places = np.arange(image_deformation.SIZE) - 15.5
    variances = [(ink.sum(axis) * places**2).sum() for axis in (0, 1)]
    spread = image_deformation.SIZE / (2.0 * image_deformation.REACH)
    assert np.mean(variances) ** 0.5 == pytest.approx(spread, rel=0.05)


def test_gradients_are_along_x_and_y():
    ramp = np.broadcast_to(np.arange(6.0), [1, 6, 6])
    x, y = image_deformation.gradients(ramp)[0, :, 1:-1, 1:-1]
    np.testing.assert_allclose(x, 8.0)
    np.testing.assert_allclose(y, 0.0)


def test_blank_images_have_finite_distances():
    images = np.concatenate([_drawings(1), np.zeros([1, 60, 60, 1], np.uint8)])
    found = image_deformation.distances(images, images)
    assert np.all(np.isfinite(found))
    assert found[1, 1] == 0.0
