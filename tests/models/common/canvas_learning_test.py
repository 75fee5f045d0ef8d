import dataclasses

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from tests import tiny_models
from tfdood import models
from tfdood.models.common import canvas_learning
from tfdood.objectives import schedules
from tfdood.settings.objectives import PixelObjective

_SEED = tf.constant([1, 2])
_SCHEDULE = PixelObjective(
    scale_hold=0.04, scale_hold_steps=2, scale_anneal_steps=4, scale_decay=0.5
)


class _Learner(canvas_learning.CanvasLearner):
    """Learns nothing; what all learners of canvases share is tested."""

    def loss(self, batch, step, seed):
        raise NotImplementedError


def _learner(objective=_SCHEDULE, *changes):
    changes = "model.pixel_scale=running", *changes
    model = models.build(tiny_models.config("vae", *changes).model)
    return _Learner(model, objective)


@pytest.mark.parametrize(
    ("share", "batch_size", "count"),
    [(0.0, 8, 0), (0.25, 8, 2), (0.2, 3, 1), (0.9, 8, 7), (0.9, 4, 3)]
    + [(0.9, 1, 0)],
)
def test_at_least_one_drawing_of_a_batch_is_no_collage(
    share, batch_size, count
):
    learner = _learner(PixelObjective(collages=share))
    assert learner.num_collages(tf.zeros([batch_size, 20, 20, 1])) == count


def test_collages_replace_the_last_drawings():
    learner = _learner()
    images = tiny_models.images(8)
    mixed = learner.with_collages(images, 3, _SEED)
    assert mixed.shape == images.shape
    # Copies: exact.
    np.testing.assert_array_equal(mixed[:5], images[:5])
    assert np.all(np.abs(mixed[5:] - images[5:]).max((1, 2, 3)) > 0.1)
    other = learner.with_collages(images, 3, _SEED + 1)
    assert np.abs(other[5:] - mixed[5:]).max() > 0.1
    assert learner.with_collages(images, 0, _SEED) is images


def test_blur_is_none_without_smoothing_and_follows_its_schedule():
    assert _learner().smoothing_std(tf.constant(5)) is None
    objective = PixelObjective(smoothing=3.0, smoothing_steps=10)
    std = _learner(objective).smoothing_std(tf.constant(5))
    np.testing.assert_allclose(std, 1.5, rtol=1e-6)


@pytest.mark.parametrize(("floor", "used"), [(0.0, 0.05), (0.3, 0.3)])
def test_signal_likelihood_has_a_floor_of_the_pixel_scale(floor, used):
    learner = _learner(PixelObjective(signal_scale_floor=floor))
    learner.model.running_pixel_scale.assign(tf.fill([20, 20, 1], 0.05))
    images = tiny_models.images()
    expected = scipy.stats.laplace.logpdf(images, images[::-1], used)
    _, signal = learner.log_likelihoods(images, images[::-1])
    np.testing.assert_allclose(signal, expected.sum((1, 2, 3)), rtol=1e-4)


@pytest.mark.parametrize(("bound", "used"), [(0.2, 0.2), (0.01, 0.03)])
def test_signal_has_one_scale_where_pixels_have_that_of_the_canvas(bound, used):
    objective = PixelObjective(signal_scale_floor=0.03)
    learner = _learner(objective, "model.pixel_scale=canvas")
    scale = learner.model.canvas_scale
    scale.bound.assign(bound)
    images = tiny_models.images()
    likelihood, signal = learner.log_likelihoods(images, images[::-1])
    for value, scales in ((likelihood, scale(images[::-1])), (signal, used)):
        expected = scipy.stats.laplace.logpdf(images, images[::-1], scales)
        np.testing.assert_allclose(value, expected.sum((1, 2, 3)), rtol=1e-4)


def test_signal_likelihood_passes_no_gradient_to_the_pixel_scale():
    learner = _learner(_SCHEDULE, "model.pixel_scale=learned")
    logits = learner.model.pixel_scale_logits.value
    images = tiny_models.images()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logits)
        likelihood, signal = learner.log_likelihoods(images, images[::-1])
    assert tape.gradient(signal, logits) is None
    assert np.any(tape.gradient(likelihood, logits))


@pytest.mark.parametrize("kind", ["laplace", "normal"])
def test_running_pixel_scale_follows_the_error_above_its_bound(kind):
    learner = _learner(_SCHEDULE, f"model.likelihood={kind}")
    rng = np.random.default_rng(0)
    power = {"laplace": 1, "normal": 2}[kind]
    running = np.full([20, 20, 1], 0.04) ** power
    for number in range(8):
        error = rng.uniform(0.0, 0.08, [20, 20, 1]) ** power
        learner.update(
            {"error": tf.constant(error, tf.float32)}, tf.constant(number)
        )
        running = 0.5 * running + 0.5 * error
        bound = schedules.scale_bound(_SCHEDULE, 0.01, tf.constant(number))
        expected = np.maximum(running ** (1 / power), bound)
        np.testing.assert_allclose(
            learner.model.pixel_scale(error), expected, rtol=1e-4
        )
    assert np.any(expected > bound)


def test_learned_pixel_scale_is_not_updated_by_the_error():
    learner = _learner(_SCHEDULE, "model.pixel_scale=learned")
    before = np.array(learner.model.pixel_scale_logits)
    learner.update({"error": tf.fill([20, 20, 1], 0.3)}, tf.constant(0))
    # A copy: exact.
    np.testing.assert_array_equal(learner.model.pixel_scale_logits, before)


def test_state_is_the_running_error():
    learner = _learner()
    (error,) = learner.state()
    np.testing.assert_allclose(error, 0.04, rtol=1e-6)
    learner.update({"error": tf.fill([20, 20, 1], 0.08)}, tf.constant(0))
    np.testing.assert_allclose(error, 0.06, rtol=1e-6)


def test_new_run_starts_at_the_bound_of_the_pixel_scale():
    running = _learner()
    running.model.running_pixel_scale.assign(tf.fill([20, 20, 1], 0.01))
    running.start()
    images = tiny_models.images()
    np.testing.assert_allclose(running.model.pixel_scale(images), 0.04)
    canvas = _learner(_SCHEDULE, "model.pixel_scale=canvas")
    np.testing.assert_allclose(canvas.model.canvas_scale.bound, 0.01)
    canvas.start()
    np.testing.assert_allclose(canvas.model.canvas_scale.bound, 0.04)
    learned = _learner(_SCHEDULE, "model.pixel_scale=learned")
    before = np.array(learned.model.pixel_scale_logits)
    learned.start()
    # A copy: exact.
    np.testing.assert_array_equal(learned.model.pixel_scale_logits, before)


def test_bound_of_a_scale_of_the_canvas_follows_its_schedule():
    learner = _learner(_SCHEDULE, "model.pixel_scale=canvas")
    error = {"error": tf.zeros([20, 20, 1])}
    for number in (0, 3, 20):
        learner.update(error, tf.constant(number))
        bound = schedules.scale_bound(_SCHEDULE, 0.01, tf.constant(number))
        np.testing.assert_allclose(learner.model.canvas_scale.bound, bound)


def test_scale_of_the_canvas_learns_from_its_own_loss_alone():
    learner = _learner(_SCHEDULE, "model.pixel_scale=canvas")
    learner.start()
    images = tiny_models.images()
    canvas = images[::-1]
    weights = [v.value for v in learner.model.canvas_scale.trainable_variables]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([canvas, *weights])
        likelihood, signal = learner.log_likelihoods(images, canvas)
        scale_loss = learner.scale_losses(images, canvas)["scale_loss"]
    for value in (likelihood, signal):
        assert tape.gradient(value, weights) == [None] * len(weights)
        assert np.any(tape.gradient(value, canvas))
    assert all(np.any(g) for g in tape.gradient(scale_loss, weights)[-2:])
    assert tape.gradient(scale_loss, canvas) is None


def test_gradient_of_the_canvas_does_not_flow_through_its_scale():
    learner = _learner(_SCHEDULE, "model.pixel_scale=canvas")
    images = tiny_models.images()
    canvas = tf.constant(np.random.default_rng(0).uniform(size=images.shape))
    canvas = tf.cast(canvas, tf.float32)
    scale = learner.model.pixel_scale(canvas)
    with tf.GradientTape() as tape:
        tape.watch(canvas)
        likelihood, _ = learner.log_likelihoods(images, canvas)
    expected = np.sign(images - canvas) / scale
    np.testing.assert_allclose(
        tape.gradient(likelihood, canvas), expected, rtol=1e-5
    )


def test_scale_loss_is_the_likelihood_without_the_bound():
    learner = _learner(_SCHEDULE, "model.pixel_scale=canvas")
    images = tiny_models.images()
    free = learner.model.log_likelihood(images, images[::-1])
    learner.start()
    loss = learner.scale_losses(images, images[::-1])["scale_loss"]
    np.testing.assert_allclose(loss, -np.mean(free), rtol=1e-5)
    assert _learner().scale_losses(images, images) == {}


@pytest.mark.parametrize("pixel_scale", ["running", "learned"])
def test_only_a_learned_pixel_scale_has_a_group_of_parameters(pixel_scale):
    objective = dataclasses.replace(_SCHEDULE, pixel_scale_learning_rate=0.3)
    learner = _learner(objective, f"model.pixel_scale={pixel_scale}")
    groups = learner.parameter_groups()
    assert groups["model"].learning_rate is None
    own = groups["pixel_scale"]
    assert own.learning_rate == 0.3
    assert len(own.variables) == (pixel_scale == "learned")
    every = [*groups["model"].variables, *own.variables]
    assert len(every) == len(learner.model.trainable_variables)
    assert {id(v) for v in every} == {
        id(v) for v in learner.model.trainable_variables
    }


def test_warning_names_the_step_at_which_lines_become_crisp():
    learner = _learner()
    assert learner.warnings(6) == []
    (warning,) = learner.warnings(5)
    assert "crisp at step 6" in warning
    assert "end of this run at step 5" in warning
    learned = _learner(_SCHEDULE, "model.pixel_scale=learned")
    assert learned.warnings(5) == []


def test_warning_names_the_step_until_which_images_are_blurred():
    blurred = dataclasses.replace(_SCHEDULE, smoothing=3.0, smoothing_steps=9)
    learner = _learner(blurred)
    assert learner.warnings(9) == []
    (warning,) = learner.warnings(8)
    assert "blurred until step 9, after the end of this run at step 8" in (
        warning
    )
