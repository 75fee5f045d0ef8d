import numpy as np
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.models.gns import rows, stroke_scores


def test_rows_of_unknown_and_of_known_numbers_have_equal_gradients():
    model = drawings.type_prior().stroke
    given = rows.of(drawings.strokes()).strokes
    weights = model.trainable_variables

    def gradients():
        with tf.GradientTape() as tape:
            scores = stroke_scores.scores(
                *(model, given.canvas, given.start, given.offsets, given.number)
            )
            loss = tf.reduce_sum(scores.offsets)
        return tape.gradient(loss, [w.value for w in weights])

    eager = gradients()
    graph = tf.function(gradients, autograph=False)()
    for one, other in zip(eager, graph, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_decisions_are_scored_one_by_one():
    model = drawings.type_prior().stroke
    given = rows.of(drawings.strokes()).strokes
    start, canvas = given.start[:1], given.canvas[:1]
    offset = tf.constant([[6.0, -4.0]])
    embedded_start, memory, state = model.begin(canvas, start)
    logits = []
    for before in (tf.zeros([1, 2]), offset):
        embedded = model.embed_offsets(before)
        state, features = model.step(memory, state, embedded)
        _, ends = model.outputs(features, embedded, embedded_start)
        logits.append(ends)
    ends, goes_on = tf.math.log_sigmoid(logits), tf.math.log_sigmoid(-logits[0])
    for number, expected in ((1, ends[0]), (2, goes_on + ends[1])):
        offsets = tf.concat([offset[:, tf.newaxis], tf.zeros([1, 3, 2])], 1)
        found = stroke_scores.scores(
            model, canvas, start, offsets, tf.constant([number])
        ).ends
        np.testing.assert_allclose(found, expected, rtol=1e-4)
