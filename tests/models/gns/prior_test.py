"""The density of drawings against loops over strokes and control points."""

import numpy as np
import pytest
import tensorflow as tf

from tests.models.gns import drawings
from tfdood.drawing.ink import splat_canvases
from tfdood.models.gns import location, prior, stroke
from tfdood.nn import training_pass
from tfdood.types import SplineStrokes

# Three biases of the authors' network of strokes are in another one or have no
# effect: 256 + 1 of the attention, 1,024 of each LSTM.
_COUNTS = {
    "location": 131_480,
    "stroke": 1_199_386 - 257 - 2 * 1_024,
    "termination": 116_161,
}


@pytest.fixture(scope="module", name="type_prior")
def _type_prior():
    return drawings.type_prior()


@pytest.fixture(scope="module", name="found")
def _found(type_prior):
    return type_prior.log_probs(drawings.strokes())


def _log_prob_of_stroke(model, canvas, start, points):
    """`(offsets, ends)` of a stroke, one step after the other."""
    embedded_start, memory, state = model.begin(canvas, start[np.newaxis])
    offsets = np.diff(points, axis=0).astype(np.float32)
    previous = np.zeros([1, 2], np.float32)
    of_offsets, of_ends = 0.0, 0.0
    for t in range(len(points)):
        embedded = model.embed_offsets(previous)
        state, features = model.step(memory, state, embedded)
        outputs, logits = model.outputs(features, embedded, embedded_start)
        is_last = t == len(points) - 1
        of_ends += np.log(1.0 / (1.0 + np.exp(-logits if is_last else logits)))
        if not is_last:
            previous = offsets[t : t + 1]
            of_offsets += stroke.offsets(outputs).log_prob(previous)
    return np.sum(of_offsets), np.sum(of_ends)


def test_log_probs_are_those_of_a_loop_over_strokes(type_prior, found):
    strokes = drawings.strokes()
    canvases = splat_canvases.canvases_before(*strokes)
    for b, numbers in enumerate(drawings.NUMBERS):
        end = np.float32([0.5, 0.5])
        count = int((numbers > 0).sum())
        for t in range(count):
            points = strokes.control_points[b, t, : numbers[t]].numpy()
            is_dot = len(points) == 1
            second, last_but_one = (0, 0) if is_dot else (1, -2)
            start = 0.8 * points[0] + 0.2 * points[second]
            canvas = canvases[b, t : t + 1]
            outputs = type_prior.location(canvas, end[np.newaxis])
            np.testing.assert_allclose(
                found.starts[b, t],
                location.starts(outputs).log_prob(start)[0],
                rtol=1e-4,
            )
            np.testing.assert_allclose(
                [found.offsets[b, t], found.ends[b, t]],
                _log_prob_of_stroke(type_prior.stroke, canvas, start, points),
                rtol=1e-4,
                atol=1e-4,
            )
            end = 0.8 * points[-1] + 0.2 * points[last_but_one]
        logits = type_prior.termination(canvases[b, : count + 1]).numpy()
        logits[:count] *= -1.0
        np.testing.assert_allclose(
            found.stops[b, : count + 1],
            -np.log1p(np.exp(-logits)),
            rtol=1e-4,
        )


def test_padding_has_density_1_and_no_effect(type_prior, found):
    is_stroke = drawings.NUMBERS > 0
    for part in found[:3]:
        np.testing.assert_array_equal(part[~is_stroke], 0.0)
    # Other values after the last control point, and more padding.
    points, numbers = drawings.strokes()
    is_point = tf.range(5) < numbers[..., tf.newaxis]
    points = tf.where(is_point[..., tf.newaxis], points, 77.0)
    wider = SplineStrokes(
        tf.pad(points, [[0, 0], [0, 2], [0, 3], [0, 0]]),
        tf.pad(numbers, [[0, 0], [0, 2]]),
    )
    again = type_prior.log_probs(wider)
    np.testing.assert_allclose(again.total, found.total, rtol=1e-5)
    alone = type_prior.log_probs(SplineStrokes(points[:1], numbers[:1]))
    np.testing.assert_allclose(alone.total, found.total[:1], rtol=1e-5)


def test_drawings_without_strokes_stop_at_once(type_prior, found):
    empty = SplineStrokes(tf.zeros([2, 3, 5, 2]), tf.zeros([2, 3], tf.int32))
    np.testing.assert_allclose(
        type_prior.log_probs(empty).total, [found.total[3]] * 2, rtol=1e-5
    )


def test_numbers_of_weights_are_those_of_the_authors():
    made = prior.TypePrior(20)
    for name, count in _COUNTS.items():
        weights = getattr(made, name).trainable_variables
        assert sum(int(tf.size(w)) for w in weights) == count, name


def test_control_points_have_the_gradient_of_finite_differences(type_prior):
    strokes = drawings.strokes()
    direction = tf.random.stateless_normal(strokes.control_points.shape, [1, 2])

    @tf.function(autograph=False)
    def total(shift):
        points = strokes.control_points + shift * direction
        moved = SplineStrokes(points, strokes.num_control_points)
        return tf.reduce_sum(type_prior.log_probs(moved).total)

    zero = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(zero)
        value = total(zero)
    step = 0.02
    slope = (total(tf.constant(step)) - total(tf.constant(-step))) / (2 * step)
    np.testing.assert_allclose(tape.gradient(value, zero), slope, rtol=0.02)


def test_dropout_is_a_function_of_the_seed_and_keeps_moments(type_prior):
    def total(seed, factor):
        run = training_pass.TrainingPass(tf.constant(seed), factor)
        parts = type_prior.log_probs(drawings.strokes(), run)
        return parts.offsets.numpy(), run.statistics

    one, statistics = total([1, 2], 1.0)
    again, _ = total([1, 2], 1.0)
    # The same computation runs twice: exact.
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, total([1, 3], 1.0)[0], rtol=1e-3)
    without, _ = total([1, 2], 0.0)
    # The stroke model has no batch normalisation.
    np.testing.assert_allclose(
        without, type_prior.log_probs(drawings.strokes()).offsets, rtol=1e-4
    )
    assert len(statistics) == 2 * len(type_prior.norms) == 16
