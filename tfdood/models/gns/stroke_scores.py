"""The density of strokes under the stroke model, teacher-forced."""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models.gns import stroke as stroke_lib
from tfdood.nn import training_pass


class StrokeScores(NamedTuple):
    """The parts of the log density of strokes, in nats.

    Attributes:
        offsets: `[R]`, of all offsets.
        ends: `[R]`, of all decisions to end the stroke, or not.
    """

    offsets: tf.Tensor
    ends: tf.Tensor


class _Steps(NamedTuple):
    """The steps of all strokes, packed: those of step 0, of step 1, ...

    Attributes:
        row: `[M]`, the stroke.
        offset: `[M, 2]`, the offset of the step; 0 where the stroke ends.
        previous: `[M, 2]`, the offset of the step before; 0 at the first step.
        is_end: `[M]`, bool.
        counts: `[N + 1]`, the number of strokes that have each step.
    """

    row: tf.Tensor
    offset: tf.Tensor
    previous: tf.Tensor
    is_end: tf.Tensor
    counts: tf.Tensor


def scores(
    model: stroke_lib.StrokeModel,
    canvas: tf.Tensor,
    start: tf.Tensor,
    offsets: tf.Tensor,
    number: tf.Tensor,
    run: training_pass.TrainingPass | None = None,
) -> StrokeScores:
    """Computes the log density of strokes, given their starts and canvases.

    A stroke of `n` control points has `n` decisions, of which the last one ends
    it, and `n - 1` offsets. A stroke may end at once, as a dot; the authors'
    code scores this too, but does not sample it.

    Args:
        model: the stroke model.
        canvas: `[R, 28, 28]`, the strokes before; strokes with most control
            points come first.
        start: `[R, 2]`, the start of each stroke, in pixels.
        offsets: `[R, N - 1, 2]`, between control points, in pixels.
        number: `[R]`, int32, of control points, from 1.
        run: the training step, if there is one.

    Returns:
        The parts of the density, with respect to pixels.
    """
    steps = _packed(start, offsets, number)
    embedded_start, memory, state = model.begin(canvas, start, run)
    embedded = model.embed_offsets(steps.previous)
    features = _unrolled(model, memory, state, embedded, steps.counts)
    outputs, ends = model.outputs(
        features, embedded, tf.gather(embedded_start, steps.row), run
    )
    log_prob = stroke_lib.offsets(outputs).log_prob(steps.offset)
    ended = tf.math.log_sigmoid(tf.where(steps.is_end, ends, -ends))
    count = tf.shape(number)[0]
    return StrokeScores(
        tf.math.unsorted_segment_sum(
            tf.where(steps.is_end, 0.0, log_prob), steps.row, count
        ),
        tf.math.unsorted_segment_sum(ended, steps.row, count),
    )


def _packed(start: tf.Tensor, offsets: tf.Tensor, number: tf.Tensor) -> _Steps:
    most = offsets.shape[1] + 1
    is_step = tf.range(most)[:, tf.newaxis] < number  # [N, R]
    index = tf.where(is_step)
    step, row = tf.unstack(index, axis=1)
    at = tf.stack([row, step], 1)
    zero = tf.zeros_like(start)[:, tf.newaxis]
    counts = tf.reduce_sum(tf.cast(is_step, tf.int32), 1)
    return _Steps(
        row=row,
        offset=tf.gather_nd(tf.concat([offsets, zero], 1), at),
        previous=tf.gather_nd(tf.concat([zero, offsets], 1), at),
        is_end=tf.cast(step, tf.int32) == tf.gather(number, row) - 1,
        counts=tf.concat([counts, [0]], 0),
    )


def _unrolled(
    model: stroke_lib.StrokeModel,
    memory: stroke_lib.Memory,
    state: stroke_lib.State,
    embedded: tf.Tensor,
    counts: tf.Tensor,
) -> tf.Tensor:
    """The features `[M, 320]` of all steps, packed.

    At each step, the rows of strokes that have ended are cut off from memory
    and state. Both are variables of the loop, so that their gradients have no
    such rows either.
    """
    firsts = tf.cumsum(counts, exclusive=True)
    num_steps = tf.reduce_sum(tf.cast(counts > 0, tf.int32))
    found = tf.TensorArray(
        tf.float32,
        num_steps,
        infer_shape=False,
        element_shape=[None, stroke_lib.NUM_FEATURES],
    )

    def advance(
        t: tf.Tensor,
        memory: stroke_lib.Memory,
        state: stroke_lib.State,
        found: tf.TensorArray,
    ) -> tuple:
        inputs = embedded[firsts[t] : firsts[t] + counts[t]]
        state, features = model.step(memory, state, inputs)
        going_on = tf.nest.map_structure(
            lambda x: x[: counts[t + 1]], (memory, state)
        )
        return (t + 1, *going_on, found.write(t, features))

    # This keeps all rows, but makes their number unknown to the graph: it
    # changes from step to step.
    memory, state = tf.nest.map_structure(
        lambda x: x[: counts[0]], (memory, state)
    )
    variables = (tf.constant(0), memory, state)
    shapes = tf.nest.map_structure(
        lambda x: tf.TensorShape([None, *x.shape[1:]][: x.shape.rank]),
        variables,
    )
    *_, found = tf.while_loop(
        lambda t, *_: t < num_steps,
        advance,
        (*variables, found),
        (*shapes, tf.TensorShape(None)),
    )
    return found.concat()
