"""Temperatures of samples of a prior."""

import numpy as np
import tensorflow as tf

from tfdood.models import signature


def checked(
    temperature: tf.Tensor | float, num_images: tf.Tensor | int | None = None
) -> tf.Tensor:
    """Checks a temperature; in a graph, only a constant can be checked.

    Args:
        temperature: of any shape.
        num_images: `B`, if the temperature must be a scalar or `[B]`.

    Returns:
        The temperature, float32.

    Raises:
        ValueError: If a temperature is not in [0, 1000], or if there are
            temperatures of more or fewer images.
    """
    values = tf.cast(temperature, tf.float32)
    known = tf.get_static_value(values)
    if known is not None:
        is_right = (known >= 0.0) & (known <= signature.MOST_TEMPERATURE)
        wrong = np.ravel(known)[~np.ravel(is_right)]
        if wrong.size:
            raise ValueError(
                f"Got the temperature {wrong[0]}; expected a number from 0 to "
                f"{signature.MOST_TEMPERATURE:,.0f}."
            )
    count = tf.get_static_value(num_images)
    fits = not values.shape.rank or values.shape.is_compatible_with([count])
    if count is not None and not fits:
        raise ValueError(
            f"Got temperatures of shape {values.shape.as_list()} and {count} "
            "images; expected a scalar, or one temperature for each image."
        )
    return values
