"""Temperatures of samples of a prior."""

import numpy as np
import tensorflow as tf


def checked(temperature: tf.Tensor | float) -> tf.Tensor:
    """Checks a temperature; in a graph, only a constant can be checked.

    Args:
        temperature: of any shape.

    Returns:
        The temperature, float32.

    Raises:
        ValueError: If a temperature is negative or no finite number.
    """
    values = tf.cast(temperature, tf.float32)
    known = tf.get_static_value(values)
    if known is not None:
        wrong = np.ravel(known)[~(np.isfinite(known) & (known >= 0.0)).ravel()]
        if wrong.size:
            raise ValueError(
                f"Got the temperature {wrong[0]}; expected a finite number of "
                "at least 0."
            )
    return values
