"""What changes with the step: learning rates, the pixel scale, smoothing."""

import math

import keras
import tensorflow as tf

from tfdood.settings.schema import TrainingConfig


class WarmupThenCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises, holds, and falls at the end of the run.

        rise = (step + 1) / warmup_steps                           at most 1
        fall = (1 - cos(pi (num_steps - step) / decay_steps)) / 2  at the end

    A short run decays over its second half.

    Args:
        peak: the rate in between.
        training: gives `num_steps`, `warmup_steps` and `decay_steps`.
    """

    def __init__(self, peak: float, training: TrainingConfig):
        self.peak = peak
        self.training = training

    def __call__(self, step):
        """The learning rate of a step that counts from 0."""
        training = self.training
        step = tf.cast(step, tf.float32)
        rise = (step + 1.0) / max(1, training.warmup_steps)
        decay = min(training.decay_steps, training.num_steps // 2)
        left = (training.num_steps - step) / max(1, decay)
        fall = 0.5 - 0.5 * tf.cos(math.pi * tf.clip_by_value(left, 0.0, 1.0))
        if not training.decay_steps:
            fall = tf.ones_like(fall)
        return self.peak * tf.minimum(1.0, rise) * fall


def scale_bound(
    training: TrainingConfig, floor: float, step: tf.Tensor
) -> tf.Tensor:
    """The least running pixel scale at a step: held, then annealed.

    bound = hold * (floor / hold) ** progress,   hold at least floor
    """
    step = tf.cast(step, tf.float32)
    progress = (step - training.scale_hold_steps) / max(
        1, training.scale_anneal_steps
    )
    hold = max(training.scale_hold, floor)
    ratio = floor / hold
    return hold * ratio ** tf.clip_by_value(progress, 0.0, 1.0)


def smoothing_std(training: TrainingConfig, step: tf.Tensor) -> tf.Tensor:
    """How much images are smoothed at a step, in pixels: ever less."""
    left = 1.0 - tf.cast(step, tf.float32) / max(1, training.smoothing_steps)
    return training.smoothing * tf.maximum(left, 0.0)
