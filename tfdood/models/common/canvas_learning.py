"""The training of models that explain an image by a canvas.

Collages replace a share of each batch (augmentation). Images and canvases are
blurred at the start of training. The pixel scale follows the error, above a
bound that decreases during training.
"""

import abc
from typing import Any

import tensorflow as tf

from tfdood.distributions import pixels
from tfdood.models import learning
from tfdood.models.common import canvas_model
from tfdood.objectives import collages, schedules
from tfdood.settings.objectives import ScaleObjective


class CanvasLearner(abc.ABC):
    """A `Trainable` whose loss compares images with canvases.

    Args:
        model: the model to train.
        objective: the settings of the objective.
    """

    headline = ("elbo",)

    def __init__(
        self, model: canvas_model.CanvasModel, objective: ScaleObjective
    ):
        self.model = model
        self.objective = objective
        size = model.settings.image_size
        self._running_error = training_variable(
            pixels.error(
                tf.fill([size, size, 1], objective.scale_hold),
                model.settings.likelihood,
            )
        )

    @abc.abstractmethod
    def loss(
        self, batch: Any, step: tf.Tensor, seed: tf.Tensor
    ) -> learning.Loss:
        """See `Trainable.loss`."""

    def start(self) -> None:
        """See `Trainable.start`; the pixel scale starts at its bound."""
        bound = self._scale_bound(tf.constant(0))
        kind = self.model.settings.pixel_scale
        if kind == "running":
            scale = self.model.running_pixel_scale
            scale.assign(tf.fill(scale.shape, bound))
        elif kind == "canvas":
            self.model.canvas_scale.bound.assign(bound)

    def parameter_groups(self) -> dict[str, learning.ParameterGroup]:
        """See `Trainable.parameter_groups`."""
        model, scale = self.model, []
        if model.settings.pixel_scale == "learned":
            scale = [model.pixel_scale_logits]
        special = {id(variable) for variable in scale}
        rest = [v for v in model.trainable_variables if id(v) not in special]
        return {
            "model": learning.ParameterGroup(rest),
            "pixel_scale": learning.ParameterGroup(
                scale, self.objective.pixel_scale_learning_rate
            ),
        }

    def update(self, statistics: dict[str, tf.Tensor], step: tf.Tensor) -> None:
        """See `Trainable.update`; updates the error and the pixel scale."""
        decay, settings = self.objective.scale_decay, self.model.settings
        self._running_error.assign(
            decay * self._running_error + (1.0 - decay) * statistics["error"]
        )
        bound = self._scale_bound(step)
        if settings.pixel_scale == "running":
            scale = pixels.scale(self._running_error, settings.likelihood)
            self.model.running_pixel_scale.assign(tf.maximum(scale, bound))
        elif settings.pixel_scale == "canvas":
            self.model.canvas_scale.bound.assign(bound)

    def _scale_bound(self, step: tf.Tensor) -> tf.Tensor:
        floor = self.model.settings.pixel_scale_floor
        return schedules.scale_bound(self.objective, floor, step)

    def warnings(self, num_steps: int) -> list[str]:
        """See `Trainable.warnings`; checks the pixel scale and the blur."""
        objective, found = self.objective, []
        crisp = objective.scale_hold_steps + objective.scale_anneal_steps
        is_bounded = self.model.settings.pixel_scale != "learned"
        if is_bounded and num_steps < crisp:
            found.append(
                f"Lines become crisp at step {crisp}, after the end of this "
                f"run at step {num_steps}; lower objective.scale_hold_steps "
                "and objective.scale_anneal_steps."
            )
        is_blurred = getattr(objective, "smoothing", 0.0) > 0.0
        if is_blurred and num_steps < objective.smoothing_steps:
            found.append(
                "Images are blurred until step "
                f"{objective.smoothing_steps}, after the end of this run at "
                f"step {num_steps}; lower objective.smoothing_steps."
            )
        return found

    def state(self) -> list[tf.Variable]:
        """See `Trainable.state`."""
        return [self._running_error]

    def num_collages(self, images: tf.Tensor) -> int:
        """Counts the images to replace by collages.

            min(round(objective.collages * B), B - 1)

        Args:
            images: `[B, H, W, 1]`.

        Returns:
            The count; at least one image is not replaced.
        """
        count = round(self.objective.collages * images.shape[0])
        return min(count, images.shape[0] - 1)

    def with_collages(
        self, images: tf.Tensor, count: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """Replaces the last images of a batch by collages.

        Each collage joins one of the last images and one of the first images.

        Args:
            images: `[B, H, W, 1]` in [0, 1].
            count: number of images to replace, less than `B`.
            seed: int32 `[2]`.

        Returns:
            `[B, H, W, 1]` in [0, 1]; the collages are the last `count` images.
        """
        if not count:
            return images
        kept, replaced = tf.split(images, [-1, count])
        pairs = tf.stack([images[:count], replaced])
        seed = tf.random.fold_in(seed, 0)
        return tf.concat([kept, collages.collages(pairs, seed)], 0)

    def smoothing_std(self, step: tf.Tensor) -> tf.Tensor | None:
        """Computes the standard deviation of the blur at a step.

        Args:
            step: int64 scalar, the number of finished steps.

        Returns:
            A scalar in pixels, or None if the objective has no blur.
        """
        if not self.objective.smoothing:
            return None
        return schedules.smoothing_std(self.objective, step)

    def pixel_scale(self, canvas: tf.Tensor) -> tf.Tensor:
        """Computes the model's pixel scale, see `CanvasModel.pixel_scale`.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            The scales. No gradient flows through those that are read off the
            canvas, see `scale_losses`.
        """
        if self.model.settings.pixel_scale == "canvas":
            return self.model.canvas_scale.fixed(canvas)
        return self.model.pixel_scale(canvas)

    def log_likelihoods(
        self, images: tf.Tensor, canvas: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Computes the log likelihood, and the one of the learning signal.

            log p(x | canvas)     scale = pixel scale
            log p_s(x | canvas)   scale = max(s, signal_scale_floor)

        s is the pixel scale by position. A scale that is read off the canvas
        depends on the strokes, and would change their price as they change; s
        is then its lower bound, one number for all pixels.

        A gradient flows to the canvas through the location of the density
        only, not through a scale that is read off the canvas. A learned scale
        gets its gradient from the first likelihood.

        Args:
            images: `[..., H, W, 1]`.
            canvas: `[..., H, W, 1]`; the leading dimensions broadcast.

        Returns:
            `[...]` and `[...]`, in nats.
        """
        scale, kind = self.pixel_scale(canvas), self.model.settings
        fixed = tf.stop_gradient(scale)
        if kind.pixel_scale == "canvas":
            fixed = self.model.canvas_scale.bound
        signal = tf.maximum(fixed, self.objective.signal_scale_floor)
        return (
            pixels.log_prob(images, canvas, scale, kind.likelihood),
            pixels.log_prob(images, canvas, signal, kind.likelihood),
        )

    def scale_losses(
        self, images: tf.Tensor, canvas: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Computes the loss from which a scale of the canvas learns.

            -log p(x | canvas),   scale without its bound

        The gradient flows to the weights of the scale only. Without the bound,
        the scale follows the error from the first step on, as a running scale
        does.

        Args:
            images: `[B, H, W, 1]`.
            canvas: `[..., B, H, W, 1]`.

        Returns:
            `{"scale_loss": scalar}`, or nothing for other pixel scales.
        """
        if self.model.settings.pixel_scale != "canvas":
            return {}
        canvas = tf.stop_gradient(canvas)
        scale = self.model.canvas_scale.unbounded(canvas)
        likelihood = self.model.settings.likelihood
        log_prob = pixels.log_prob(images, canvas, scale, likelihood)
        return {"scale_loss": -tf.reduce_mean(log_prob)}


def training_variable(value: tf.Tensor) -> tf.Variable:
    """Makes a variable for training that is not a weight.

    Args:
        value: the initial value. All replicas must assign equal values.
    """
    return tf.Variable(
        value,
        trainable=False,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
