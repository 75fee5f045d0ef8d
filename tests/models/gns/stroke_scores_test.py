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
            scores = stroke_scores.scores(model, given)
            loss = tf.reduce_sum(scores.offsets)
        return tape.gradient(loss, [w.value for w in weights])

    eager = gradients()
    graph = tf.function(gradients, autograph=False)()
    for one, other in zip(eager, graph, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_a_stroke_ends_or_goes_on_with_probability_1():
    model = drawings.type_prior().stroke
    given = rows.of(drawings.strokes()).strokes
    # A dot either ends at once, or has one of the offsets.
    start = given.start[:1]
    canvas = given.canvas[:1]
    embedded_start, memory, state = model.begin(canvas, start)
    embedded = model.embed_offsets(tf.zeros([1, 2]))
    _, features = model.step(memory, state, embedded)
    _, logits = model.outputs(features, embedded, embedded_start)
    of_dot = given._replace(
        canvas=canvas,
        start=start,
        offsets=tf.zeros([1, 4, 2]),
        number=tf.constant([1]),
    )
    ends = np.exp(stroke_scores.scores(model, of_dot).ends)
    np.testing.assert_allclose(ends, tf.sigmoid(logits), rtol=1e-5)
