"""DooD: Drawing out of Distribution (Liang et al., NeurIPS 2022)."""

import keras
import tensorflow as tf

from tfdood.config import ModelConfig
from tfdood.distributions import pixels, presence
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawings import (
    Drawing,
    Parse,
    Pen,
    PresenceLogits,
    StepLogProbs,
    Strokes,
)
from tfdood.models import base
from tfdood.models.dood import (
    baseline,
    completion,
    generative,
    inference,
    noise,
    recognition,
    token,
)

_INITIAL_SCALE = 0.505  # a learned pixel scale with logit zero
_NUM_PARSES = 20  # of a character, the best of which is its type


class DooD(base.DrawingModel):
    """Layouts, strokes and when to stop, learnt from pixels alone."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.generative = generative.GenerativeModel(config)
        self.recognition = recognition.RecognitionModel(
            config, self.generative.glimpse_encoder
        )
        self.baseline = baseline.Baseline(
            config.width, config.num_control_points
        )
        shape = [config.image_size, config.image_size, 1]
        if config.pixel_scale == "learned":
            self.pixel_scale_logits = self.add_weight(
                shape=shape, initializer="zeros", name="pixel_scale_logits"
            )
        else:
            self.running_pixel_scale = self.add_weight(
                shape=shape,
                initializer=keras.initializers.Constant(_INITIAL_SCALE),
                trainable=False,
                aggregation="only_first_replica",
                name="running_pixel_scale",
            )
        self.typical_pen = self.add_weight(
            shape=[3],
            initializer=keras.initializers.Constant([0.01, 0.8, 0.5]),
            trainable=False,
            aggregation="only_first_replica",
            name="typical_pen",
        )
        self._infer = inference.Inference(self.generative, self.recognition)
        self.built = True

    @property
    def pixel_scale(self) -> tf.Tensor:
        """The likelihood's scale of each pixel, `[H, W, 1]`."""
        floor = self.config.pixel_scale_floor
        if self.config.pixel_scale == "learned":
            return floor + (1.0 - floor) * tf.sigmoid(self.pixel_scale_logits)
        return tf.convert_to_tensor(self.running_pixel_scale)

    def log_likelihood(self, images, canvas, min_scale=0.0):
        """See `DrawingModel.log_likelihood`."""
        scale = tf.maximum(self.pixel_scale, min_scale)
        return pixels.log_prob(images, canvas, scale, self.config.likelihood)

    def render(self, strokes, pen):
        """See `DrawingModel.render`."""
        config = self.config
        return canvas_lib.render(
            strokes, pen, config.image_size, config.num_curve_points
        )

    def parse(
        self,
        images,
        num_particles=1,
        seed=None,
        *,
        training=False,
        draw_all=False,
    ):
        """See `DrawingModel.parse`.

        `training` turns dropout on; with `draw_all` every stroke is present,
        for `objectives.stopping`.
        """
        seed, dropout_seed = noise.streams(_checked(seed), 2)
        num_images = tf.shape(images)[0]
        numbers = noise.draw(self.config, seed, num_images, num_particles)
        if draw_all:
            numbers = numbers._replace(presence=tf.zeros_like(numbers.presence))
        dropout = [None, None]
        if training:
            dropout = tf.unstack(tf.random.split(dropout_seed, 2))
        trace = self._infer(images, numbers, num_particles, dropout[0])
        return self._evaluate(images, trace, num_particles, dropout[1])

    def reconstruct(self, images):
        """See `DrawingModel.reconstruct`."""
        central = noise.central(self.config, tf.shape(images)[0])
        trace = self._infer(images, central)
        return Drawing(trace.strokes, trace.pen, trace.steps.canvas)

    def generate(self, num_drawings, temperature=1.0, seed=None):
        """See `DrawingModel.generate`; drawn with the typical pen."""
        numbers = noise.draw(self.config, _checked(seed), num_drawings)
        return self.generative.sample(
            self.generative.initial_state(num_drawings),
            self._typical_pens(num_drawings),
            noise.tempered(numbers, temperature),
        )

    def complete(self, images, num_completions=1, temperature=1.0, seed=None):
        """See `DrawingModel.complete`; drawn on with the last stroke's pen."""
        seen, added = noise.streams(_checked(seed), 2)
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
        return self._drawn(*_unmerge(joined, leading))

    def exemplars(self, images, num_exemplars=1, seed=None):
        """See `DrawingModel.exemplars`; the type is the best of 20 parses."""
        config = self.config
        types, points, affines = noise.streams(_checked(seed), 3)
        leading = [_NUM_PARSES, tf.shape(images)[0]]
        numbers = noise.draw(config, types, leading[1], _NUM_PARSES)
        trace = self._infer(images, numbers, _NUM_PARSES)
        parses = _unmerge((trace.strokes, trace.pen), leading)
        canvas = _unmerge(trace.steps.canvas[:, -1], leading)
        best = tf.argmax(
            self.log_likelihood(images, canvas), output_type="int32"
        )
        index = tf.stack([best, tf.range(leading[1])], -1)  # [B, 2]
        strokes, pen = tf.nest.map_structure(
            lambda x: tf.repeat(
                tf.gather_nd(x, index)[tf.newaxis], num_exemplars, 0
            ),
            parses,
        )
        count = config.num_strokes * config.num_control_points * 2
        points = noise.normal(points, leading[1], [num_exemplars, count])
        affines = noise.normal(
            affines, leading[1], [num_exemplars, token.NUM_PARAMETERS]
        )
        points = tf.reshape(points, tf.shape(strokes.control_points))
        return self._drawn(token.sample(strokes, points, affines), pen)

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
        p_layout = self.generative.layout_prior(steps.layout_state)
        p_points = self.generative.stroke_distribution(
            _merge(steps.layout),
            _merge(steps.canvas_glimpse),
            _merge(steps.stroke_state),
            dropout_seed,
        )
        log_points = p_points.log_prob(_merge(steps.control_points))
        prior_logits = self.generative.presence_logits(trace.canvas_embeddings)
        guess = self.baseline(
            trace.target_embedding, trace.canvas_embeddings, trace.strokes
        )
        leading = [num_particles, tf.shape(images)[0]]
        steps, pen, prior_logits, guess, log_layout, log_points = _unmerge(
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


def _merge(x):
    """`[N, T, ...]` to `[N * T, ...]`."""
    return tf.reshape(x, tf.concat([[-1], x.shape[2:]], 0))


def _unmerge(tree, leading):
    """`[N, ...]` to `[P, B, ...]`, for each tensor of a structure."""
    return tf.nest.map_structure(
        lambda x: tf.reshape(x, tf.concat([leading, x.shape[1:]], 0)), tree
    )


def _checked(seed):
    if seed is None:
        raise ValueError(
            "Got no seed; expected an int32 tensor of shape [2], or [B, 2]."
        )
    return tf.convert_to_tensor(seed, tf.int32)
