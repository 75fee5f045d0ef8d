"""Two sequences of strokes joined into one drawing."""

from typing import TypeVar

import tensorflow as tf

from tfdood.types import Pen

Latents = TypeVar("Latents", bound=tuple)


def join(
    strokes: Latents, pen: Pen, more: Latents, more_pen: Pen
) -> tuple[Latents, Pen]:
    """Joins the strokes of two drawings, present ones first, in their order.

    Args:
        strokes: a record of presence `[N, T]`, layout `[N, T, 4]` and a
            stroke's latent `[N, T, ...]`.
        pen: of these strokes.
        more: a record of the same kind, drawn after them.
        more_pen: of `more`, with the same canvas contrast.

    Returns:
        The strokes, with `2 T` in place of `T`, and their pen.
    """
    presence = tf.concat([strokes[0], more[0]], 1)
    # Among equals, top_k keeps the order.
    order = tf.math.top_k(presence, presence.shape[1]).indices

    def merge(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
        sequence = tf.concat([first, second], 1)
        return tf.gather(sequence, order, batch_dims=1)

    return type(strokes)(*map(merge, strokes, more)), Pen(
        merge(pen.blur, more_pen.blur),
        merge(pen.stroke_contrast, more_pen.stroke_contrast),
        pen.canvas_contrast,
    )
