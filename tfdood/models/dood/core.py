"""The parts of DooD and DooD-dR that do not depend on the form of a stroke."""

import abc
import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdood.drawing import canvas as canvas_lib
from tfdood.models import signature
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
    def stroke_inputs(
        self, num_strokes: int | str
    ) -> dict[str, signature.Input]:
        """Lists the inputs for strokes, see `SequenceModel.latents`.

        Args:
            num_strokes: `T`; a name if clients may choose the number.

        Returns:
            The inputs by name.
        """

    @abc.abstractmethod
    def pen_inputs(self, num_strokes: int | str) -> dict[str, signature.Input]:
        """Lists the inputs for the pen, as `stroke_inputs` does."""

    @abc.abstractmethod
    def read_strokes(self, named: dict[str, tf.Tensor]) -> generative.Latents:
        """Converts `stroke_inputs` to latents.

        Args:
            named: tensors of `B` rows by name; others may be among them.

        Returns:
            The latents, leading dimension `[B]`.
        """

    @abc.abstractmethod
    def read_pen(self, named: dict[str, tf.Tensor]) -> Pen:
        """Converts `pen_inputs` to a pen.

        Args:
            named: `stroke_inputs` and `pen_inputs` of `B` rows by name.

        Returns:
            The pen, leading dimension `[B]`.
        """

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
        trace = self._infer_center(canvas_model.checked(images))
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
        images = canvas_model.checked(images)
        return self._evaluate(images, self._infer_center(images))

    def score(self, images: tf.Tensor, latents: generative.Latents) -> Parse:
        """Computes the densities of given strokes.

        The recognition network predicts their pen from image and strokes, as it
        does for strokes that it samples. So log p(image, strokes) is one
        function of the strokes, wherever they come from.

        Args:
            images: `[B, H, W, 1]` in [0, 1], white ink on black.
            latents: leading dimension `[B]`.

        Returns:
            A `Parse` of these strokes with leading dimensions `[1, B]`.
        """
        images = canvas_model.checked(images)
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

    def signatures(self, num_particles: int) -> dict[str, signature.Signature]:
        """See `Model.signatures`; adds `parse_center`, `score` and `prior`."""

        def parse_center(images: tf.Tensor) -> dict[str, tf.Tensor]:
            return self.explained(self.parse_center(images))

        def score(
            images: tf.Tensor, **named: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            found = self.score(images, self.read_strokes(named))
            return sequence_model.log_densities(found)

        def prior(**named: tf.Tensor) -> dict[str, tf.Tensor]:
            latents, pen = self.read_strokes(named), self.read_pen(named)
            return {"log_prior": self.log_prior(latents, pen)}

        count = self.settings.num_strokes
        images, strokes = (
            {"images": self.image_input},
            self.stroke_inputs(count),
        )
        return {
            **super().signatures(num_particles),
            "parse_center": signature.Signature(parse_center, images),
            "score": signature.Signature(score, images | strokes),
            "prior": signature.Signature(
                prior, strokes | self.pen_inputs(count)
            ),
        }

    def render_signature(self) -> signature.Signature:
        """See `SequenceModel.render_signature`."""

        def render(**named: tf.Tensor) -> dict[str, tf.Tensor]:
            latents, pen = self.read_strokes(named), self.read_pen(named)
            # Two computations: a client that fetches only one of the outputs
            # does not wait for the other.
            return {
                "canvas": self.draw(latents, pen),
                "canvases": self.draw_steps(latents, pen),
            }

        return signature.Signature(
            render, self.stroke_inputs("T") | self.pen_inputs("T")
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
