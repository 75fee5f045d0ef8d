"""Models that draw strokes in sequence and decide when to stop."""

import abc
from collections.abc import Callable

import keras
import tensorflow as tf

from tfdood.models import signature
from tfdood.models.common import canvas_model, noise, rows
from tfdood.objectives import elbo
from tfdood.settings.architectures import SequenceModel as Settings
from tfdood.types import Drawing, Parse, StepLogProbs

NUM_PARSES = 20
"""Number of parses of a character; the best one is its type (exemplars)."""


class SequenceModel(canvas_model.CanvasModel):
    """A model with the latents presence, layout and stroke at each step."""

    settings: Settings

    @abc.abstractmethod
    def parse(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
        *,
        training: bool = False,
        draw_all: bool = False,
    ) -> Parse:
        """See `StrokeModel.parse`.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
            training: whether the encoders use dropout; the seed is then `[2]`.
            draw_all: whether all `T` strokes are present, as
                `objectives.stopping` needs.

        Returns:
            A `Parse` with leading dimensions `[P, B]`.
        """

    @abc.abstractmethod
    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.complete`."""

    @abc.abstractmethod
    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.exemplars`."""

    @abc.abstractmethod
    def latents(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """Converts a drawing to the inputs of the signature `render`.

        Args:
            drawing: leading dimensions `[B]`.

        Returns:
            Tensors of `B` rows by name.
        """

    @abc.abstractmethod
    def render_signature(self) -> signature.Signature:
        """Makes the signature `render`, which maps latents to canvases."""

    def statistics(self, parse: Parse) -> dict[str, tf.Tensor]:
        """Computes the statistics for the model's running values.

        Args:
            parse: the parse of a training batch.

        Returns:
            Tensors by name; empty if the model has no running values.
        """
        del parse
        return {}

    def update(self, statistics: dict[str, tf.Tensor]) -> None:
        """Updates the running values.

        Args:
            statistics: the means of `statistics` over all replicas.
        """
        del statistics

    def state_metrics(self) -> dict[str, tf.Tensor]:
        """Returns the running values to log in training, scalars by name."""
        return {}

    @property
    @abc.abstractmethod
    def presence_parameters(self) -> list[keras.Variable]:
        """The weights of the network that only q(presence) uses."""

    @property
    @abc.abstractmethod
    def noise_shape(self) -> noise.Shape:
        """The sizes of the random numbers of a drawing."""

    @property
    @abc.abstractmethod
    def context_size(self) -> int:
        """The size of a step's context in `Parse.context`."""

    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """See `ExplainingModel.log_weights`."""
        return elbo.log_weights(self.parse(images, num_particles, seed))

    def counts(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `ExplainingModel.counts`; returns `num_strokes`."""
        return {"num_strokes": tf.reduce_sum(drawing.strokes.presence, -1)}

    def explained(self, parse: Parse) -> dict[str, tf.Tensor]:
        """Converts a parse to the outputs of the signature `parse`.

        Args:
            parse: leading dimensions `[1, B]`.

        Returns:
            `latents` and `log_densities`.
        """
        return {
            **self.latents(rows.single(parse.drawing)),
            **log_densities(parse),
        }

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`.

        Adds `parse`, `complete`, `exemplars` and `render`.
        """

        def parse(images: tf.Tensor, seeds: tf.Tensor) -> dict[str, tf.Tensor]:
            return self.explained(self.parse(images, 1, seeds))

        def one_of(method: Callable[..., Drawing]) -> Callable:
            return lambda images, seeds: self.outputs(
                rows.single(method(images, seed=seeds))
            )

        inputs = {"images": self.image_input, "seeds": signature.SEEDS}
        return {
            **super().signatures(num_particles),
            "parse": signature.Signature(parse, inputs),
            "complete": signature.Signature(one_of(self.complete), inputs),
            "exemplars": signature.Signature(one_of(self.exemplars), inputs),
            "render": self.render_signature(),
        }


def num_strokes(presence: tf.Tensor) -> tf.Tensor:
    """Counts present strokes, `[..., T]` to int32 `[...]`."""
    return tf.cast(tf.reduce_sum(presence, -1), tf.int32)


def log_densities(parse: Parse) -> dict[str, tf.Tensor]:
    """Sums the log densities of a parse.

    Args:
        parse: leading dimensions `[1, B]`.

    Returns:
        `log_posterior`, `log_prior` and `log_likelihood`, `[B]` in nats.
    """
    return {
        "log_posterior": _total(parse.log_posterior),
        "log_prior": _total(parse.log_prior),
        "log_likelihood": parse.log_likelihood[0],
    }


def _total(log_probs: StepLogProbs) -> tf.Tensor:
    """Sums over latents and steps, `[1, B, T]` each, to `[B]`."""
    return tf.reduce_sum(sum(log_probs)[0], -1)
