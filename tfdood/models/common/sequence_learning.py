"""The training of models that draw strokes in sequence."""

import math

import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.distributions import pixels
from tfdood.drawing import smoothing
from tfdood.models import learning
from tfdood.models.common import baseline as baseline_lib
from tfdood.models.common import canvas_learning, rows, sequence_model
from tfdood.objectives import collages, elbo, nvil, stopping
from tfdood.settings.objectives import PresenceObjective
from tfdood.types import Parse

_BASELINE = "baseline"


class SequenceLearner(canvas_learning.CanvasLearner):
    """A `Trainable` for a model of presence, layouts and strokes.

    With `presence_gradient=exact`, all strokes are drawn, and the loss is a
    sum over the number of strokes (`objectives.stopping`). With
    `presence_gradient=nvil`, the posterior samples the number of strokes
    (`objectives.nvil`).

    Args:
        model: the model to train.
        objective: the settings of the objective.
    """

    headline = ("elbo", "expected_num_strokes")

    def __init__(
        self,
        model: sequence_model.SequenceModel,
        objective: PresenceObjective,
    ):
        super().__init__(model, objective)
        self._is_exact = objective.presence_gradient == "exact"
        if not self._is_exact:
            self._baseline = _make_baseline(model)
            self._moments = tf.nest.map_structure(
                canvas_learning.training_variable, nvil.initial_moments()
            )

    def parameter_groups(self) -> dict[str, learning.ParameterGroup]:
        """See `Trainable.parameter_groups`."""
        groups = dict(super().parameter_groups())
        objective, presence = self.objective, self.model.presence_parameters
        special = {id(variable) for variable in presence}
        rest = [v for v in groups["model"].variables if id(v) not in special]
        groups = {
            "model": learning.ParameterGroup(rest),
            "presence": learning.ParameterGroup(
                presence,
                objective.presence_learning_rate or None,
                objective.presence_warmup_steps,
            ),
            "pixel_scale": groups["pixel_scale"],
        }
        if self._is_exact:
            return groups
        own = learning.ParameterGroup(
            self._baseline.trainable_variables,
            self.objective.baseline_learning_rate,
        )
        scale = groups.pop("pixel_scale")
        return {**groups, _BASELINE: own, "pixel_scale": scale}

    def warnings(self, num_steps: int) -> list[str]:
        """See `Trainable.warnings`; also checks the warmup of the presence."""
        first = self.objective.presence_warmup_steps
        if num_steps > first:
            return super().warnings(num_steps)
        return [
            *super().warnings(num_steps),
            f"The number of strokes is learned from step {first} on, after the "
            f"end of this run at step {num_steps}; lower "
            "objective.presence_warmup_steps.",
        ]

    def state(self) -> list[tf.Variable]:
        """See `Trainable.state`."""
        if self._is_exact:
            return super().state()
        learned = [v.value for v in self._baseline.variables]
        return [*super().state(), *self._moments, *learned]

    def update(self, statistics: dict[str, tf.Tensor], step: tf.Tensor) -> None:
        """See `Trainable.update`; also updates the model's running values."""
        super().update(statistics, step)
        self.model.update(statistics)
        if not self._is_exact:
            for name, variable in self._moments._asdict().items():
                variable.assign(statistics[name])

    def loss(
        self, batch: Batch, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""
        num_collages = self.num_collages(batch.images)
        images = self.with_collages(batch.images, num_collages, seed)
        parse = self.model.parse(
            images,
            self.objective.num_particles,
            seed,
            training=True,
            draw_all=self._is_exact,
        )
        blurred = self._blurred(images, parse, step)
        losses, moments = (
            self._exact(*blurred, num_collages)
            if self._is_exact
            else self._sampled(*blurred)
        )
        learns = step >= self.objective.presence_warmup_steps
        losses["presence_loss"] *= tf.cast(learns, tf.float32)
        count = tf.shape(images)[0] - num_collages
        images = images[:count]
        parse = tf.nest.map_structure(lambda x: x[:, :count], parse)
        losses |= self.scale_losses(images, self._stopped(parse, seed))
        likelihood = self.model.settings.likelihood
        error = absolute = self._error(images, parse, "laplace")
        if likelihood != "laplace":
            error = self._error(images, parse, likelihood)
        return learning.Loss(
            total=tf.add_n(list(losses.values())),
            metrics=self._metrics(absolute, parse, losses),
            statistics={
                "error": error,
                **self.model.statistics(parse),
                **moments,
            },
        )

    def _blurred(
        self, images: tf.Tensor, parse: Parse, step: tf.Tensor
    ) -> tuple[tf.Tensor, Parse]:
        """Blurs images and canvases with the standard deviation of a step."""
        std = self.smoothing_std(step)
        if std is None:
            return images, parse
        images = smoothing.smooth(images, std)
        canvases = smoothing.smooth(parse.drawing.canvases, std)
        return images, parse._replace(
            drawing=parse.drawing._replace(canvases=canvases)
        )

    def _exact(
        self, images: tf.Tensor, parse: Parse, num_collages: int
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        """Computes the losses of `objectives.stopping`.

        Args:
            images: `[B, H, W, 1]`; the last `num_collages` are collages.
            parse: a parse with all strokes present.
            num_collages: the number of collages.

        Returns:
            The losses by name, and no moments.
        """
        log_likelihood, signal = self.log_likelihoods(
            images[:, tf.newaxis], prefixes(parse)
        )
        each = stopping.losses(
            parse, log_likelihood, signal, self.objective.beta
        )
        num_particles, num_images = tf.unstack(tf.shape(each.presence))
        num_real = num_images - num_collages
        count = tf.cast(num_particles * num_real, tf.float32)
        of_collages = collages.losses(parse, signal[..., -1])[:, num_real:]
        losses = {
            "negative_elbo": each.negative_elbo[:, :num_real],
            "presence_loss": each.presence,
            "collage_loss": of_collages,
        }
        return {k: tf.reduce_sum(v) / count for k, v in losses.items()}, {}

    def _sampled(
        self, images: tf.Tensor, parse: Parse
    ) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
        """Computes the losses of `objectives.nvil`, which has no collages.

        Args:
            images: `[B, H, W, 1]`.
            parse: a parse with a sampled number of strokes.

        Returns:
            The losses by name, and the new moments of the signal by name.
        """
        log_likelihood, signal = self.log_likelihoods(
            images, parse.drawing.canvas
        )
        parse = parse._replace(log_likelihood=log_likelihood)
        signal = nvil.learning_signal(parse, signal, self.objective.beta)
        num_particles, num_images = tf.unstack(tf.shape(parse.presence)[:2])
        merged = tf.nest.map_structure(
            rows.merge, (parse.context, parse.drawing.strokes)
        )
        predicted = rows.unmerge(
            self._baseline(*merged), [num_particles, num_images]
        )
        loss = nvil.nvil_losses(
            parse,
            signal,
            predicted,
            nvil.Moments(*map(tf.identity, self._moments)),
            self.objective.nvil_decay,
            _total,
        )
        # The gradient of log q(presence) has mean 0; it would only add noise.
        pathwise = parse._replace(
            log_posterior=parse.log_posterior._replace(
                presence=tf.stop_gradient(parse.log_posterior.presence)
            )
        )
        losses = {
            "negative_elbo": -tf.reduce_mean(elbo.elbo(pathwise)),
            "baseline_loss": loss.baseline,
            "presence_loss": loss.score,
        }
        return losses, loss.moments._asdict()

    def _count_weights(self, parse: Parse) -> tf.Tensor:
        """Computes the weight of each number of strokes, `[P, B, T + 1]`."""
        if self._is_exact:
            return stopping.count_probs(parse)
        count = sequence_model.num_strokes(parse.presence)
        return tf.one_hot(count, parse.presence.shape[-1] + 1)

    def _stopped(self, parse: Parse, seed: tf.Tensor) -> tf.Tensor:
        """Samples when to stop; returns the canvases, `[P, B, H, W, 1]`."""
        weights = tf.stop_gradient(self._count_weights(parse))
        shape = tf.shape(weights)
        count = tf.random.stateless_categorical(
            tf.math.log(tf.reshape(weights, [-1, weights.shape[-1]])),
            1,
            tf.random.fold_in(seed, 1),
        )
        count = tf.reshape(count, shape[:-1])
        return tf.gather(prefixes(parse), count, batch_dims=2)

    def _error(self, images: tf.Tensor, parse: Parse, kind: str) -> tf.Tensor:
        """Computes the mean error of each pixel, `[H, W, 1]`."""
        weights = self._count_weights(parse)[..., None, None, None]
        errors = pixels.error(images[:, tf.newaxis] - prefixes(parse), kind)
        return tf.reduce_mean(tf.reduce_sum(weights * errors, 2), [0, 1])

    def _metrics(
        self,
        absolute_error: tf.Tensor,
        parse: Parse,
        losses: dict[str, tf.Tensor],
    ) -> dict[str, tf.Tensor]:
        """Computes the metrics of real drawings, scalars by name.

        `expected_num_strokes` and `expected_absolute_error` are means over
        samples of the posterior and over the number of strokes. `num_strokes`
        and `mean_absolute_error` are of reconstructions, see
        `ExplainingModel.measures`.
        """
        weights = self._count_weights(parse)
        # Stroke t is drawn if the drawing has at least t strokes.
        drawn = tf.cumsum(weights, axis=-1, reverse=True)[..., 1:]
        kl = tf.nest.map_structure(
            lambda q, p: tf.reduce_mean(tf.reduce_sum(drawn * (q - p), -1)),
            parse.log_posterior,
            parse.log_prior,
        )
        losses = dict(losses)
        negative_elbo = losses.pop("negative_elbo")
        return {
            "expected_num_strokes": tf.reduce_mean(tf.reduce_sum(drawn, -1)),
            "kl_layout": kl.layout,
            "kl_stroke": kl.stroke,
            **self.model.state_metrics(),
            "expected_absolute_error": tf.reduce_mean(absolute_error),
            "pixel_scale": tf.reduce_mean(
                self.pixel_scale(parse.drawing.canvas)
            ),
            **losses,
            "elbo": -negative_elbo,
        }


def prefixes(parse: Parse) -> tf.Tensor:
    """Stacks the canvases after 0 to `T` strokes.

    Args:
        parse: samples with leading dimensions `[P, B]`.

    Returns:
        `[P, B, T + 1, H, W, 1]`; the first canvas is blank.
    """
    canvases = parse.drawing.canvases
    return tf.concat([tf.zeros_like(canvases[:, :, :1]), canvases], 2)


def _make_baseline(
    model: sequence_model.SequenceModel,
) -> baseline_lib.Baseline:
    """Builds the baseline with the sizes of a model."""
    width = model.settings.width
    return baseline_lib.Baseline(
        width, model.context_size, math.prod(model.noise_shape.stroke)
    )


def _total(x: tf.Tensor) -> tf.Tensor:
    """Sums a tensor over all replicas."""
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, x)
