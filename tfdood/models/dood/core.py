"""The parts of DooD and DooD-dR that do not depend on the form of a stroke."""

import abc
import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdood.drawing import canvas as canvas_lib
from tfdood.models.common import (
    canvas_model,
    joining,
    noise,
    rows,
    sequence_model,
    token,
)
from tfdood.models.dood import (
    completion,
    densities,
    generative,
    guidance,
    inference,
    recognition,
)
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

_PEN_DECAY = 0.99


class DoodCore(sequence_model.SequenceModel):
    """A model of presence, layouts and strokes, learned from images alone.

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

    @abc.abstractmethod
    def token(
        self,
        latents: generative.Latents,
        pen: Pen,
        stroke_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[generative.Latents, Pen]:
        """Samples a new token of a type, see `common.token`.

        Args:
            latents: the type, leading dimensions `...`.
            pen: the pen of the type, leading dimensions `...`.
            stroke_noise: `[..., T, K, 2]`, standard normal.
            affine_noise: `[..., 7]`, standard normal.

        Returns:
            The latents and the pen of the token.
        """

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
        seen = guidance.build(self.settings).embedding_size
        return self.settings.width + seen

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
        images = canvas_model.checked(images)
        seed, dropout_seed = noise.streams(seed, 2)
        num_images = tf.shape(images)[0]
        numbers = noise.draw(self.noise_shape, seed, num_images, num_particles)
        if draw_all:
            numbers = noise.with_all_strokes(numbers)
        dropout = [None, None]
        if training and self.settings.has_dropout:
            dropout = tf.unstack(tf.random.split(dropout_seed, 2))
        trace = self._infer(images, numbers, num_particles, dropout[0])
        return self._evaluate(images, trace, num_particles, dropout[1])

    def reconstruct(self, images: tf.Tensor) -> Drawing:
        """See `Model.reconstruct`.

        A drawing stops at the first step at which q(presence = 1) is at most
        1/2.
        Layouts and strokes are the means of their posteriors.
        """
        images = canvas_model.checked(images)
        central = noise.central(self.noise_shape, tf.shape(images)[0])
        trace = self._infer(images, central)
        return Drawing(
            self.record(trace.latents), trace.pen, trace.steps.canvas
        )

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `Model.generate`; all strokes have the typical pen."""
        numbers = noise.draw(self.noise_shape, seed, num_drawings)
        pens = self._typical_pens(num_drawings)
        latents, canvases = self.generative.sample(
            self.generative.initial_state(num_drawings),
            pens,
            noise.tempered(numbers, temperature),
        )
        return Drawing(self.record(latents), pens, canvases)

    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.complete`.

        The added strokes have the pen of the first stroke of the parse. Source:
        paper, Fig. 8.
        """
        images = canvas_model.checked(images)
        seen, added = noise.streams(seed, 2)
        leading = [num_completions, tf.shape(images)[0]]
        shape = self.noise_shape
        numbers = noise.draw(shape, seen, leading[1], num_completions)
        trace = self._infer(images, numbers, num_completions)
        state, more_pen = completion.last_state(
            self.generative,
            trace,
            self._typical_pens(leading[0] * leading[1]),
        )
        numbers = noise.draw(shape, added, leading[1], num_completions)
        temperature = tf.reshape(tf.broadcast_to(temperature, leading), [-1])
        more, _ = self.generative.sample(
            state, more_pen, noise.tempered(numbers, temperature)
        )
        joined = joining.join(trace.latents, trace.pen, more, more_pen)
        return self._drawn(*rows.unmerge(joined, leading))

    def exemplars(
        self,
        images: tf.Tensor,
        num_exemplars: int = 1,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.exemplars`.

        The type is the parse with the largest likelihood out of 20. Source:
        paper, Fig. 7 and App. B.4.
        """
        images = canvas_model.checked(images)
        num_parses = sequence_model.NUM_PARSES
        types, points, affines = noise.streams(seed, 3)
        leading = [num_parses, tf.shape(images)[0]]
        numbers = noise.draw(self.noise_shape, types, leading[1], num_parses)
        trace = self._infer(images, numbers, num_parses)
        parses = rows.unmerge((trace.latents, trace.pen), leading)
        canvas = rows.unmerge(trace.steps.canvas[:, -1], leading)
        best = rows.best(parses, self.log_likelihood(images, canvas))
        latents, pen = tf.nest.map_structure(
            lambda x: tf.repeat(x[tf.newaxis], num_exemplars, 0), best
        )
        count = self.settings.num_strokes * math.prod(
            self.settings.stroke_shape
        )
        points = noise.normal(points, leading[1], [num_exemplars, count])
        affines = noise.normal(
            affines, leading[1], [num_exemplars, token.NUM_PARAMETERS]
        )
        points = tf.reshape(points, tf.shape(latents.stroke))
        return self._drawn(*self.token(latents, pen, points, affines))

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

    def statistics(self, parse: Parse) -> dict[str, tf.Tensor]:
        """See `SequenceModel.statistics`; returns the mean pen of a batch."""
        return {"pen": pen_lib.mean_of_first_strokes(parse.drawing.pen)}

    def update(self, statistics: dict[str, tf.Tensor]) -> None:
        """See `SequenceModel.update`."""
        old = tf.convert_to_tensor(self.typical_pen)
        new = _PEN_DECAY * old + (1.0 - _PEN_DECAY) * statistics["pen"]
        self.typical_pen.assign(new)

    def state_metrics(self) -> dict[str, tf.Tensor]:
        """See `SequenceModel.state_metrics`."""
        return {"blur": self.typical_pen[0]}

    def _stroke_images(
        self, latents: generative.Latents, pen: Pen
    ) -> tf.Tensor:
        """Renders each stroke alone, `[..., T, H, W, 1]`."""
        return self.generative.decoder(
            latents.layout, latents.stroke, pen.blur, pen.stroke_contrast
        )

    def _drawn(self, latents: generative.Latents, pen: Pen) -> Drawing:
        """Renders latents and returns them as a `Drawing`."""
        canvases = self.draw_steps(latents, pen)
        return Drawing(self.record(latents), pen, canvases)

    def _typical_pens(self, num_drawings: int | tf.Tensor) -> Pen:
        """Repeats the typical pen for all strokes of drawings."""
        values = tf.convert_to_tensor(self.typical_pen)
        return pen_lib.repeated(values, num_drawings, self.settings.num_strokes)

    def _evaluate(
        self,
        images: tf.Tensor,
        trace: inference.Trace,
        num_particles: int,
        dropout_seed: tf.Tensor | None,
    ) -> Parse:
        """Computes the log densities of sampled strokes.

        Args:
            images: `[B, H, W, 1]`.
            trace: of `N = P * B` rows; the axis `P` is the outer one.
            num_particles: `P`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A `Parse` with leading dimensions `[P, B]`.
        """
        log_prior, prior_logits = densities.log_prior(
            self.generative.prior, trace, dropout_seed
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
