"""Distances of aligned points, on drawings that are moved in known ways."""

import numpy as np
import pytest
from scipy import spatial

from tfdood.evaluate.measures import affine_hausdorff, distances


def _points(*shape: int) -> np.ndarray:
    points = np.random.default_rng(0).normal(size=[*shape, 64, 2])
    return np.stack(
        [affine_hausdorff.standardised(x) for x in points.reshape(-1, 64, 2)]
    ).reshape(points.shape)


def _letter(by: int = 1, left: int = 10, top: int = 12) -> np.ndarray:
    """An L, three pixels wide, as an image `[1, 60, 60, 1]`."""
    image = np.zeros([1, 60, 60, 1], np.uint8)
    height, width = 18 * by, 10 * by
    image[0, top : top + height, left : left + 3] = 255
    image[0, top + height - 3 : top + height, left : left + width] = 255
    return image


def test_distances_without_alignment_are_hausdorff_distances(monkeypatch):
    monkeypatch.setattr(affine_hausdorff, "NUM_STEPS", 0)
    a, b = _points(2, 3)
    found = affine_hausdorff.one_way(a[:, np.newaxis], b)
    expected = [
        [
            distances.modified_hausdorff(spatial.KDTree(x), spatial.KDTree(y))
            for y in b
        ]
        for x in a
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_step_is_a_regression_on_closest_points(monkeypatch):
    monkeypatch.setattr(affine_hausdorff, "NUM_STEPS", 1)
    a, b = _points(2)
    closest = b[spatial.KDTree(b).query(a)[1]]
    rows = np.c_[a, np.ones(64)] / 8.0
    # The stiffness as three more observations, of the identity.
    weight = affine_hausdorff.STIFFNESS**0.5
    fit, *_ = np.linalg.lstsq(
        np.concatenate([rows, weight * np.eye(3)]),
        np.concatenate([closest / 8.0, weight * np.eye(3, 2)]),
    )
    np.testing.assert_allclose(
        affine_hausdorff.aligned(a, b), 8.0 * rows @ fit, atol=1e-10
    )


def test_a_small_affine_map_is_found_again(monkeypatch):
    monkeypatch.setattr(affine_hausdorff, "STIFFNESS", 0.0)
    points = _points()
    moved = points @ [[1.05, 0.04], [-0.03, 0.97]] + [0.02, -0.03]
    np.testing.assert_allclose(
        affine_hausdorff.aligned(points, moved), moved, atol=1e-9
    )
    assert affine_hausdorff.one_way(points, moved) == pytest.approx(0, abs=1e-6)


def test_distances_do_not_depend_on_place_and_hardly_on_scale():
    letter, moved, large = _letter(), _letter(1, 30, 25), _letter(2)
    turned = letter.swapaxes(1, 2)
    found = affine_hausdorff.distances(
        letter, np.concatenate([letter, moved, large, turned])
    )[0]
    np.testing.assert_allclose(found[:2], 0.0, atol=1e-6)
    assert found[2] < 0.3 * found[3]


def test_points_lie_on_the_middle_lines_and_cover_them():
    points = affine_hausdorff.thinned(_letter(2)[0])
    assert points.shape == (affine_hausdorff.NUM_POINTS, 2)
    is_upright = np.abs(points[:, 0] - 11) <= 1
    is_flat = np.abs(points[:, 1] - 46) <= 1
    assert np.all(is_upright | is_flat)
    assert np.ptp(points[:, 1]) > 30
    assert np.ptp(points[:, 0]) > 15


def test_dots_and_blank_images_have_finite_distances():
    images = np.zeros([3, 20, 20, 1], np.uint8)
    images[1, 4, 5] = 255
    images[2, 3:15, 6:9] = 255
    found = affine_hausdorff.distances(images, images)
    assert np.all(np.isfinite(found))
    np.testing.assert_allclose(np.diag(found), 0.0, atol=1e-6)
    np.testing.assert_array_equal(
        affine_hausdorff.thinned(images[1]), np.full([64, 2], [5, 4])
    )


def test_standardised_points_have_mean_zero_and_variance_one():
    points = 3.0 + 7.0 * np.random.default_rng(1).random([64, 2])
    found = affine_hausdorff.standardised(points)
    np.testing.assert_allclose(found.mean(0), 0.0, atol=1e-12)
    assert np.square(found).mean() == pytest.approx(1.0)
