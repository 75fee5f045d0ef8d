"""Drawing on: from what a parse has seen to what the prior would add.

As in the authors' code, the prior goes on from the states, the latents and the
canvas of the last stroke seen, for `T` more steps.
"""

import tensorflow as tf

from tfdood.models.dood import generative as generative_lib
from tfdood.models.dood import inference
from tfdood.types import Pen, Strokes


def last_state(
    generative: generative_lib.GenerativeModel,
    trace: inference.Trace,
    typical_pen: Pen,
) -> tuple[generative_lib.State, Pen]:
    """Where the prior takes over.

    Args:
        generative: the generative model.
        trace: of `N` rows.
        typical_pen: with fields `[N, T]`, for rows without any stroke.

    Returns:
        The state after each row's last stroke, and its first stroke's pen for
        `T` more; the last may be a touch with a pen of its own.
    """
    steps = trace.steps
    start = generative.initial_state(tf.shape(steps.presence)[0])
    count = tf.cast(tf.reduce_sum(steps.presence, 1), tf.int32)

    def last(before, during):  # [N, ...], [N, T, ...] -> [N, ...]
        sequence = tf.concat([before[:, tf.newaxis], during], 1)
        return tf.gather(sequence, count, batch_dims=1)

    def steady(before, during):  # [N, T], [N, T] -> [N, T]
        value = tf.where(count > 0, during[:, 0], before[:, 0])
        return value[:, tf.newaxis] * tf.ones_like(during)

    images = generative.decoder(
        steps.layout, steps.control_points, steps.blur, steps.stroke_contrast
    )
    images *= steps.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
    state = generative_lib.State(
        presence=start.presence,
        layout=last(start.layout, steps.layout),
        control_points=last(start.control_points, steps.control_points),
        layout_state=last(start.layout_state, steps.layout_state),
        stroke_state=last(start.stroke_state, steps.stroke_state),
        ink=tf.reduce_sum(images, 1),
    )
    pen = Pen(
        steady(typical_pen.blur, steps.blur),
        steady(typical_pen.stroke_contrast, steps.stroke_contrast),
        trace.canvas_contrast,
    )
    return state, pen


def join(
    strokes: Strokes, pen: Pen, more: Strokes, more_pen: Pen
) -> tuple[Strokes, Pen]:
    """One drawing of `2 T` strokes, present ones first, in their order.

    Args:
        strokes: `[N, T, ...]`.
        pen: of these strokes.
        more: `[N, T, ...]`, drawn after them.
        more_pen: of these, with the same canvas contrast.

    Returns:
        The strokes `[N, 2 T, ...]` and their pen.
    """
    presence = tf.concat([strokes.presence, more.presence], 1)
    # Among equals, the first ones come first.
    order = tf.math.top_k(presence, presence.shape[1]).indices

    def merge(first, second):
        sequence = tf.concat([first, second], 1)
        return tf.gather(sequence, order, batch_dims=1)

    return Strokes(*map(merge, strokes, more)), Pen(
        merge(pen.blur, more_pen.blur),
        merge(pen.stroke_contrast, more_pen.stroke_contrast),
        pen.canvas_contrast,
    )
