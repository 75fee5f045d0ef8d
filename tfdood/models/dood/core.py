"""What DooD and DooD-dR share: all but what a stroke is and how it looks."""

import abc
import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfdood.distributions import presence
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
    generative,
    guidance,
    inference,
    pen,
    recognition,
)
from tfdood.settings.schema import Dood, DoodDr
from tfdood.types import (
    Codes,
    Context,
    Drawing,
    Parse,
    Pen,
    PresenceLogits,
    StepLogProbs,
    Strokes,
)

_PEN_DECAY = 0.99


class DoodCore(sequence_model.SequenceModel):
    """Layouts, strokes and presence, learned from pixels alone.

    Attributes:
        typical_pen: `[3]`, a running mean of blur, stroke contrast and canvas
            contrast of first strokes; the training updates it.

    Args:
        settings: the architecture.
        make_decoder: makes what turns a stroke into ink.
        stroke_pen: predicts the pen of a stroke.
    """

    settings: Dood | DoodDr

    def __init__(
        self,
        settings: Dood | DoodDr,
        make_decoder: Callable[[Any], generative.Decoder],
        stroke_pen: type[pen.StrokePen] | type[pen.NoStrokePen],
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
        """Makes the public record of latents."""

    @abc.abstractmethod
    def token(
        self,
        latents: generative.Latents,
        pen: Pen,
        stroke_noise: tf.Tensor,
        affine_noise: tf.Tensor,
    ) -> tuple[generative.Latents, Pen]:
        """Draws a new token of a type.

        Args:
            latents: the type, leading dimensions `...`.
            pen: of the type.
            stroke_noise: `[..., T, K, 2]`, standard normal.
            affine_noise: `[..., 7]`, standard normal.
        """

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
        """See `Model.reconstruct`: the centre of the posterior.

        Strokes are added while another one is more likely than not; layouts and
        strokes are the means of their posteriors.
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
        """See `Model.generate`; the pen is the typical one."""
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
        """See `StrokeModel.complete`; new strokes have the first one's pen.

        Source: paper, Fig. 8.
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
        """See `StrokeModel.exemplars`; the type is the best of 20 parses.

        Source: paper, Fig. 7 and App. B.4.
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
        """Draws latents: the canvas after each stroke, `[..., T, H, W, 1]`."""
        return canvas_lib.composite(
            self._stroke_images(latents, pen),
            latents.presence,
            pen.canvas_contrast,
        )

    def draw(self, latents: generative.Latents, pen: Pen) -> tf.Tensor:
        """Draws the last of these canvases alone, `[..., H, W, 1]`."""
        return canvas_lib.composite_last(
            self._stroke_images(latents, pen),
            latents.presence,
            pen.canvas_contrast,
        )

    def statistics(self, parse: Parse) -> dict[str, tf.Tensor]:
        """See `SequenceModel.statistics`: the mean pen of first strokes."""
        pen = parse.drawing.pen
        pens = [
            pen.blur[..., 0],
            pen.stroke_contrast[..., 0],
            pen.canvas_contrast,
        ]
        return {"pen": tf.stack([tf.reduce_mean(value) for value in pens])}

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
        return self.generative.decoder(
            latents.layout, latents.stroke, pen.blur, pen.stroke_contrast
        )

    def _drawn(self, latents: generative.Latents, pen: Pen) -> Drawing:
        canvases = self.draw_steps(latents, pen)
        return Drawing(self.record(latents), pen, canvases)

    def _typical_pens(self, num_drawings: int | tf.Tensor) -> Pen:
        blur, stroke_contrast, canvas_contrast = tf.unstack(
            tf.convert_to_tensor(self.typical_pen)
        )
        per_stroke = [num_drawings, self.settings.num_strokes]
        return Pen(
            tf.fill(per_stroke, blur),
            tf.fill(per_stroke, stroke_contrast),
            tf.fill([num_drawings], canvas_contrast),
        )

    def _evaluate(
        self,
        images: tf.Tensor,
        trace: inference.Trace,
        num_particles: int,
        dropout_seed: tf.Tensor | None,
    ) -> Parse:
        """Evaluates prior and likelihood for all steps at once."""
        num_steps = self.settings.num_strokes
        steps = trace.steps
        prior = self.generative.prior
        p_layout = prior.layout(steps.layout_state)
        p_stroke = prior.stroke(
            rows.merge(steps.layout),
            rows.merge(steps.canvas_glimpse),
            rows.merge(steps.stroke_state),
            dropout_seed,
        )
        log_stroke = p_stroke.log_prob(rows.merge(steps.stroke))
        prior_logits = prior.presence_logits(
            trace.canvas_embeddings, steps.layout_state
        )
        leading = [num_particles, tf.shape(images)[0]]
        context = Context(trace.target_embedding, trace.canvas_embeddings)
        steps, latents, pen, prior_logits, context, log_layout, log_stroke = (
            rows.unmerge(
                (
                    steps,
                    trace.latents,
                    trace.pen,
                    prior_logits,
                    context,
                    p_layout.log_prob(steps.layout),
                    tf.reshape(log_stroke, [-1, num_steps]),
                ),
                leading,
            )
        )
        present = steps.presence
        return Parse(
            Drawing(self.record(latents), pen, steps.canvas),
            StepLogProbs(
                presence.log_prob_steps(present, steps.presence_logits),
                present * steps.log_layout,
                present * steps.log_stroke,
            ),
            StepLogProbs(
                presence.log_prob_steps(present, prior_logits),
                present * log_layout,
                present * log_stroke,
            ),
            self.log_likelihood(images, steps.canvas[:, :, -1]),
            PresenceLogits(steps.presence_logits, prior_logits),
            context,
        )
