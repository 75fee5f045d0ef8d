"""Distances, against closed forms and brute force."""

import numpy as np
import pytest
from scipy import spatial

from tfdood.evaluate.measures import distances


def _brute_force(points, others):
    nearest = [min(np.hypot(*(a - b)) for b in others) for a in points]
    return np.mean(nearest)


def test_point_set_distances_match_brute_force():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 2)), rng.normal(size=(4, 2))
    there, back = _brute_force(a, b), _brute_force(b, a)
    assert there != pytest.approx(back)
    trees = spatial.KDTree(a), spatial.KDTree(b)
    found = distances.modified_hausdorff(*trees)
    assert found == pytest.approx(max(there, back))
    assert distances.chamfer(a, b) == pytest.approx((there + back) / 2)
    assert distances.chamfer(b, a) == pytest.approx((there + back) / 2)


def test_chamfer_distance_of_parallel_lines_is_their_gap():
    line = np.stack([np.linspace(0, 1, 20), np.zeros(20)], -1)
    assert distances.chamfer(line, line[::-1] + [0, 0.25]) == pytest.approx(
        0.25
    )


def test_pixel_distances_are_euclidean():
    rng = np.random.default_rng(1)
    a = rng.integers(0, 256, [3, 5, 5, 1], np.uint8)
    b = rng.integers(0, 256, [2, 5, 5, 1], np.uint8)
    difference = a[:, None].astype(float) - b[None]
    np.testing.assert_allclose(
        distances.pixel_distances(a, b),
        np.sqrt((difference**2).sum((2, 3, 4))),
    )


def test_hausdorff_distance_of_images_ignores_where_the_ink_lies():
    image = np.zeros([1, 12, 12, 1], np.uint8)
    image[0, 2, 2:7] = 255
    moved = np.roll(image, (5, 3), (1, 2))
    upright = image.swapaxes(1, 2)
    # Of a bar of 5 pixels about its middle to the same bar turned upright,
    # the distances to the nearest pixel, the middle one, are 2, 1, 0, 1, 2.
    np.testing.assert_allclose(
        distances.hausdorff_distances(image, np.concatenate([moved, upright])),
        [[0.0, 1.2]],
        atol=1e-12,
    )


def test_an_image_without_ink_has_one_point():
    images = np.zeros([2, 5, 5, 1], np.uint8)
    images[1, 2, 1:4] = 255  # Pixels at -1, 0 and 1 about their mean.
    np.testing.assert_allclose(
        distances.hausdorff_distances(images, images),
        [[0.0, 2.0 / 3.0], [2.0 / 3.0, 0.0]],
    )
