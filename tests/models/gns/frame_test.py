"""Tests of the frame of GNS's networks."""

import numpy as np

from tfdood.models.gns import frame


def test_points_are_those_of_the_authors_frame():
    pixels = np.array([[0, 0], [50, 50], [104, 10]], np.float32)
    # There, pixel (x, y) is at (x, -y), less (50, -50), over 20; y points up.
    authors = (pixels * [1, -1] - [50, -50]) / 20.0
    found = frame.of_points(pixels + 0.5)
    np.testing.assert_allclose(found * np.float32([1, -1]), authors, atol=1e-6)


def test_the_first_end_is_the_corner_that_the_authors_take():
    np.testing.assert_allclose(frame.of_points(frame.FIRST_END), -2.5)
