"""Checks of inputs inside the graph, so that they run on every server.

A failed check raises INVALID_ARGUMENT; its message has the expected value and
the given value. Inputs are declared with unknown dimensions: if TensorFlow knew
the dimensions, it would remove the checks.
"""

from collections.abc import Mapping

import tensorflow as tf

from tfdood.models.signature import Input

ANY_ROWS = -1
"""Stands for any size except 0 in an expected shape."""

MOST_ROWS = 1_024
"""Rows of a request at most, so that one request cannot fill the memory."""

MOST_PARTS = 32_768
"""Rows times a size that has a name at most, for the same reason."""


def spec(name: str, wanted: Input) -> tf.TensorSpec:
    """Declares the rank and the dtype of an input, but no dimension.

    Args:
        name: the name of the input.
        wanted: the shape, dtype and range that the input must have.

    Returns:
        A specification of shape `[None, ...]`.
    """
    shape = [None] * (1 + len(wanted.shape))
    return tf.TensorSpec(shape, wanted.dtype, name)


def checked(
    inputs: Mapping[str, Input], values: Mapping[str, tf.Tensor]
) -> dict[str, tf.Tensor]:
    """Checks the inputs of a signature.

    All inputs must have the same number of rows, from 1 to `MOST_ROWS`. Sizes
    with the same name must be equal, and at most `MOST_PARTS` over the rows.

    Args:
        inputs: the shape, dtype and range that each input must have, by name.
        values: the inputs by name.

    Returns:
        The same values, with their static shapes.

    Raises:
        tf.errors.InvalidArgumentError: If a shape is wrong, or a value is not
            finite, out of its range, between 0 and 1 where only these are
            allowed, or behind a 0 where that is not allowed. Raised when the
            graph runs.
    """
    sizes: dict[str, tf.Tensor | int] = {}
    passed = {}
    for name, wanted in inputs.items():
        x = values[name]
        expected = [
            sizes.get(size, ANY_ROWS) if isinstance(size, str) else size
            for size in ("rows", *wanted.shape)
        ]
        checks = [_shape(name, x, expected), _rows(name, x)]
        checks += [
            _parts(name, x, axis, size)
            for axis, size in enumerate(wanted.shape, 1)
            if isinstance(size, str)
        ]
        if wanted.dtype.is_floating or wanted.low is not None:
            checks.append(_range(name, x, wanted))
        if wanted.is_binary:
            checks.append(_binary(name, x))
        if wanted.zeros_last:
            with tf.control_dependencies(checks):  # The rank may be wrong.
                checks = [_zeros_last(name, x)]
        with tf.control_dependencies(checks):
            static = [n if isinstance(n, int) else None for n in wanted.shape]
            passed[name] = tf.ensure_shape(tf.identity(x), [None, *static])
        found = tf.unstack(_dimensions(x, len(expected)), len(expected))
        for size, number in zip(("rows", *wanted.shape), found, strict=True):
            if isinstance(size, str):
                sizes.setdefault(size, number)
    return passed


def _shape(
    name: str, x: tf.Tensor, expected: list[int | tf.Tensor]
) -> tf.Operation:
    """Checks a shape; -1 stands for any size except 0."""
    rank, wanted, got = len(expected), tf.stack(expected), tf.shape(x)
    first = _dimensions(x, rank)
    fits = tf.equal(first, wanted) | ((wanted == ANY_ROWS) & (first > 0))
    fits = tf.reduce_all(fits) & tf.equal(tf.size(got), rank)
    message = f"{name} must have shape"
    return tf.debugging.Assert(
        fits, [message, wanted, "(-1: any but 0); got", got], summarize=9
    )


def _rows(name: str, x: tf.Tensor) -> tf.Operation:
    """Checks that there are not too many rows."""
    [count] = tf.unstack(_dimensions(x, 1), 1)
    message = f"{name} must have at most {MOST_ROWS:,} rows; got"
    return tf.debugging.Assert(count <= MOST_ROWS, [message, count])


def _parts(name: str, x: tf.Tensor, axis: int, size: str) -> tf.Operation:
    """Checks that a size which the caller chooses is not too large."""
    first = _dimensions(x, axis + 1)
    count = first[0] * first[axis]
    message = f"{name} must have at most {MOST_PARTS:,} rows times {size}; got"
    return tf.debugging.Assert(count <= MOST_PARTS, [message, count])


def _range(name: str, x: tf.Tensor, wanted: Input) -> tf.Operation:
    """Checks that all values are in the range of the input, and finite."""
    values = tf.reshape(x, [-1])  # The rank may be wrong.
    low, high = tf.reduce_min(values), tf.reduce_max(values)
    limits, valid = [], tf.ones_like(values, tf.bool)
    if wanted.dtype.is_floating:
        limits, valid = ["finite"], tf.math.is_finite(values)
    if wanted.low is not None:
        valid &= values >= wanted.low
        limits.append(f"at least {wanted.low:g}")
    if wanted.high is not None:
        valid &= values <= wanted.high
        limits.append(f"at most {wanted.high:g}")
    wish = " and ".join(limits)
    message = f"{name} must be {wish}; got values"
    return tf.debugging.Assert(tf.reduce_all(valid), [message, low, "to", high])


def _binary(name: str, x: tf.Tensor) -> tf.Operation:
    """Checks that all values are 0 or 1."""
    fits = tf.reduce_all((x == 0) | (x == 1))
    message = f"{name} must be 0 or 1; got"
    return tf.debugging.Assert(fits, [message, x], summarize=9)


def _zeros_last(name: str, x: tf.Tensor) -> tf.Operation:
    """Checks that nothing follows a 0 in a row."""
    is_zero = tf.reshape(x, [tf.shape(x)[0], -1]) == 0
    fits = tf.reduce_all(is_zero[:, 1:] | ~is_zero[:, :-1])
    message = f"{name} must have its zeros last; got"
    return tf.debugging.Assert(fits, [message, x], summarize=9)


def _dimensions(x: tf.Tensor, count: int) -> tf.Tensor:
    """Returns the first `count` dimensions; 0 for missing dimensions."""
    padding = tf.zeros([count], tf.int32)
    return tf.concat([tf.shape(x), padding], 0)[:count]
