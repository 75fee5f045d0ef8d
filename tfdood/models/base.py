"""The interfaces of models.

A `Model` samples, explains and scores images. A `StrokeModel` explains images
by strokes that are curves. `tfdood.models.learning` is about their training.
"""

import abc
from typing import Any, ClassVar

import keras
import tensorflow as tf

from tfdood.models.signature import SEEDS, TEMPERATURE, Input, Signature
from tfdood.objectives import importance
from tfdood.types import Drawing, Parse, Pen, Strokes


class Model(keras.Model, abc.ABC):
    """A joint density of latents and images.

    Attributes:
        description: one sentence that says what the model is and where it was
            published; the model card quotes it.
        settings: the architecture, a dataclass of `settings.architectures`.
    """

    description: ClassVar[str]

    def __init__(self, settings: Any):
        super().__init__()
        self.settings = settings

    @abc.abstractmethod
    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """Samples log importance weights.

            log w = log p(x, z) - log q(z | x),   z ~ q(z | x)

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.

        Returns:
            `[P, B]`, in nats.
        """

    @abc.abstractmethod
    def reconstruct(self, images: tf.Tensor) -> Any:
        """Explains each image once, deterministically.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, 1]`.
        """

    @abc.abstractmethod
    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Any:
        """Samples drawings from the prior.

        Args:
            num_drawings: `B`.
            temperature: at least 0, scalar or `[B]`; multiplies the standard
                deviations of the prior's Gaussian components.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each drawing.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, 1]`.
        """

    def outputs(self, drawing: Any) -> dict[str, tf.Tensor]:
        """Converts a drawing to the named outputs of a signature.

        Args:
            drawing: a record that `reconstruct` or `generate` returns.

        Returns:
            Tensors of `B` rows by name; one of them is `canvas`.
        """
        return drawing._asdict()

    def measures(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Measures how well the model explains images.

        Args:
            images: `[B, H, W, 1]` in [0, 1].
            num_particles: number of samples for the importance weighted bound.
            seed: int32 `[2]`.

        Returns:
            Measures by name, `[B]` each: `elbo` and `iwae` in nats;
            `mean_absolute_error`, of the deterministic `reconstruct`, the mean
            over pixels; and all `counts`, of the same reconstruction. Means
            over samples of the posterior are called `expected_...`.
        """
        log_weights = self.log_weights(images, num_particles, seed)
        drawing = self.reconstruct(images)
        error = tf.abs(images - drawing.canvas)
        return {
            "elbo": tf.reduce_mean(log_weights, 0),
            "iwae": importance.iwae(log_weights),
            "mean_absolute_error": tf.reduce_mean(error, [1, 2, 3]),
            **self.counts(drawing),
        }

    def counts(self, drawing: Any) -> dict[str, tf.Tensor]:
        """Counts the parts of a reconstruction.

        Args:
            drawing: a record that `reconstruct` returns.

        Returns:
            Counts by name, `[B]` each; empty if the model has no parts.
        """
        del drawing
        return {}

    def signatures(self, num_particles: int) -> dict[str, Signature]:
        """Lists the functions of an exported model.

        Args:
            num_particles: number of samples for the importance weighted bound
                in `log_likelihood`.

        Returns:
            The signatures by name.
        """

        def log_likelihood(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            log_weights = self.log_weights(images, num_particles, seeds)
            return {
                "log_likelihood": importance.iwae(log_weights),
                "log_weights": tf.transpose(log_weights),
            }

        def generate(
            seeds: tf.Tensor, temperature: float | tf.Tensor = 1.0
        ) -> dict[str, tf.Tensor]:
            count = tf.shape(seeds)[0]
            return self.outputs(self.generate(count, temperature, seeds))

        images = self.image_input
        return {
            "reconstruct": Signature(
                lambda images: self.outputs(self.reconstruct(images)),
                {"images": images},
            ),
            "log_likelihood": Signature(
                log_likelihood, {"images": images, "seeds": SEEDS}
            ),
            "generate": Signature(generate, {"seeds": SEEDS}),
            "generate_tempered": Signature(
                generate, {"seeds": SEEDS, "temperature": TEMPERATURE}
            ),
        }

    def noise_signatures(self) -> dict[str, Signature]:
        """Lists functions whose inputs are random numbers in place of seeds.

        These inputs are named `signature.UNIFORM` and `signature.NORMAL`. A
        runtime without random operations can run the functions.

        Returns:
            The signatures by name; none by default.
        """
        return {}

    @property
    def image_input(self) -> Input:
        """The input for images, `[H, W, 1]` in [0, 1]; 1 is ink."""
        size = self.settings.image_size
        return Input((size, size, 1), low=0.0, high=1.0)

    def unroll(self) -> None:
        """Makes each step of inference a part of the caller's graph.

        Call this before compilation by XLA. A step that is one `tf.function`
        for all strokes passes the shapes in its graph to the graph of its
        gradient. XLA then treats all inputs of the step as constants, and
        compiles again whenever one of them changes. The default does nothing,
        for models without such steps.
        """


class StrokeModel(Model):
    """A model with strokes as latents; the strokes are curves."""

    @abc.abstractmethod
    def parse(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Parse:
        """Samples `P` explanations of each image from the posterior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image. With
                `[B, 2]`, the samples of an image do not depend on the other
                images.

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
        """Parses unfinished drawings, then continues them from the prior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_completions: `C`.
            temperature: as in `generate`; scalar or `[B]`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.

        Returns:
            A `Drawing` with leading dimensions `[C, B]` and `2 T` steps: first
            the strokes inferred from the image, then the added strokes.
        """

    @abc.abstractmethod
    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Samples new exemplars of the characters in images.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_exemplars: `E`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.

        Returns:
            A `Drawing` with leading dimensions `[E, B]`.
        """

    @abc.abstractmethod
    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Renders strokes.

        Args:
            strokes: `Strokes` with leading dimensions `...`.
            pen: `Pen` with the same leading dimensions.

        Returns:
            `[..., T, H, W, 1]` in [0, 1), the canvas after each stroke.
        """
