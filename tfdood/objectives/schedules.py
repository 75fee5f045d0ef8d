"""Schedules of learning rates, of the pixel scale's bound and of the blur."""

import math

import keras
import tensorflow as tf

from tfdood.settings.objectives import PixelObjective, ScaleObjective
from tfdood.settings.schema import Training


class WarmupThenCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly, stays constant, then falls.

        rate(step) = peak * rise * fall
        rise = min(1, (step + 1) / warmup_steps)
        fall = (1 - cos(pi * left)) / 2
        left = clip((num_steps - step) / decay, 0, 1)
        decay = min(decay_steps, num_steps // 2)

    With `decay_steps` 0, `fall` is 1.

    Args:
        peak: the largest learning rate.
        training: gives `num_steps`, `warmup_steps` and `decay_steps`.
        first_step: the step of the run at which the optimiser starts to count.
    """

    def __init__(self, peak: float, training: Training, first_step: int = 0):
        self.peak = peak
        self.training = training
        self.first_step = first_step

    def __call__(self, count: tf.Tensor) -> tf.Tensor:
        """Computes the learning rate.

        Args:
            count: scalar, the number of finished steps of the optimiser.

        Returns:
            The learning rate at step `count + first_step` of the run.
        """
        training = self.training
        step = tf.cast(count, tf.float32) + self.first_step
        rise = (step + 1.0) / max(1, training.warmup_steps)
        decay = min(training.decay_steps, training.num_steps // 2)
        left = (training.num_steps - step) / max(1, decay)
        fall = 0.5 - 0.5 * tf.cos(math.pi * tf.clip_by_value(left, 0.0, 1.0))
        if not training.decay_steps:
            fall = tf.ones_like(fall)
        return self.peak * tf.minimum(1.0, rise) * fall


def scale_bound(
    objective: ScaleObjective, floor: float, step: tf.Tensor
) -> tf.Tensor:
    """Computes the lower bound of the pixel scale at a step.

    A running pixel scale and a pixel scale that is read off the canvas have
    this bound. A learned pixel scale has none.

        bound = hold * (floor / hold) ** progress
        hold = max(scale_hold, floor)
        progress = clip((step - scale_hold_steps) / scale_anneal_steps, 0, 1)

    Without `scale_anneal_steps`, the progress is 1 from `scale_hold_steps` on.

    Args:
        objective: gives `scale_hold`, `scale_hold_steps` and
            `scale_anneal_steps`.
        floor: the bound at the end, positive.
        step: scalar, the number of steps that were finished before the update
            that sets the bound. If the schedule and the run end at the same
            step, the last bound of the run is therefore above the floor.

    Returns:
        A scalar, float32.
    """
    held = objective.scale_hold_steps
    progress = linear(step, 0.0, 1.0, held + objective.scale_anneal_steps, held)
    hold = max(objective.scale_hold, floor)
    ratio = floor / hold
    return hold * ratio**progress


def smoothing_std(objective: PixelObjective, step: tf.Tensor) -> tf.Tensor:
    """Computes the standard deviation of the blur in the loss at a step.

        std = smoothing * max(0, 1 - step / smoothing_steps)

    Without `smoothing_steps`, nothing is blurred.

    Args:
        objective: gives `smoothing`, in pixels, and `smoothing_steps`.
        step: scalar, the number of finished steps.

    Returns:
        A scalar in pixels, float32.
    """
    return linear(step, objective.smoothing, 0.0, objective.smoothing_steps)


def linear(
    step: tf.Tensor,
    start: float,
    end: float,
    last_step: int,
    first_step: int = 0,
) -> tf.Tensor:
    """Computes a value that changes linearly between two steps.

        value = start + (end - start) * progress
        progress = clip((step - first_step) / (last_step - first_step), 0, 1)

    If `last_step` is not after `first_step`, the value is `end` from
    `first_step` on.

    Args:
        step: scalar, the number of finished steps.
        start: the value up to `first_step`.
        end: the value from `last_step` on.
        last_step: the step at which the change ends.
        first_step: the step at which the change begins.

    Returns:
        A scalar, float32.
    """
    step = tf.cast(step, tf.float32)
    if last_step <= first_step:
        progress = tf.cast(step >= first_step, tf.float32)
    else:
        progress = (step - first_step) / (last_step - first_step)
    return start + (end - start) * tf.clip_by_value(progress, 0.0, 1.0)
