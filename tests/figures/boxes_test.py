import numpy as np

from tfdood import figures


def test_outlines_lie_on_the_borders_of_boxes():
    images = np.zeros((2, 10, 10, 1))
    boxes = np.array([[0.2, 0.4, 0.6, 0.8], [0.0, 0.0, 1.0, 1.0]])
    is_there = np.array([[True, False], [False, False]])
    first, second = figures.boxed(images, np.stack([boxes, boxes]), is_there)
    assert first.shape == second.shape == (150, 150, 3)
    assert not second.any()
    ys, xs = np.nonzero(first.sum(-1))
    # Lines are 2 pixels wide, and the first corner has a dot.
    assert abs(xs.max() - 90) <= 2 and abs(ys.max() - 120) <= 2
    assert abs(xs.min() - 30) <= 4 and abs(ys.min() - 60) <= 4
    assert not first[70:110, 40:80].any()


def test_texts_are_written():
    images, boxes = np.zeros((1, 10, 10, 1)), np.zeros((1, 1, 4))
    (tile,) = figures.boxed(images, boxes, np.zeros((1, 1), bool), ["3 4"])
    assert tile.any()
