"""One step of training: a batch in, new weights out."""

from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood import models
from tfdood.distributions import pixels
from tfdood.models.common import objective as losses_lib
from tfdood.objectives import collages as exploration
from tfdood.objectives import elbo, importance, nvil, schedules, stopping
from tfdood.saved import runs
from tfdood.settings import text as settings_lib
from tfdood.settings.schema import Config
from tfdood.types import Parse
from train import optimizers

_PEN_DECAY = 0.99


class Lesson(NamedTuple):
    """What one replica learns from its part of a batch.

    Attributes:
        gradients: in the order of the optimisers' variables.
        moments: of the NVIL learning signal, the new ones, of all replicas.
        pen: the new running mean of the pens of first strokes.
        errors: of each pixel, `[H, W, 1]`.
        metrics: scalars by name.
    """

    gradients: list[tf.Tensor]
    moments: list[tf.Tensor]
    pen: tf.Tensor
    errors: tf.Tensor
    metrics: dict[str, tf.Tensor]


class Trainer:
    """A model, its optimisers, and all else that training changes.

    Attributes:
        config: of the run.
        model: a `DrawingModel`.
        step: int64 variable, the number of finished steps.
    """

    def __init__(self, config: Config):
        self.config = settings_lib.validate(config)
        training = config.training
        keras.utils.set_random_seed(training.seed)
        self.model = models.build(config.model)
        if training.jit_compile:
            self.model.unroll()
        self.step = _variable(tf.constant(0, tf.int64))
        self._moments = tf.nest.map_structure(_variable, nvil.initial_moments())
        self._running_error = _variable(
            pixels.error(
                tf.fill(self.model.pixel_scale.shape, training.scale_hold),
                config.model.likelihood,
            )
        )
        self._optimizers = optimizers.GroupedAdam(
            self._parameter_groups(), training
        )
        self._single_step = tf.function(self.replica_step, autograph=False)
        if training.jit_compile:
            # Adam is apart: `optimizers` compiles it whether or not this is.
            self._learn = tf.function(
                self._learn, jit_compile=True, autograph=False
            )

    def checkpointed(self) -> dict:
        """All that must be saved to resume, by name."""
        return {
            "step": self.step,
            "model": runs.variables(self.model),
            "moments": list(self._moments),
            "running_error": self._running_error,
            **self._optimizers.checkpointed(),
        }

    def train_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """Updates the weights on images `[B, H, W, 1]`; returns metrics."""
        return self._single_step(images)

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
            "num_strokes": tf.reduce_mean(
                tf.reduce_sum(parse.drawing.strokes.presence, -1)
            ),
        }

    def replica_step(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        """`train_step` for `tf.distribute.Strategy.run`."""
        config, context = self.config, tf.distribute.get_replica_context()
        step_seed = tf.random.fold_in(
            tf.constant([config.training.seed, 0]), tf.cast(self.step, tf.int32)
        )
        step_seed = tf.random.fold_in(
            step_seed, context.replica_id_in_sync_group
        )
        lesson = self._learn(images, step_seed)
        mean = tf.distribute.ReduceOp.MEAN
        gradients = context.all_reduce(mean, lesson.gradients)
        norms = self._optimizers.apply(gradients)
        pen, errors = context.all_reduce(mean, [lesson.pen, lesson.errors])
        for variable, value in zip(self._moments, lesson.moments, strict=True):
            variable.assign(value)
        self.model.typical_pen.assign(pen)
        decay = config.training.scale_decay
        self._running_error.assign(
            decay * self._running_error + (1.0 - decay) * errors
        )
        if config.model.pixel_scale == "running":
            bound = schedules.scale_bound(
                config.training, config.model.pixel_scale_floor, self.step
            )
            scale = pixels.scale(self._running_error, config.model.likelihood)
            self.model.running_pixel_scale.assign(tf.maximum(scale, bound))
        self.step.assign_add(1)
        return lesson.metrics | {
            f"{name}_gradient_norm".removeprefix("model_"): norm
            for name, norm in norms.items()
        }

    def _learn(self, images: tf.Tensor, seed: tf.Tensor) -> Lesson:
        config, particles = self.config, self.config.objective.num_particles
        num_explored = self._num_explored(images)
        images = self._explored(images, num_explored, seed)
        weights = [v.value for v in self._optimizers.variables]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            parse = self.model.parse(
                images,
                particles,
                seed,
                training=True,
                draw_all=self._is_exact,
            )
            batch = losses_lib.Batch(images, parse)
            losses, moments = self._losses(batch, num_explored)
            loss = tf.add_n(list(losses))
        images, parse = losses_lib.free(batch, num_explored)
        absolute = errors = self._errors(images, parse, "laplace")
        if config.model.likelihood != "laplace":
            errors = self._errors(images, parse, config.model.likelihood)
        return Lesson(
            tape.gradient(loss, weights),
            list(moments),
            self._typical_pen(parse),
            errors,
            self._metrics(parse, absolute, losses),
        )

    @property
    def _is_exact(self) -> bool:
        return self.config.objective.presence_gradient == "exact"

    def _num_explored(self, images: tf.Tensor) -> int:
        """How many drawings become collages; one at least does not."""
        share = self.config.objective.exploration if self._is_exact else 0.0
        return min(round(share * images.shape[0]), images.shape[0] - 1)

    def _explored(self, images, count: int, seed):
        """The batch, its last images replaced by collages with its first."""
        if not count:
            return images
        kept, replaced = tf.split(images, [-1, count])
        pairs = tf.stack([images[:count], replaced])
        seed = tf.random.fold_in(seed, 0)
        return tf.concat([kept, exploration.collages(pairs, seed)], 0)

    def _losses(self, batch: losses_lib.Batch, num_explored: int):
        """The losses, and the new moments of the learning signal."""
        config, moments = self.config.objective, list(self._moments)
        if self.config.training.smoothing:
            std = schedules.smoothing_std(self.config.training, self.step)
            batch = losses_lib.smoothed(self.model, batch, std)
        if self._is_exact:
            losses = losses_lib.exact(self.model, config, batch, num_explored)
            moments = list(map(tf.identity, moments))
        else:
            losses, moments = losses_lib.sampled(
                self.model, config, batch, nvil.Moments(*moments), _total
            )
        learns = self.step >= config.presence_warmup_steps
        presence = tf.cast(learns, tf.float32) * losses.presence
        return losses._replace(presence=presence), moments

    def _count_weights(self, parse: Parse):
        """How much each number of strokes counts, `[P, B, T + 1]`."""
        if self._is_exact:
            return stopping.count_probs(parse)
        present = parse.drawing.strokes.presence
        count = tf.cast(tf.reduce_sum(present, -1), tf.int32)
        return tf.one_hot(count, present.shape[-1] + 1)

    def _errors(self, images, parse: Parse, kind: str):
        """Of each pixel, `[H, W, 1]`, means over batch and when to stop."""
        weights = self._count_weights(parse)[..., None, None, None]
        errors = pixels.error(
            images[:, tf.newaxis] - losses_lib.prefixes(parse), kind
        )
        return tf.reduce_mean(tf.reduce_sum(weights * errors, 2), [0, 1])

    def _typical_pen(self, parse: Parse):
        """The new running mean of the pens of first strokes."""
        pen = parse.drawing.pen
        pens = [
            pen.blur[..., 0],
            pen.stroke_contrast[..., 0],
            pen.canvas_contrast,
        ]
        new = tf.stack([tf.reduce_mean(value) for value in pens])
        old = tf.convert_to_tensor(self.model.typical_pen)
        return _PEN_DECAY * old + (1.0 - _PEN_DECAY) * new

    def _metrics(self, parse: Parse, absolute, losses: losses_lib.Losses):
        """Parts before what they add up to: the first NaN is the cause."""
        weights = self._count_weights(parse)
        # The probability that stroke t is drawn: at least t strokes.
        drawn = tf.cumsum(weights, axis=-1, reverse=True)[..., 1:]
        kl = tf.nest.map_structure(
            lambda q, p: tf.reduce_mean(tf.reduce_sum(drawn * (q - p), -1)),
            parse.log_posterior,
            parse.log_prior,
        )
        return {
            "num_strokes": tf.reduce_mean(tf.reduce_sum(drawn, -1)),
            "kl_layout": kl.layout,
            "kl_stroke": kl.control_points,
            "blur": self.model.typical_pen[0],
            "mean_absolute_error": tf.reduce_mean(absolute),
            "pixel_scale": tf.reduce_mean(self.model.pixel_scale),
            "baseline_loss": losses.baseline,
            "exploration_loss": losses.exploration,
            "presence_loss": losses.presence,
            "elbo": -losses.negative_elbo,
        }

    def _parameter_groups(self) -> dict[str, optimizers.Group]:
        """The model, its NVIL baseline, and a learned pixel scale."""
        model, training = self.model, self.config.training
        baseline = model.baseline.trainable_variables
        learns_baseline = not self._is_exact
        scale = []
        if self.config.model.pixel_scale == "learned":
            scale = [model.pixel_scale_logits]
        special = {id(v) for v in baseline + scale}
        rest = [v for v in model.trainable_variables if id(v) not in special]
        return {
            "model": optimizers.Group(
                rest, training.learning_rate, training.clip_norm
            ),
            "baseline": optimizers.Group(
                baseline if learns_baseline else [],
                training.baseline_learning_rate,
            ),
            "pixel_scale": optimizers.Group(
                scale, training.pixel_scale_learning_rate
            ),
        }


def _total(x: tf.Tensor) -> tf.Tensor:
    """The sum over replicas."""
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, x)


def _variable(value: tf.Tensor) -> tf.Variable:
    """State of the training; the replicas assign it equal values."""
    return tf.Variable(
        value,
        trainable=False,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
