"""Tests of parses whose strokes are splines."""

import numpy as np
import pytest

from tfdood.models.gns import token
from tfdood.parsing import splines
from tfdood.types import SplineStrokes


@pytest.fixture(name="parses")
def _parses():
    """Two parses of each of two images, of at most two strokes."""
    points = np.arange(2 * 2 * 2 * 3 * 2, dtype=np.float32)
    numbers = np.array([[[3, 1], [2, 0]], [[0, 0], [1, 1]]], np.int32)
    strokes = SplineStrokes(points.reshape(2, 2, 2, 3, 2), numbers)
    return splines.SplineParses(
        strokes,
        strokes,
        token.Token(
            np.zeros([2, 2, 2, 2]),
            np.zeros([2, 2, 2, 3, 2]),
            np.ones([2, 2, 4]),
        ),
        std=np.ones([2, 2]),
        noise=np.array([[0.1, 0.2], [0.3, 0.4]]),
        log_prior=np.array([[-1.0, -2.0], [-3.0, -3.0]]),
        log_likelihood=np.array([[-1.0, -2.0], [0.0, -np.inf]]),
        canvas=np.zeros([2, 2, 5, 5, 1]),
    )


def test_strokes_are_counted(parses):
    np.testing.assert_array_equal(parses.num_strokes, [[2, 1], [0, 2]])


def test_rows_are_rows_of_all_fields(parses):
    chosen = parses.rows((slice(None), 1))
    np.testing.assert_array_equal(chosen.num_strokes, [1, 2])
    np.testing.assert_array_equal(
        chosen.strokes.control_points, parses.strokes.control_points[:, 1]
    )
    np.testing.assert_array_equal(chosen.log_prior, [-2.0, -3.0])
    np.testing.assert_array_equal(chosen.noise, [0.2, 0.4])
    assert chosen.token.affine.shape == (2, 4)
    assert chosen.canvas.shape == (2, 5, 5, 1)


def test_arrays_are_read_back(parses, tmp_path):
    np.savez(tmp_path / "parses.npz", **parses.arrays())
    with np.load(tmp_path / "parses.npz") as file:
        found = splines.SplineParses.of_arrays(dict(file))
    expected = parses.arrays()
    assert found.arrays().keys() == expected.keys()
    for name, value in found.arrays().items():
        np.testing.assert_array_equal(value, expected[name], err_msg=name)
    assert isinstance(found.token, token.Token)
