"""One step of training: a batch in, new weights out."""

import math
from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood import models
from tfdood.config import Config, TrainingConfig
from tfdood.drawings import Parse
from tfdood.objectives import elbo, importance, nvil

_ADAM_EPSILON = 1e-8
_PEN_DECAY = 0.99


class Losses(NamedTuple):
    """What a step minimises, as scalars, means over the batch.

    Attributes:
        negative_elbo: in nats.
        score: the surrogate of the presence's score-function gradient.
        baseline: the squared error of the baseline.
    """

    negative_elbo: tf.Tensor
    score: tf.Tensor
    baseline: tf.Tensor


class WarmupThenCosine(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises, holds, and falls at the end of the run."""

    def __init__(self, peak: float, training: TrainingConfig):
        self.peak = peak
        self.training = training

    def __call__(self, step):
        """The learning rate of a step that counts from 0."""
        training = self.training
        step = tf.cast(step, tf.float32)
        rise = (step + 1.0) / max(1, training.warmup_steps)
        left = (training.num_steps - step) / max(1, training.decay_steps)
        fall = 0.5 - 0.5 * tf.cos(math.pi * tf.clip_by_value(left, 0.0, 1.0))
        if not training.decay_steps:
            fall = tf.ones_like(fall)
        return self.peak * tf.minimum(1.0, rise) * fall


class Trainer:
    """A model, its optimisers, and all else that training changes.

    Attributes:
        config: of the run.
        model: a `DrawingModel`.
        step: int64 variable, the number of finished steps.
    """

    def __init__(self, config: Config):
        self.config = config
        training = config.training
        keras.utils.set_random_seed(training.seed)
        self.model = models.build(config.model)
        self.step = tf.Variable(0, dtype=tf.int64, name="step")
        self._moments = tf.nest.map_structure(
            lambda x: tf.Variable(x, trainable=False), nvil.initial_moments()
        )
        self._absolute_error = tf.Variable(
            tf.fill(self.model.pixel_scale.shape, training.scale_hold),
            name="absolute_error",
        )
        self._groups = self._parameter_groups()
        rates = {
            "model": training.learning_rate,
            "baseline": training.baseline_learning_rate,
            "pixel_scale": training.pixel_scale_learning_rate,
        }
        self._optimizers = {}
        for name, variables in self._groups.items():
            optimizer = keras.optimizers.Adam(
                WarmupThenCosine(rates[name], training), epsilon=_ADAM_EPSILON
            )
            optimizer.build(variables)
            self._optimizers[name] = optimizer
        if tf.distribute.get_strategy().num_replicas_in_sync == 1:
            # Adam in one pass over memory: a third of the time.
            self._apply = tf.function(self._apply, jit_compile=True)
        self._compiled_step = tf.function(
            self._train_step,
            jit_compile=training.jit_compile,
            autograph=False,
        )

    def checkpointed(self) -> dict:
        """All that must be saved to resume, by name."""
        return {
            "step": self.step,
            "model": self.model,
            "moments": list(self._moments),
            "absolute_error": self._absolute_error,
            **{f"{n}_optimizer": o for n, o in self._optimizers.items()},
        }

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Updates the weights on images `[B, H, W, 1]`; returns metrics."""
        return self._compiled_step(images)

    @tf.function(reduce_retracing=True, autograph=False)
    def evaluate(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Means over images `[B, H, W, 1]`, without learning.

        Args:
            images: held-out drawings.
            num_particles: samples of the importance weighted bound.
            seed: int32 `[2]`.

        Returns:
            `elbo` and `iwae` in nats, `mean_absolute_error`, `num_strokes`.
        """
        parse = self.model.parse(images, num_particles, seed)
        weights = elbo.log_weights(parse)
        canvas = parse.drawing.canvases[:, :, -1]
        return {
            "elbo": tf.reduce_mean(weights),
            "iwae": tf.reduce_mean(importance.iwae(weights)),
            "mean_absolute_error": tf.reduce_mean(tf.abs(images - canvas)),
            "num_strokes": _num_strokes(parse),
        }

    def _train_step(self, images):
        config = self.config
        step_seed = tf.random.fold_in(
            tf.constant([config.training.seed, 0]), tf.cast(self.step, tf.int32)
        )
        variables = sum(self._groups.values(), [])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([v.value for v in variables])
            parse = self.model.parse(
                images,
                config.objective.num_particles,
                step_seed,
                training=True,
            )
            losses, moments = self._losses(images, parse)
            loss = tf.add_n(list(losses))
        gradients = tape.gradient(loss, [v.value for v in variables])
        context = tf.distribute.get_replica_context()
        gradients = context.all_reduce(tf.distribute.ReduceOp.MEAN, gradients)
        norm = self._apply(gradients)
        for variable, value in zip(self._moments, moments, strict=True):
            variable.assign(value)
        self._update_running(images, parse)
        self.step.assign_add(1)
        return self._metrics(images, parse, losses, norm)

    def _losses(self, images, parse: Parse):
        objective = self.config.objective
        final = parse.drawing.canvases[:, :, -1]
        tempered = self.model.log_likelihood(
            images, final, objective.signal_scale_floor
        )
        signal = nvil.learning_signal(parse, tempered, objective.beta)
        nvil_loss = nvil.nvil_losses(
            parse, signal, nvil.Moments(*self._moments), objective.decay
        )
        learns = self.step >= objective.presence_warmup_steps
        losses = Losses(
            -tf.reduce_mean(elbo.elbo(parse)),
            tf.cast(learns, tf.float32) * nvil_loss.score,
            nvil_loss.baseline,
        )
        return losses, nvil_loss.moments

    def _apply(self, gradients):
        """Updates all groups; returns the norm of the model's gradient."""
        norm = tf.constant(0.0)
        for name, group in self._groups.items():
            own, gradients = gradients[: len(group)], gradients[len(group) :]
            if name == "model":
                norm = tf.linalg.global_norm(own)
                if self.config.training.clip_norm:
                    own, _ = tf.clip_by_global_norm(
                        own, self.config.training.clip_norm, norm
                    )
            self._optimizers[name].apply(own, group)
        return norm

    def _update_running(self, images, parse: Parse):
        """Moves the running pixel scale and the typical pen."""
        config, training = self.config, self.config.training
        pen = parse.drawing.pen
        typical = tf.stack(
            [
                tf.reduce_mean(pen.blur[..., 0]),
                tf.reduce_mean(pen.stroke_contrast[..., 0]),
                tf.reduce_mean(pen.canvas_contrast),
            ]
        )
        old = tf.convert_to_tensor(self.model.typical_pen)
        self.model.typical_pen.assign(old + (1 - _PEN_DECAY) * (typical - old))
        if config.model.pixel_scale != "running":
            return
        error = tf.abs(images - parse.drawing.canvases[:, :, -1])
        error = tf.reduce_mean(error, [0, 1])
        decay = training.scale_decay
        error = decay * self._absolute_error + (1.0 - decay) * error
        self._absolute_error.assign(error)
        bound = scale_bound(training, config.model.pixel_scale_floor, self.step)
        self.model.running_pixel_scale.assign(tf.maximum(error, bound))

    def _metrics(self, images, parse: Parse, losses: Losses, norm):
        kl = tf.nest.map_structure(
            lambda q, p: tf.reduce_mean(tf.reduce_sum(q - p, -1)),
            parse.log_posterior,
            parse.log_prior,
        )
        error = tf.abs(images - parse.drawing.canvases[:, :, -1])
        return {
            "elbo": -losses.negative_elbo,
            "log_likelihood": tf.reduce_mean(parse.log_likelihood),
            "kl_presence": kl.presence,
            "kl_layout": kl.layout,
            "kl_stroke": kl.control_points,
            "score_loss": losses.score,
            "baseline_loss": losses.baseline,
            "num_strokes": _num_strokes(parse),
            "mean_absolute_error": tf.reduce_mean(error),
            "pixel_scale": tf.reduce_mean(self.model.pixel_scale),
            "blur": self.model.typical_pen[0],
            "gradient_norm": norm,
        }

    def _parameter_groups(self):
        """Trainable variables by the optimiser that updates them."""
        model = self.model
        baseline = model.baseline.trainable_variables
        scale = []
        if self.config.model.pixel_scale == "learned":
            scale = [model.pixel_scale_logits]
        special = {id(v) for v in baseline + scale}
        rest = [v for v in model.trainable_variables if id(v) not in special]
        groups = {"model": rest, "baseline": baseline, "pixel_scale": scale}
        return {name: group for name, group in groups.items() if group}


def scale_bound(
    training: TrainingConfig, floor: float, step: tf.Tensor
) -> tf.Tensor:
    """The least running pixel scale at a step: held, then annealed.

    bound = hold * (floor / hold) ** progress
    """
    step = tf.cast(step, tf.float32)
    progress = (step - training.scale_hold_steps) / max(
        1, training.scale_anneal_steps
    )
    ratio = floor / training.scale_hold
    return training.scale_hold * ratio ** tf.clip_by_value(progress, 0.0, 1.0)


def _num_strokes(parse: Parse):
    presence = parse.drawing.strokes.presence
    return tf.reduce_mean(tf.reduce_sum(presence, -1))
