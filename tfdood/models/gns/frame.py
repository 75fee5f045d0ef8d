"""The frame in which GNS's networks see points: 20 pixels are one unit.

Points are in pixels of the 105 x 105 image; pixel `i` has its centre at
`i + 0.5`, and `y` points down. The authors' frame has its origin at the centre
of pixel 50 too, but `y` points up there.
"""

import tensorflow as tf

UNIT = 20.0
"""The unit of length of the networks, in pixels."""

ORIGIN = 50.5
"""Where `x` and `y` are 0 for the networks, in pixels."""

FIRST_END = 0.5
"""The end of the stroke before the first one: the centre of the first pixel."""


def of_points(points: tf.Tensor) -> tf.Tensor:
    """Maps points in pixels to points in the frame of the networks."""
    return (points - ORIGIN) / UNIT
