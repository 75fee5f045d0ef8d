"""A VAE (Kingma and Welling, 2014): one code for a whole drawing.

The simplest model with latents in the comparisons: its density of pixels, its
encoder, its decoder and its training are those of the other models, but its
code has no structure.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models import signature
from tfdood.models.baselines import code_model, neural_decoder
from tfdood.models.common import (
    canvas_model,
    encoders,
    noise,
    rows,
    sequence_model,
)
from tfdood.settings.architectures import Vae
from tfdood.types import Codes, Drawing

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)


class Sample(NamedTuple):
    """A sample from q(code | image) with its log densities.

    Attributes:
        drawing: leading dimensions `[P, B]`.
        log_posterior: `[P, B]`, log q(code | image) in nats.
        log_prior: `[P, B]`, log p(code) in nats.
        log_likelihood: `[P, B]`, log p(image | code) in nats.
    """

    drawing: Drawing
    log_posterior: tf.Tensor
    log_prior: tf.Tensor
    log_likelihood: tf.Tensor


class VAE(canvas_model.CanvasModel):
    """A model with one code for each image and a decoder."""

    description = (
        "A generative model of images as codes without any structure, a VAE "
        "(Kingma and Welling, 2014): the lower end of the comparison with "
        "DooD. Codes are **not curves**: there is no SVG of them."
    )
    settings: Vae
    most_ink = code_model.MOST_INK

    def __init__(self, settings: Vae):
        super().__init__(settings)
        self.decoder = neural_decoder.NeuralDecoder(
            settings.image_size,
            settings.code_size,
            settings.width,
            settings.ink_bias,
        )
        self.encoder = encoders.of_size(settings, settings.image_size)
        self.code_posterior = code_model.Posterior(
            settings.width,
            settings.width,
            settings.code_size,
            has_bounded_means=False,
        )
        self.built = True

    def sample(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
        *,
        training: bool = False,
    ) -> Sample:
        """Samples `P` codes of each image from the posterior.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_particles: `P`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.
            training: whether the encoder uses dropout; the seed is then `[2]`.

        Returns:
            A `Sample` with leading dimensions `[P, B]`.
        """
        images = self.checked(images)
        seed, dropout_seed = noise.streams(seed, 2)
        dropout = noise.of_dropout(dropout_seed) if training else None
        posterior = self._posterior(images, dropout)
        numbers = self._numbers(seed, tf.shape(images)[0], num_particles)
        code = posterior.loc + posterior.scale * numbers  # [P, B, D]
        drawing = self.paint(code)
        return Sample(
            drawing,
            tf.reduce_sum(posterior.log_prob(code), -1),
            code_model.log_prior(code),
            self.log_likelihood(images, drawing.canvas),
        )

    def log_weights(
        self, images: tf.Tensor, num_particles: int, seed: tf.Tensor
    ) -> tf.Tensor:
        """See `ExplainingModel.log_weights`."""
        return log_weights(self.sample(images, num_particles, seed))

    def reconstruct(self, images: tf.Tensor) -> Drawing:
        """See `ExplainingModel.reconstruct`; decodes the posterior's mean."""
        images = self.checked(images)
        return self.paint(self._posterior(images, None).loc)

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `Model.generate`."""
        (seed,) = noise.streams(seed, 1)
        numbers = self._numbers(seed, num_drawings, 1)[0]
        return self.paint(noise.scaled(numbers, temperature))

    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """Samples new exemplars: moves the drawings, and keeps their codes.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            num_exemplars: `E`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each image.

        Returns:
            A `Drawing` with leading dimensions `[E, B]`.
        """
        types, moves = noise.streams(seed, 2)
        sample = self.sample(images, sequence_model.NUM_PARSES, types)
        codes = rows.best(sample.drawing.strokes, sample.log_likelihood)
        copies = code_model.moved_copies(codes, num_exemplars, moves)
        return self.draw(copies)

    def paint(self, code: tf.Tensor) -> Drawing:
        """Decodes codes.

        Args:
            code: `[..., D]`.

        Returns:
            A `Drawing` with one stroke, which covers the whole canvas.
        """
        presence = tf.ones_like(code[..., :1])
        layouts = presence[..., tf.newaxis] * _WHOLE_CANVAS
        return self.draw(Codes(presence, layouts, code[..., tf.newaxis, :]))

    def draw(self, codes: Codes) -> Drawing:
        """Decodes codes with presence and layout.

        Args:
            codes: leading dimensions `...`, `T = 1`.

        Returns:
            A `Drawing` with the same leading dimensions.
        """
        images = self.decoder(codes.layout, codes.code)
        present = codes.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
        pen = code_model.no_pen(codes.presence)
        return Drawing(codes, pen, present * images)

    def outputs(self, drawing: Drawing) -> dict[str, tf.Tensor]:
        """See `Model.outputs`."""
        return code_model.outputs(drawing)

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`.

        Adds `parse`, `complete`, `exemplars` and `render`. A code stands for a
        whole drawing, so nothing can be added to it: `complete` returns samples
        of the posterior.
        """

        def parse(images: tf.Tensor, seeds: tf.Tensor) -> dict[str, tf.Tensor]:
            sample = rows.single(self.sample(images, 1, seeds))
            return {
                **sample.drawing.strokes._asdict(),
                "log_posterior": sample.log_posterior,
                "log_prior": sample.log_prior,
                "log_likelihood": sample.log_likelihood,
            }

        def complete(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            drawing = self.sample(images, 1, seeds).drawing
            return self.outputs(rows.single(drawing))

        def exemplars(
            images: tf.Tensor, seeds: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            return self.outputs(rows.single(self.exemplars(images, 1, seeds)))

        def render(**latents: tf.Tensor) -> dict[str, tf.Tensor]:
            drawing = self.draw(Codes(**latents))
            return {"canvas": drawing.canvas, "canvases": drawing.canvases}

        inputs = {"images": self.image_input, "seeds": signature.SEEDS}
        codes = code_model.code_inputs(self.settings.code_size, num_strokes=1)
        return {
            **super().signatures(num_particles),
            "parse": signature.Signature(parse, inputs),
            "complete": signature.Signature(complete, inputs),
            "exemplars": signature.Signature(exemplars, inputs),
            "render": signature.Signature(render, codes),
        }

    def _numbers(
        self, seed: tf.Tensor, num_images: tf.Tensor, num_particles: int
    ) -> tf.Tensor:
        """Samples `[P, B, D]`, the standard normal numbers of codes."""
        shape = [num_particles, self.settings.code_size]
        return noise.normal(seed, num_images, shape)

    def _posterior(
        self, images: tf.Tensor, dropout_seed: tf.Tensor | None
    ) -> code_model.tfd.Normal:
        """Computes q(code | image) of images `[B, H, W, 1]`."""
        return self.code_posterior(self.encoder(images, dropout_seed))


def log_weights(sample: Sample) -> tf.Tensor:
    """Computes the log importance weights of samples.

        log w = log p(x | z) + log p(z) - log q(z | x)

    Args:
        sample: leading dimensions `[P, B]`.

    Returns:
        `[P, B]`, in nats.
    """
    return sample.log_likelihood + sample.log_prior - sample.log_posterior
