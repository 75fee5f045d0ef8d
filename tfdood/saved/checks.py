"""Checks of inputs inside the graph, so that every server makes them.

A failed check is an INVALID_ARGUMENT that says what was expected and what was
got. Inputs are declared with unknown dimensions, or TensorFlow would take the
checks of shapes for certain and drop them.
"""

from collections.abc import Sequence

import tensorflow as tf

from tfdood.types import Pen, Strokes


def images(
    x: tf.Tensor, size: int, name: str = "images", most: float = 1.0
) -> tf.Tensor:
    """Passes on `[B, size, size, 1]`, `B >= 1`, with values in [0, most]."""
    values = _flat(x)
    within = tf.reduce_all((values >= 0.0) & (values <= most))  # NaN is not
    message = (
        f"{name} must be in [0, {most:g}], 1 for ink, without NaN; got values"
    )
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    checks = [
        _shape(name, x, [-1, size, size, 1]),
        tf.debugging.Assert(within, [message, low, "to", high]),
    ]
    return _checked(x, checks, [None, size, size, 1])


def as_many(
    name: str, x: tf.Tensor, other_name: str, other: tf.Tensor
) -> tf.Tensor:
    """Passes on `x`, if both have the same number of rows."""
    rows, others = _dimensions(x, 1), _dimensions(other, 1)
    message = f"{name} and {other_name} must be as many; got"
    same = tf.reduce_all(tf.equal(rows, others))
    check = tf.debugging.Assert(same, [message, rows, "and", others])
    return _checked(x, [check], x.shape)


def seeds(x: tf.Tensor) -> tf.Tensor:
    """Passes on `[B, 2]`, `B >= 1`."""
    return _checked(x, [_shape("seeds", x, [-1, 2])], [None, 2])


def texts(name: str, x: tf.Tensor) -> tf.Tensor:
    """Passes on `[B]`, `B >= 1`."""
    return _checked(x, [_shape(name, x, [-1])], [None])


def temperature(x: tf.Tensor) -> tf.Tensor:
    """Passes on `[B]`, `B >= 1`, finite and at least 0."""
    values = _flat(x)
    valid = tf.reduce_all((values >= 0.0) & tf.math.is_finite(values))
    message = "temperature must be finite and at least 0; got"
    checks = [
        _shape("temperature", x, [-1]),
        tf.debugging.Assert(valid, [message, x]),
    ]
    return _checked(x, checks, [None])


def strokes(strokes: Strokes, pen: Pen) -> tuple[Strokes, Pen]:
    """Passes on `B` drawings of `T` strokes, finite, their pen positive."""
    rows, count = tf.unstack(_dimensions(strokes.presence, 2))
    checks = [_shape("presence", strokes.presence, [-1, -1])]

    def passed(name, x, *event):
        leading = [rows, count][: x.shape.rank - len(event)]
        values = _flat(x)
        valid, wanted = tf.math.is_finite(values), "finite"
        if name in pen._fields:
            valid, wanted = valid & (values > 0.0), "finite, above 0"
        valid = tf.reduce_all(valid)
        message = f"{name} must be {wanted}; got"
        own = [
            _shape(name, x, [*leading, *event]),
            tf.debugging.Assert(valid, [message, x]),
        ]
        return _checked(x, checks + own, [None] * len(leading) + [*event])

    num_points = strokes.control_points.shape[-2]
    return (
        Strokes(
            passed("presence", strokes.presence),
            passed("layout", strokes.layout, 4),
            passed("control_points", strokes.control_points, num_points, 2),
        ),
        Pen(*(passed(name, x) for name, x in pen._asdict().items())),
    )


def _shape(name: str, x: tf.Tensor, expected: Sequence[int | tf.Tensor]):
    """Checks a shape, where -1 stands for any dimension but 0."""
    rank, expected, got = len(expected), tf.stack(expected), tf.shape(x)
    first = _dimensions(x, rank)
    fits = tf.equal(first, expected) | ((expected == -1) & (first > 0))
    fits = tf.reduce_all(fits) & tf.equal(tf.size(got), rank)
    message = f"{name} must have shape"
    return tf.debugging.Assert(
        fits, [message, expected, "(-1: any but 0); got", got], summarize=9
    )


def _flat(x: tf.Tensor) -> tf.Tensor:
    """All values, of a tensor that may not have the rank it should have."""
    return tf.reshape(x, [-1])


def _dimensions(x: tf.Tensor, count: int) -> tf.Tensor:
    """The first dimensions, 0 where the tensor has fewer."""
    padding = tf.zeros([count], tf.int32)
    return tf.concat([tf.shape(x), padding], 0)[:count]


def _checked(x, checks, shape):
    with tf.control_dependencies(checks):
        return tf.ensure_shape(tf.identity(x), shape)
