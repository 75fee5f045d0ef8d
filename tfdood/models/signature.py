"""Signatures: the functions of an exported model and their inputs."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf


class Input(NamedTuple):
    """One input of a signature and the values that it accepts.

    Attributes:
        shape: the shape of one row, without the batch dimension. A name, such
            as `"T"`, is a size that all inputs with this name share.
        dtype: the type of the tensor.
        low: the smallest allowed value; None allows any finite value.
        high: the largest allowed value; None allows any finite value.
        is_binary: whether all values must be 0 or 1.
        zeros_last: whether no number may follow a 0 in a row.
    """

    shape: tuple[int | str, ...]
    dtype: tf.DType = tf.float32
    low: float | None = None
    high: float | None = None
    is_binary: bool = False
    zeros_last: bool = False


class Signature(NamedTuple):
    """One function of an exported model.

    Attributes:
        function: takes the inputs as keyword arguments and returns outputs by
            name. Inputs and outputs have one row for each drawing.
        inputs: the inputs by name, in order.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: dict[str, Input]


UNIFORM, NORMAL = "uniform", "normal"
"""Inputs of random numbers: uniform in [0, 1), and standard normal."""

LARGEST = 1e6
"""The largest absolute value of layouts, points and codes: densities of more
are no numbers."""

LEAST_PEN = 1e-6
"""The smallest blur and contrast: canvases of much less are no numbers."""


def numbers(*shape: int | str) -> Input:
    """An input of layouts, points or codes.

    Args:
        *shape: of a row.
    """
    return Input(shape, low=-LARGEST, high=LARGEST)


SEEDS = Input((2,), tf.int32)
"""One seed for each row: a server may batch the rows of several requests."""

RATE = Input((), low=0.0, high=1_000.0)
"""One learning rate of an ascent for each row."""

MOST_TEMPERATURE = 1_000.0
"""Larger temperatures are refused."""

TEMPERATURE = Input((), low=0.0, high=MOST_TEMPERATURE)
"""One temperature for each row."""
