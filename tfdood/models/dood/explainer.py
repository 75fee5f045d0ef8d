"""The inference of DooD and DooD-dR: strokes of images, and their densities."""

import abc
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdood.drawing import canvas as canvas_lib
from tfdood.models.common import noise, rows, sequence_model
from tfdood.models.dood import densities, generative, inference, recognition
from tfdood.models.dood import pen as pen_lib
from tfdood.settings.architectures import Dood, DoodDr
from tfdood.types import (
    Codes,
    Context,
    Drawing,
    Parse,
    Pen,
    PresenceLogits,
    Strokes,
)


class Explainer(sequence_model.SequenceModel):
    """Infers the strokes of images, and computes the densities of strokes.

    Attributes:
        typical_pen: weight `[3]`, a running mean of the blur and the stroke
            contrast of first strokes and of the canvas contrast. Training
            updates it.

    Args:
        settings: the architecture.
        make_decoder: makes the decoder from the settings.
        stroke_pen: the class that predicts the pen of a stroke.
    """

    settings: Dood | DoodDr

    def __init__(
        self,
        settings: Dood | DoodDr,
        make_decoder: Callable[[Any], generative.Decoder],
        stroke_pen: type[pen_lib.StrokePen] | type[pen_lib.NoStrokePen],
    ):
        super().__init__(settings)
        self.typical_pen = self.add_weight(
            shape=[3],
            initializer=keras.initializers.Constant([0.01, 0.8, 0.5]),
            trainable=False,
            aggregation="only_first_replica",
            name="typical_pen",
        )
        self.generative = generative.GenerativeModel(settings, make_decoder)
        self.recognition = recognition.RecognitionModel(
            settings, self.generative.glimpse_encoder, stroke_pen
        )
        self._infer = inference.Inference(self.generative, self.recognition)
        self.built = True

    @abc.abstractmethod
    def record(self, latents: generative.Latents) -> Strokes | Codes:
        """Converts latents to `Strokes` or `Codes`."""

    @property
    def presence_parameters(self) -> list[keras.Variable]:
        """See `SequenceModel.presence_parameters`."""
        return self.recognition.presence_head.trainable_variables

    @property
    def noise_shape(self) -> noise.Shape:
        """See `SequenceModel.noise_shape`."""
        stroke = self.settings.stroke_shape
        return noise.Shape(self.settings.num_strokes, stroke, stroke[0])

    @property
    def context_size(self) -> int:
        """See `SequenceModel.context_size`."""
        return self.settings.width + self.generative.guide.embedding_size

    def unroll(self) -> None:
        """See `Model.unroll`."""
        self._infer.unroll()

    def parse(
        self,
        images: tf.Tensor,
        num_particles: int = 1,
        seed: tf.Tensor | None = None,
        *,
        training: bool = False,
        draw_all: bool = False,
    ) -> Parse:
        """See `SequenceModel.parse`."""
        images = self.checked(images)
        seed, dropout_seed = noise.streams(seed, 2)
        num_images = tf.shape(images)[0]
        numbers = noise.draw(self.noise_shape, seed, num_images, num_particles)
        if draw_all:
            numbers = noise.with_all_strokes(numbers)
        dropout = [None, None]
        if training and self.settings.has_dropout:
            seeds = tf.random.split(noise.of_dropout(dropout_seed), 2)
            dropout = tf.unstack(seeds)
        trace = self._infer(images, numbers, num_particles, dropout[0])
        return self._evaluate(images, trace, num_particles, dropout[1])

    def reconstruct(self, images: tf.Tensor) -> Drawing:
        """See `ExplainingModel.reconstruct`.

        A drawing stops at the first step at which q(presence = 1) is at most
        1/2. Layouts and strokes are the means of their posteriors.
        """
        trace = self._infer_center(self.checked(images))
        return Drawing(
            self.record(trace.latents), trace.pen, trace.steps.canvas
        )

    def parse_center(self, images: tf.Tensor) -> Parse:
        """Computes the densities of the strokes of `reconstruct`.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.

        Returns:
            A `Parse` with leading dimensions `[1, B]`.
        """
        images = self.checked(images)
        return self._evaluate(images, self._infer_center(images))

    def score(self, images: tf.Tensor, latents: generative.Latents) -> Parse:
        """Computes the densities of given strokes.

        The recognition network predicts their pen from image and strokes, as it
        does for strokes that it samples. So log p(image, strokes) is one
        function of the strokes, wherever they come from.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            latents: leading dimension `[B]`, `T` strokes as in the settings.

        Returns:
            A `Parse` of these strokes with leading dimensions `[1, B]`.

        Raises:
            ValueError: If the drawings have another number of strokes, or if
                they are not one for each image.
        """
        images = self.checked(images)
        generative.check_sizes(
            latents, images.shape[0], self.settings.num_strokes
        )
        return self._evaluate(images, self._infer(images, latents))

    def log_prior(self, latents: generative.Latents, pen: Pen) -> tf.Tensor:
        """Computes log p(presence, layout, stroke) of given strokes.

        With execution guidance, the prior of a stroke depends on the canvas
        before it. No gradient flows through this canvas.

        Args:
            latents: leading dimension `[B]`.
            pen: that draws the canvases, leading dimension `[B]`.

        Returns:
            `[B]`, in nats.
        """
        conditions = self.generative.conditions(
            latents, self.draw_steps(latents, pen)
        )
        log_probs, _ = densities.log_prior(
            self.generative.prior, latents, conditions
        )
        return tf.reduce_sum(sum(log_probs), -1)

    def draw_steps(self, latents: generative.Latents, pen: Pen) -> tf.Tensor:
        """Renders latents.

        Args:
            latents: leading dimensions `...`.
            pen: the same leading dimensions.

        Returns:
            `[..., T, H, W, 1]`, the canvas after each stroke.
        """
        return canvas_lib.composite(
            self._stroke_images(latents, pen),
            latents.presence,
            pen.canvas_contrast,
        )

    def draw(self, latents: generative.Latents, pen: Pen) -> tf.Tensor:
        """Renders latents without the canvases before the last stroke.

        Args:
            latents: leading dimensions `...`.
            pen: the same leading dimensions.

        Returns:
            `[..., H, W, 1]`, the canvas after the last stroke.
        """
        return canvas_lib.composite_last(
            self._stroke_images(latents, pen),
            latents.presence,
            pen.canvas_contrast,
        )

    def _stroke_images(
        self, latents: generative.Latents, pen: Pen
    ) -> tf.Tensor:
        """Renders each stroke alone, `[..., T, H, W, 1]`."""
        return self.generative.decoder(
            latents.layout, latents.stroke, pen.blur, pen.stroke_contrast
        )

    def _infer_center(self, images: tf.Tensor) -> inference.Trace:
        """Infers the most probable presence, and means for all else."""
        return self._infer(
            images, noise.central(self.noise_shape, tf.shape(images)[0])
        )

    def _evaluate(
        self,
        images: tf.Tensor,
        trace: inference.Trace,
        num_particles: int = 1,
        dropout_seed: tf.Tensor | None = None,
    ) -> Parse:
        """Computes the log densities of inferred strokes.

        Args:
            images: `[B, H, W, 1]`.
            trace: of `N = P * B` rows; the axis `P` is the outer one.
            num_particles: `P`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A `Parse` with leading dimensions `[P, B]`.
        """
        log_prior, prior_logits = densities.log_prior(
            self.generative.prior, trace.latents, trace.conditions, dropout_seed
        )
        latents, pen, canvases, log_posterior, log_prior, logits, context = (
            rows.unmerge(
                (
                    trace.latents,
                    trace.pen,
                    trace.steps.canvas,
                    densities.log_posterior(trace),
                    log_prior,
                    PresenceLogits(trace.steps.presence_logits, prior_logits),
                    Context(trace.target_embedding, trace.canvas_embeddings),
                ),
                [num_particles, tf.shape(images)[0]],
            )
        )
        return Parse(
            Drawing(self.record(latents), pen, canvases),
            log_posterior,
            log_prior,
            self.log_likelihood(images, canvases[:, :, -1]),
            logits,
            context,
        )
