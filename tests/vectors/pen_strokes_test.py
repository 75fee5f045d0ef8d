import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing import canvas
from tfdood.drawing.curves import bezier
from tfdood.vectors import pen_strokes
from tfdood.vectors.pen_strokes import PenStroke


@pytest.mark.parametrize("spacing", [0.5, 1.0, 7.0])
def test_points_lie_on_the_curves_no_farther_apart_than_the_spacing(spacing):
    curves = np.random.default_rng(0).uniform(0, 100, (2, 5, 2))
    curves[1, 0] = curves[0, -1]
    points = PenStroke(curves, 1.0).points(spacing)
    assert np.linalg.norm(np.diff(points, axis=0), axis=-1).max() <= spacing
    dense = bezier.curve_points(curves, 5001).numpy().reshape(-1, 2)
    gaps = np.linalg.norm(points[:, np.newaxis] - dense, axis=-1).min(1)
    assert gaps.max() < 0.05
    np.testing.assert_allclose(points[[0, -1]], dense[[0, -1]], atol=1e-9)


def test_no_point_comes_twice_in_a_row():
    line = [[0.0, 0.0], [2.0, 0.0]]
    back = [[2.0, 0.0], [2.0, 1.0]]
    points = PenStroke(np.array([line, back]), 1.0).points(1.0)
    np.testing.assert_allclose(points, [[0, 0], [1, 0], [2, 0], [2, 1]])
    dot = np.full([1, 5, 2], 3.0)
    np.testing.assert_array_equal(PenStroke(dot, 1.0).points(), [[3.0, 3.0]])


@pytest.mark.parametrize("spacing", [0.0, -1.0, np.nan])
def test_spacing_of_nothing_raises(spacing):
    stroke = PenStroke(np.zeros([1, 2, 2]), 1.0)
    with pytest.raises(ValueError, match="spacing is above 0, got"):
        stroke.points(spacing)


def test_width_is_that_at_half_of_the_peak():
    # A long horizontal stroke on many pixels: count those above half the peak.
    size = 801
    layout = tf.constant([[0.0, 0.0, 1.0, 0.0]])
    line = tf.constant([[[-1.0, 0.5], [2.0, 0.5]]])
    for blur, contrast, canvas_contrast in [
        (0.01, 0.1, 0.1),
        (0.03, 0.5, 0.5),
        (0.04, 0.9, 1.5),
    ]:
        pen = tf.constant([blur]), tf.constant([contrast])
        image = canvas.composite_last(
            canvas.stroke_images(layout, line, *pen, size, 2000),
            tf.ones([1]),
            tf.constant(canvas_contrast),
        )[:, size // 2, 0]
        measured = np.sum(image > 0.5 * np.max(image)) / size
        width = pen_strokes.stroke_width(blur, contrast, canvas_contrast)
        assert abs(measured - width) < 2.0 / size
        np.testing.assert_allclose(
            pen_strokes.peak(contrast, canvas_contrast),
            np.max(image),
            rtol=1e-4,
        )
