"""Joins two sequences of strokes into one drawing."""

from typing import TypeVar

import tensorflow as tf

from tfdood.types import Pen

Latents = TypeVar("Latents", bound=tuple)


def join(
    strokes: Latents, pen: Pen, more: Latents, more_pen: Pen
) -> tuple[Latents, Pen]:
    """Joins the strokes of two drawings.

    The present strokes of `strokes` come first, then the present strokes of
    `more`, then all absent strokes.

    Args:
        strokes: a record of presence `[N, T]`, layout `[N, T, 4]` and the
            strokes' latents `[N, T, ...]`.
        pen: the pen of `strokes`.
        more: a record of the same type.
        more_pen: the pen of `more`, with the same canvas contrast.

    Returns:
        The record of all strokes, with `2 T` steps, and their pen.
    """
    presence = tf.concat([strokes[0], more[0]], 1)
    # top_k keeps the order of equal values.
    order = tf.math.top_k(presence, presence.shape[1]).indices

    def merge(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        sequence = tf.concat([first, second], 1)
        return tf.gather(sequence, order, batch_dims=1)

    return type(strokes)(*map(merge, strokes, more)), Pen(
        merge(pen.blur, more_pen.blur),
        merge(pen.stroke_contrast, more_pen.stroke_contrast),
        pen.canvas_contrast,
    )
