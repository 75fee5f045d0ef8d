"""Parses of known strokes, and a model that draws characters again."""

import numpy as np
import tensorflow as tf

from tfdood.models.gns import image_model, model, token
from tfdood.parsing import splines
from tfdood.types import SplineStrokes

SIZE = 105


class Refits:
    """The signature `refit`, which needs no weights.

    Args:
        most: the number of control points of an array.
    """

    def __init__(self, most):
        points, rows = tf.TensorSpec([None, None, most, 2]), [None]
        refit = tf.function(model._refit, autograph=False)
        self._refit = refit.get_concrete_function(
            images=tf.TensorSpec([None, SIZE, SIZE, 1]),
            type_points=points,
            num_control_points=tf.TensorSpec([None, None], tf.int32),
            token_starts=tf.TensorSpec([None, None, 2]),
            token_points=points,
            token_affine=tf.TensorSpec([None, 4]),
            std=tf.TensorSpec(rows),
            noise=tf.TensorSpec(rows),
            num_steps=tf.TensorSpec(rows, tf.int32),
            learning_rate=tf.TensorSpec(rows),
        )

    def run(self, signature, **inputs):
        assert signature == "refit"
        return self._refit(**{k: tf.constant(v) for k, v in inputs.items()})


def parses(points, numbers):
    """Parses whose tokens equal their types.

    Args:
        points: `[..., T, N, 2]`, control points in pixels.
        numbers: `[..., T]`, of these.
    """
    leading = numbers.shape[:-1]
    is_point = np.arange(points.shape[-2]) < numbers[..., np.newaxis]
    points = np.float32(points * is_point[..., np.newaxis])
    numbers = np.int32(numbers)
    strokes = SplineStrokes(points, numbers)
    still = token.Token(
        np.zeros_like(points[..., 0, :]),
        np.zeros_like(points),
        np.tile(np.float32(token.AFFINE_MEAN), [*leading, 1]),
    )
    std, noise = np.full(leading, 1.0), np.full(leading, 0.01)
    flat = [tf.reshape(x, [-1, *x.shape[len(leading) :]]) for x in strokes]
    canvas = image_model.canvas(
        SplineStrokes(*flat),
        tf.ones(np.prod(leading)),
        tf.fill([np.prod(leading)], 0.01),
        SIZE,
    ).numpy()
    return splines.SplineParses(
        strokes,
        strokes,
        still,
        std,
        noise,
        np.zeros(leading),
        np.zeros(leading),
        canvas.reshape(*leading, SIZE, SIZE, 1),
    )


def images(given):
    """The binary images `[..., 105, 105, 1]` of parses."""
    return (given.canvas > 0.5).astype(np.float32)
