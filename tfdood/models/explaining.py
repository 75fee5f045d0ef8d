"""Interfaces of models that explain images without a parser.

An `ExplainingModel` has a posterior of its own. A `Model` that is no
`ExplainingModel` needs a parser to explain images. A `StrokeModel` explains
images by strokes that are curves.
"""

import abc
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfdood import figures
from tfdood.data.batching import Batch
from tfdood.models.base import Model, Ratio
from tfdood.models.signature import SEEDS, Input, Signature
from tfdood.objectives import importance
from tfdood.types import Drawing, Parse, Pen, Strokes

_NUM_PICTURED = 8


class ExplainingModel(Model):
    """A joint density of latents and images, with a posterior of its own.

    In DooD, as in the paper, the network predicts the pen from the image. The
    pen has no prior, so the density is that of a given pen.
    """

    @abc.abstractmethod
    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """Samples log importance weights.

            log w = log p(x, z) - log q(z | x),   z ~ q(z | x)

        Args:
            images: `[B, H, W, C]` in [0, 1]: white ink on black, or colours.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.

        Returns:
            `[P, B]`, in nats.

        Raises:
            ValueError: If the images are not valid, see `checked`, if `P` is
                less than 1, or if the seed is None or has another shape.
        """

    @abc.abstractmethod
    def reconstruct(self, images: tf.Tensor) -> Any:
        """Explains each image once, deterministically.

        Args:
            images: `[B, H, W, C]` in [0, 1]: white ink on black, or colours.

        Returns:
            A record with the attribute `canvas`, `[B, H, W, C]`.

        Raises:
            ValueError: If the images are not valid, see `checked`.
        """

    def measures(
        self, batch: Batch, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor | Ratio]:
        """See `Model.measures`; measures how well it explains the images.

        Args:
            batch: of `B` drawings.
            num_particles: number of samples for estimates.
            seed: int32 `[2]`.

        Returns:
            Measures by name, `[B]` each: `elbo` and `iwae`, in nats;
            `mean_absolute_error`, the mean over pixels of the absolute error of
            `reconstruct`; and the `counts` of this reconstruction.
        """
        images = batch.images
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

    def figures(
        self, batch: Batch, seed: tf.Tensor, path: Callable[[str], str]
    ) -> dict[str, np.ndarray]:
        """See `Model.figures`; adds reconstructions of the first images."""
        images = batch.images[:_NUM_PICTURED]
        reconstructions = figures.reconstructions(
            images, self.reconstruct(images), path("reconstructions")
        )
        return {
            "reconstructions": reconstructions,
            **Model.figures(self, batch, seed, path),
        }

    def signatures(self, num_particles: int) -> dict[str, Signature]:
        """See `Model.signatures`.

        Args:
            num_particles: number of samples for the importance weighted bound
                in `log_likelihood`.

        Returns:
            The signatures by name.
        """

        def log_likelihood(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            return bound(self.log_weights(images, num_particles, seeds))

        images = self.image_input
        return {
            "reconstruct": Signature(
                lambda images: self.outputs(self.reconstruct(images)),
                {"images": images},
            ),
            "log_likelihood": Signature(
                log_likelihood, {"images": images, "seeds": SEEDS}
            ),
            **super().signatures(num_particles),
        }

    def checked(self, images: Any) -> tf.Tensor:
        """Converts images to float32 and checks them.

        Args:
            images: `[B, H, W, C]` in [0, 1], of any numeric type.

        Returns:
            The images as float32.

        Raises:
            ValueError: If there is no image, images have another shape than
                those of the model, or a value is outside of [0, 1]. Only eager
                calls check the number of images and the values.
        """
        images = tf.cast(images, tf.float32)
        wanted = self.image_input.shape
        if not images.shape[1:].is_compatible_with(wanted):
            raise ValueError(
                f"Images must be [N, {', '.join(map(str, wanted))}], got "
                f"{images.shape}."
            )
        if tf.executing_eagerly():
            if not len(images):
                raise ValueError("Expected one image or more, got none.")
            low, high = tf.reduce_min(images), tf.reduce_max(images)
            if not (low >= 0.0 and high <= 1.0):
                raise ValueError(
                    "Images must be in [0, 1], white ink on black, got values "
                    f"from {low:g} to {high:g}; divide bytes by 255."
                )
        return images

    @property
    def image_input(self) -> Input:
        """The input for images, `[H, W, 1]` in [0, 1]; 1 is ink."""
        size = self.settings.image_size
        return Input((size, size, 1), low=0.0, high=1.0)


def bound(log_weights: tf.Tensor) -> dict[str, tf.Tensor]:
    """Makes the outputs of a signature with an importance weighted bound.

    Args:
        log_weights: `[P, B]`, in nats.

    Returns:
        `log_likelihood`, `[B]`, and `log_weights`, `[B, P]`.
    """
    return {
        "log_likelihood": importance.iwae(log_weights),
        "log_weights": tf.transpose(log_weights),
    }


class StrokeModel(ExplainingModel):
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

        Raises:
            ValueError: As in `log_weights`.
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
            the strokes inferred from the image, then the added strokes, then
            the steps without a stroke.

        Raises:
            ValueError: As in `log_weights` and `generate`.
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

        Raises:
            ValueError: As in `log_weights`.
        """

    @abc.abstractmethod
    def render(self, strokes: Strokes, pen: Pen) -> tf.Tensor:
        """Renders strokes.

        Args:
            strokes: `Strokes` with leading dimensions `...`.
            pen: `Pen` with the same leading dimensions.

        Returns:
            `[..., T, H, W, 1]` in [0, 1], the canvas after each stroke.
        """
