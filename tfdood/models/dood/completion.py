"""The state from which the prior continues a parsed drawing.

The prior adds `T` more steps. It starts with the RNN states, the latents and
the canvas of the last present stroke of a parse. Source: the authors' code.
"""

import tensorflow as tf

from tfdood.models.dood import generative as generative_lib
from tfdood.models.dood import inference
from tfdood.types import Pen


def last_state(
    generative: generative_lib.GenerativeModel,
    trace: inference.Trace,
    typical_pen: Pen,
) -> tuple[generative_lib.State, Pen]:
    """Computes the state and the pen for the prior's next `T` steps.

    All added strokes get the pen of a row's first stroke. The last stroke is
    less typical: it may be a dot with an unusual pen.

    Args:
        generative: the generative model.
        trace: the parse, `N` rows.
        typical_pen: `Pen` with leading dimension `[N]`; rows without a stroke
            get its blur and its stroke contrast.

    Returns:
        The state after the last present stroke of each row, and the pen of the
        added strokes, leading dimension `[N]`.
    """
    steps = trace.steps
    start = generative.initial_state(tf.shape(steps.presence)[0])
    count = tf.cast(tf.reduce_sum(steps.presence, 1), tf.int32)

    def last(
        before: tf.Tensor, during: tf.Tensor
    ) -> tf.Tensor:  # [N, ...], [N, T, ...] -> [N, ...]
        sequence = tf.concat([before[:, tf.newaxis], during], 1)
        return tf.gather(sequence, count, batch_dims=1)

    def steady(
        before: tf.Tensor, during: tf.Tensor
    ) -> tf.Tensor:  # [N, T], [N, T] -> [N, T]
        value = tf.where(count > 0, during[:, 0], before[:, 0])
        return value[:, tf.newaxis] * tf.ones_like(during)

    images = generative.decoder(
        steps.layout, steps.stroke, steps.blur, steps.stroke_contrast
    )
    images *= steps.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
    state = generative_lib.State(
        presence=start.presence,
        layout=last(start.layout, steps.layout),
        stroke=last(start.stroke, steps.stroke),
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
