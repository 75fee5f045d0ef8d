import numpy as np
import pytest
import tensorflow as tf

from tfdood.drawing.ink import splat

_SIZE = 24


def _loop_ink(points, size):
    """The ink of one stroke, point by point."""
    places = points * size - 0.5
    kept = (np.floor(places) >= 0).all(-1) & (np.ceil(places) <= size - 1).all(
        -1
    )
    steps = np.linalg.norm(np.diff(places, axis=0), axis=-1)
    ink = np.minimum(np.concatenate([steps[:1], steps]), 2.0)
    ink = np.zeros(len(points)) if len(points) == 1 else ink
    ink = ink * kept
    if kept.any() and ink.sum() < 1e-6:
        ink = kept * 2.0 / kept.sum()
    elif kept.any() and ink.sum() < 2.0:
        ink *= 2.0 / ink.sum()
    image = np.zeros([size, size])
    for (x, y), amount in zip(places, ink, strict=True):
        if amount:
            left, top = int(np.floor(x)), int(np.floor(y))
            right, bottom = min(left + 1, size - 1), min(top + 1, size - 1)
            dx, dy = x - left, y - top
            image[top, left] += amount * (1 - dx) * (1 - dy)
            image[top, right] += amount * dx * (1 - dy)
            image[bottom, left] += amount * (1 - dx) * dy
            image[bottom, right] += amount * dx * dy
    return image


def _loop_filter(image, kernel):
    """Correlates with a kernel; zeros around the image."""
    half = len(kernel) // 2
    padded = np.pad(image, half)
    return np.array(
        [
            [
                (
                    padded[i : i + len(kernel), j : j + len(kernel)] * kernel
                ).sum()
                for j in range(image.shape[1])
            ]
            for i in range(image.shape[0])
        ]
    )


def _loop_probabilities(strokes, std, noise, size, reach):
    image = np.sum([_loop_ink(points, size) for points in strokes], 0)
    a = 0.5
    kernel = 6 * np.array(
        [
            [a / 12, a / 6, a / 12],
            [a / 6, 1 - a, a / 6],
            [a / 12, a / 6, a / 12],
        ]
    )
    for _ in range(2):
        image = _loop_filter(image, kernel)
    image = np.minimum(image, 1.0)
    offsets = np.arange(-reach, reach + 1)
    gaussian = np.exp(-0.5 * (offsets / std) ** 2)
    gaussian = np.outer(gaussian, gaussian)
    for _ in range(2):
        image = _loop_filter(image, gaussian / gaussian.sum())
    image = np.minimum(image, 1.0)
    return (1 - noise) * image + noise * (1 - image)


def _strokes(seed=0, num_points=17):
    """Strokes of one drawing, some of which leave the page."""
    rng = np.random.default_rng(seed)
    lines = [
        np.linspace(*rng.uniform(-0.1, 1.1, (2, 2)), num_points)
        for _ in range(3)
    ]
    dot = np.tile(rng.uniform(0.2, 0.8, (1, 2)), [num_points, 1])
    return np.stack([*lines, dot])


@pytest.mark.parametrize("seed", range(4))
def test_ink_equals_a_loop_over_points(seed):
    strokes = _strokes(seed)
    is_point = tf.ones(strokes.shape[:2], tf.bool)
    found = splat.stroke_ink(tf.constant(strokes), is_point, _SIZE)
    expected = [_loop_ink(points, _SIZE) for points in strokes]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("std", [0.5, 2.0])
@pytest.mark.parametrize("reach", [5, 10])
def test_probabilities_equal_loops(std, reach):
    drawings = np.stack([_strokes(seed) for seed in (0, 1)])
    found = splat.probabilities(
        tf.constant(drawings),
        tf.ones(drawings.shape[:3], tf.bool),
        tf.constant([std, 1.0], tf.float64),
        tf.constant([0.01, 0.2], tf.float64),
        _SIZE,
        reach,
    )
    for row, (own, noise) in enumerate([(std, 0.01), (1.0, 0.2)]):
        expected = _loop_probabilities(drawings[row], own, noise, _SIZE, reach)
        np.testing.assert_allclose(found[row], expected, atol=1e-9)


def test_padding_changes_nothing():
    strokes = _strokes()
    padded = np.full([5, 30, 2], 0.5)
    padded[:4, :17] = strokes
    is_point = np.zeros([5, 30], bool)
    is_point[:4, :17] = True
    pen = tf.constant(1.0, tf.float64), tf.constant(0.1, tf.float64)
    found = splat.probabilities(padded, tf.constant(is_point), *pen, _SIZE)
    alone = tf.ones([4, 17], tf.bool)
    expected = splat.probabilities(tf.constant(strokes), alone, *pen, _SIZE)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_number_of_points_hardly_matters():
    inks = [
        splat.stroke_ink(
            tf.constant(np.linspace([0.2, 0.3], [0.8, 0.7], count)),
            tf.ones([count], tf.bool),
            _SIZE,
        )
        for count in (60, 200)
    ]
    totals = [float(tf.reduce_sum(ink)) for ink in inks]
    np.testing.assert_allclose(totals, _SIZE * np.hypot(0.6, 0.4), rtol=0.03)
    np.testing.assert_allclose(*inks, atol=0.3)


@pytest.mark.parametrize("num_points", [1, 2, 9])
def test_gradients_are_finite_everywhere(num_points):
    points = tf.Variable(np.full([2, num_points, 2], 0.4))
    points[1].assign(np.full([num_points, 2], 2.0))  # off the page
    is_point = tf.constant([[True] * num_points] * 2)
    std = tf.Variable(1.0, dtype=tf.float64)
    noise = tf.Variable(0.1, dtype=tf.float64)
    with tf.GradientTape() as tape:
        image = splat.probabilities(points, is_point, std, noise, _SIZE)
        loss = tf.reduce_sum(tf.math.log(image))
    for gradient in tape.gradient(loss, [points, std, noise]):
        assert np.isfinite(gradient.numpy()).all()


def test_gradients_match_finite_differences():
    strokes = tf.constant(0.2 + 0.6 * _strokes(num_points=7)[:2])
    is_point = tf.ones([2, 7], tf.bool)

    @tf.function(autograph=False)
    def drawn(points, std, noise):
        image = splat.probabilities(points, is_point, std, noise, 12)
        return tf.reduce_sum(tf.sin(5.0 * image))

    pen = tf.constant(1.3, tf.float64), tf.constant(0.1, tf.float64)
    exact, numerical = tf.test.compute_gradient(
        drawn, [strokes, *pen], delta=1e-6
    )
    for one, other in zip(exact, numerical, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)
