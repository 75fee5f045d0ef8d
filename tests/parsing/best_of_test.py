"""The best of given parses."""

import dataclasses

import numpy as np
import tensorflow as tf

from tfdood.parsing import base, best_of, seeds
from tfdood.types import Pen, Strokes

IMAGES = np.zeros([2, 4, 4, 1], np.float32)


@dataclasses.dataclass
class _Given:
    """Gives parses with these densities `[N, K]` and one number of strokes.

    The errors of their pixels are in the place of the contrast.
    """

    log_likelihood: list
    count: int
    error: float = 1.0

    def parse(self, images, seed):
        del images, seed
        likelihood = np.array(self.log_likelihood)
        presence = np.zeros([*likelihood.shape, 4])
        presence[..., : self.count] = 1.0
        strokes = Strokes(
            presence,
            np.zeros([*presence.shape, 4]),
            np.zeros([*presence.shape, 5, 2]),
        )
        error = np.full(likelihood.shape, self.error)
        pen = Pen(presence, presence, error)
        return base.Parses(strokes, pen, 0.0 * likelihood, likelihood)


class _Endpoints:
    """Draws grey canvases of the error of a parse."""

    def run(self, signature, canvas_contrast, **_):
        assert signature == "render"
        error = tf.constant(canvas_contrast)[:, None, None, None]
        return {"canvas": tf.tile(error, [1, 4, 4, 1])}


def _parsed(parsers, num_parses, price, margin):
    parser = best_of.BestOf(parsers, _Endpoints(), num_parses, price, margin)
    return parser.parse(IMAGES, seeds.Seed(0))


def test_the_best_parse_is_kept_of_each_image():
    parsers = _Given([[1.0], [5.0]], 2), _Given([[3.0], [4.0]], 2, 0.5)
    found = _parsed(parsers, 1, 0.0, 0.0)
    np.testing.assert_array_equal(found.log_joint, [[3.0], [5.0]])


def test_the_best_parses_come_first():
    parsers = (
        _Given([[1.0, 9.0], [5.0, 2.0]], 2),
        _Given([[3.0], [4.0]], 2, 0.5),
    )
    found = _parsed(parsers, 2, 0.0, 0.0)
    np.testing.assert_array_equal(found.log_joint, [[9.0, 3.0], [5.0, 4.0]])


def test_a_stroke_has_a_price():
    parsers = _Given([[100.0], [100.0]], 1), _Given([[109.0], [111.0]], 2, 0.5)
    found = _parsed(parsers, 1, 10.0, 0.0)
    np.testing.assert_array_equal(found.num_strokes, [[1], [2]])


def test_others_than_the_first_parser_must_be_better_by_the_margin():
    parsers = _Given([[100.0], [100.0]], 1), _Given([[109.0], [111.0]], 1, 0.5)
    found = _parsed(parsers, 1, 0.0, 10.0)
    np.testing.assert_array_equal(found.log_joint, [[100.0], [111.0]])


def test_others_than_the_first_parser_must_have_a_smaller_error():
    parsers = _Given([[1.0], [1.0]], 1, 0.3), _Given([[9.0], [9.0]], 1, 0.4)
    found = _parsed(parsers, 1, 0.0, 0.0)
    np.testing.assert_array_equal(found.log_joint, [[1.0], [1.0]])
    found = _parsed(parsers, 2, 0.0, 0.0)
    np.testing.assert_array_equal(found.log_joint, [[1.0, 9.0], [1.0, 9.0]])
