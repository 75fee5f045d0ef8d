"""DooD: Drawing out of Distribution (Liang et al., NeurIPS 2022)."""

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.drawing import canvas as canvas_lib
from tfdood.models import base
from tfdood.models.common import baseline, noise, rows, token
from tfdood.models.dood import (
    completion,
    generative,
    guidance,
    inference,
    recognition,
)
from tfdood.settings.schema import ModelConfig
from tfdood.types import (
    Drawing,
    Parse,
    Pen,
    PresenceLogits,
    StepLogProbs,
    Strokes,
)

_NUM_PARSES = 20  # of a character, the best of which is its type


class DooD(base.DrawingModel):
    """Layouts, strokes and when to stop, learnt from pixels alone."""

    def __init__(self, config: ModelConfig):
        super().__init__(config)
        self.generative = generative.GenerativeModel(config)
        self.recognition = recognition.RecognitionModel(
            config, self.generative.glimpse_encoder
        )
        self.baseline = baseline.Baseline(
            config.width,
            guidance.build(config).embedding_size,
            config.num_control_points,
        )
        self._infer = inference.Inference(self.generative, self.recognition)
        self.built = True

    def unroll(self):
        """See `DrawingModel.unroll`."""
        self._infer.unroll()

    def render(self, strokes, pen):
        """See `DrawingModel.render`."""
        return canvas_lib.composite(
            self._stroke_images(strokes, pen),
            strokes.presence,
            pen.canvas_contrast,
        )

    def draw(self, strokes, pen):
        """See `DrawingModel.draw`; without the canvases before the last."""
        present = strokes.presence[..., tf.newaxis, tf.newaxis, tf.newaxis]
        ink = tf.reduce_sum(present * self._stroke_images(strokes, pen), -4)
        return canvas_lib.normalize(ink, pen.canvas_contrast)

    def parse(
        self,
        images,
        num_particles=1,
        seed=None,
        *,
        training=False,
        draw_all=False,
    ):
        """See `DrawingModel.parse`."""
        images = self.checked(images)
        seed, dropout_seed = noise.streams(seed, 2)
        num_images = tf.shape(images)[0]
        numbers = noise.draw(self.config, seed, num_images, num_particles)
        if draw_all:
            numbers = noise.with_all_strokes(numbers)
        dropout = [None, None]
        if training and self.config.has_dropout:
            dropout = tf.unstack(tf.random.split(dropout_seed, 2))
        trace = self._infer(images, numbers, num_particles, dropout[0])
        return self._evaluate(images, trace, num_particles, dropout[1])

    def reconstruct(self, images):
        """See `DrawingModel.reconstruct`."""
        images = self.checked(images)
        central = noise.central(self.config, tf.shape(images)[0])
        trace = self._infer(images, central)
        return Drawing(trace.strokes, trace.pen, trace.steps.canvas)

    def generate(self, num_drawings, temperature=1.0, seed=None):
        """See `DrawingModel.generate`; drawn with the typical pen."""
        numbers = noise.draw(self.config, seed, num_drawings)
        return self.generative.sample(
            self.generative.initial_state(num_drawings),
            self._typical_pens(num_drawings),
            noise.tempered(numbers, temperature),
        )

    def complete(self, images, num_completions=1, temperature=1.0, seed=None):
        """See `DrawingModel.complete`; drawn on with the first stroke's pen."""
        images = self.checked(images)
        seen, added = noise.streams(seed, 2)
        leading = [num_completions, tf.shape(images)[0]]
        numbers = noise.draw(self.config, seen, leading[1], num_completions)
        trace = self._infer(images, numbers, num_completions)
        state, pen = completion.last_state(
            self.generative,
            trace,
            self._typical_pens(leading[0] * leading[1]),
        )
        numbers = noise.draw(self.config, added, leading[1], num_completions)
        temperature = tf.reshape(tf.broadcast_to(temperature, leading), [-1])
        more = self.generative.sample(
            state, pen, noise.tempered(numbers, temperature)
        )
        joined = completion.join(trace.strokes, trace.pen, more.strokes, pen)
        return self._drawn(*rows.unmerge(joined, leading))

    def exemplars(self, images, num_exemplars=1, seed=None):
        """See `DrawingModel.exemplars`; the type is the best of 20 parses."""
        images = self.checked(images)
        config = self.config
        types, points, affines = noise.streams(seed, 3)
        leading = [_NUM_PARSES, tf.shape(images)[0]]
        numbers = noise.draw(config, types, leading[1], _NUM_PARSES)
        trace = self._infer(images, numbers, _NUM_PARSES)
        parses = rows.unmerge((trace.strokes, trace.pen), leading)
        canvas = rows.unmerge(trace.steps.canvas[:, -1], leading)
        best = rows.best(parses, self.log_likelihood(images, canvas))
        strokes, pen = tf.nest.map_structure(
            lambda x: tf.repeat(x[tf.newaxis], num_exemplars, 0), best
        )
        count = config.num_strokes * config.num_control_points * 2
        points = noise.normal(points, leading[1], [num_exemplars, count])
        affines = noise.normal(
            affines, leading[1], [num_exemplars, token.NUM_PARAMETERS]
        )
        points = tf.reshape(points, tf.shape(strokes.control_points))
        decoder = self.generative.decoder
        return self._drawn(*decoder.token(strokes, pen, points, affines))

    def _stroke_images(self, strokes, pen):
        return self.generative.decoder(
            strokes.layout,
            strokes.control_points,
            pen.blur,
            pen.stroke_contrast,
        )

    def _drawn(self, strokes, pen):
        return Drawing(strokes, pen, self.render(strokes, pen))

    def _typical_pens(self, num_drawings):
        blur, stroke_contrast, canvas_contrast = tf.unstack(
            tf.convert_to_tensor(self.typical_pen)
        )
        per_stroke = [num_drawings, self.config.num_strokes]
        return Pen(
            tf.fill(per_stroke, blur),
            tf.fill(per_stroke, stroke_contrast),
            tf.fill([num_drawings], canvas_contrast),
        )

    def _evaluate(self, images, trace, num_particles, dropout_seed):
        """Evaluates prior, likelihood and baseline for all steps at once."""
        num_steps = self.config.num_strokes
        steps = trace.steps
        prior = self.generative.prior
        p_layout = prior.layout(steps.layout_state)
        p_points = prior.control_points(
            rows.merge(steps.layout),
            rows.merge(steps.canvas_glimpse),
            rows.merge(steps.stroke_state),
            dropout_seed,
        )
        log_points = p_points.log_prob(rows.merge(steps.control_points))
        prior_logits = prior.presence_logits(
            trace.canvas_embeddings, steps.layout_state
        )
        guess = self.baseline(
            trace.target_embedding, trace.canvas_embeddings, trace.strokes
        )
        leading = [num_particles, tf.shape(images)[0]]
        steps, pen, prior_logits, guess, log_layout, log_points = rows.unmerge(
            (
                steps,
                trace.pen,
                prior_logits,
                guess,
                p_layout.log_prob(steps.layout),
                tf.reshape(log_points, [-1, num_steps]),
            ),
            leading,
        )
        present = steps.presence
        return Parse(
            Drawing(
                Strokes(present, steps.layout, steps.control_points),
                pen,
                steps.canvas,
            ),
            StepLogProbs(
                presence.log_prob_steps(present, steps.presence_logits),
                present * steps.log_layout,
                present * steps.log_control_points,
            ),
            StepLogProbs(
                presence.log_prob_steps(present, prior_logits),
                present * log_layout,
                present * log_points,
            ),
            self.log_likelihood(images, steps.canvas[:, :, -1]),
            guess,
            PresenceLogits(steps.presence_logits, prior_logits),
        )
