"""DooD: Drawing out of Distribution (Liang et al., NeurIPS 2022)."""

from typing import NamedTuple

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
from tfdood.models.dood import baseline, generative, layout, recognition

_INITIAL_SCALE = 0.505  # a learned pixel scale with logit zero


class _Step(NamedTuple):
    """What one step of recognition leaves behind, rows `[N, ...]`."""

    presence: tf.Tensor
    presence_logits: tf.Tensor
    layout: tf.Tensor
    log_layout: tf.Tensor
    control_points: tf.Tensor
    log_control_points: tf.Tensor
    blur: tf.Tensor
    stroke_contrast: tf.Tensor
    canvas: tf.Tensor
    canvas_glimpse: tf.Tensor
    layout_state: tf.Tensor
    stroke_state: tf.Tensor


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
        # Traced once, not once a stroke.
        self._infer_stroke = tf.function(self._infer_stroke, autograph=False)
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
        config = self.config
        num_steps, num_images = config.num_strokes, tf.shape(images)[0]
        num_rows = num_particles * num_images
        seeds = tf.random.split(_checked(seed), 4)
        uniform = tf.random.stateless_uniform([num_steps, num_rows], seeds[0])
        if draw_all:
            uniform = tf.zeros_like(uniform)
        layout_noise = tf.random.stateless_normal(
            [num_steps, num_rows, layout.SIZE], seeds[1]
        )
        point_noise = tf.random.stateless_normal(
            [num_steps, num_rows, config.num_control_points, 2], seeds[2]
        )
        dropout = _dropout_seeds(seeds[3], 3 * num_steps + 1, training)

        def tile(x):
            return tf.tile(x, [num_particles] + [1] * (len(x.shape) - 1))

        encoder = self.generative.encoder
        target = tile(images)
        target_embedding = encoder(images, dropout[-1])
        blank = tf.zeros_like(images)
        residual = self.recognition.residual(images, blank, dropout[-1])
        contrast = tile(
            self.recognition.canvas_contrast(target_embedding, residual)
        )
        residual = recognition.Residual(*map(tile, residual))
        target_embedding = tile(target_embedding)
        canvas_embedding = encoder(blank[:1], dropout[-1])
        canvas_embedding = tf.repeat(canvas_embedding, num_rows, 0)

        state = self.generative.initial_state(num_rows)
        steps, canvas_embeddings = [], []
        for t in range(num_steps):
            if t:
                detached = tf.stop_gradient(steps[-1].canvas)
                canvas_embedding = encoder(detached, dropout[3 * t])
                residual = self.recognition.residual(
                    target, detached, dropout[3 * t + 1]
                )
            canvas_embeddings.append(canvas_embedding)
            step, state = self._infer_stroke(
                state,
                target,
                target_embedding,
                canvas_embedding,
                residual,
                contrast,
                (uniform[t], layout_noise[t], point_noise[t]),
                dropout[3 * t + 2],
            )
            steps.append(step)

        trace = _Step(
            *(tf.stack(field, 1) for field in zip(*steps, strict=True))
        )
        return self._finish(
            images,
            trace,
            contrast,
            target_embedding,
            tf.stack(canvas_embeddings, 1),
            [num_particles, num_images],
            dropout[0],
        )

    def _infer_stroke(
        self,
        state,
        target,
        target_embedding,
        canvas_embedding,
        residual,
        canvas_contrast,
        noise,
        dropout_seed,
    ):
        """One step of q: presence, then layout, then control points."""
        uniform, layout_noise, point_noise = noise
        layout_state = self.generative.advance_layout(state, canvas_embedding)
        logits = self.recognition.presence_logits(residual)
        present = presence.sample_step(state.presence, logits, uniform)
        q_layout = self.recognition.layout_distribution(
            layout_state, target_embedding, residual
        )
        layouts = q_layout.from_noise(layout_noise)
        stroke_state = self.generative.advance_stroke(state, canvas_embedding)
        target_glimpse, residual_glimpse = self.recognition.glimpses(
            layouts, target, residual
        )
        features = self.recognition.stroke_features(
            target_glimpse, residual_glimpse, stroke_state, dropout_seed
        )
        q_points = self.recognition.stroke_posterior(features)
        points = q_points.from_noise(point_noise)
        blur, contrast = self.recognition.stroke_pen(
            tf.concat([features, layouts], -1)
        )
        image = canvas_lib.stroke_images(
            layouts,
            points,
            blur,
            contrast,
            self.config.image_size,
            self.config.num_curve_points,
        )
        ink = state.ink + present[:, None, None, None] * image
        canvas = canvas_lib.normalize(ink, canvas_contrast)
        step = _Step(
            present,
            logits,
            layouts,
            q_layout.log_prob(layouts),
            points,
            tf.reduce_sum(q_points.log_prob(points), -1),
            blur,
            contrast,
            canvas,
            target_glimpse - residual_glimpse,  # a glimpse is linear
            layout_state,
            stroke_state,
        )
        state = generative.State(
            present, layouts, points, layout_state, stroke_state, ink
        )
        return step, state

    def _finish(
        self,
        images,
        trace,
        canvas_contrast,
        target_embedding,
        canvas_embeddings,
        leading,
        dropout_seed,
    ):
        """Evaluates prior, likelihood and baseline for all steps at once."""
        num_steps = self.config.num_strokes
        p_layout = self.generative.layout_prior(trace.layout_state)
        p_points = self.generative.stroke_distribution(
            _merge(trace.layout),
            _merge(trace.canvas_glimpse),
            _merge(trace.stroke_state),
            dropout_seed=dropout_seed,
        )
        log_points = p_points.log_prob(_merge(trace.control_points))
        log_points = tf.reshape(log_points, [-1, num_steps])
        prior_logits = self.generative.presence_logits(canvas_embeddings)
        strokes = Strokes(trace.presence, trace.layout, trace.control_points)
        guess = self.baseline(target_embedding, canvas_embeddings, strokes)

        def rows(x):  # [N, T, ...] -> [P, B, T, ...]
            return tf.reshape(x, tf.concat([leading, x.shape[1:]], 0))

        present = rows(trace.presence)
        logits = PresenceLogits(rows(trace.presence_logits), rows(prior_logits))
        drawing = Drawing(
            Strokes(*map(rows, strokes)),
            Pen(
                rows(trace.blur),
                rows(trace.stroke_contrast),
                tf.reshape(canvas_contrast, leading),
            ),
            rows(trace.canvas),
        )
        log_posterior = StepLogProbs(
            presence.log_prob_steps(present, logits.posterior),
            present * rows(trace.log_layout),
            present * rows(trace.log_control_points),
        )
        log_prior = StepLogProbs(
            presence.log_prob_steps(present, logits.prior),
            present * rows(p_layout.log_prob(trace.layout)),
            present * rows(log_points),
        )
        final = tf.reshape(
            trace.canvas[:, -1], tf.concat([leading, images.shape[1:]], 0)
        )
        return Parse(
            drawing,
            log_posterior,
            log_prior,
            self.log_likelihood(images, final),
            rows(guess),
            logits,
        )

    def generate(self, num_drawings, temperature=1.0, seed=None):
        """See `DrawingModel.generate`; drawn with the typical pen."""
        return self.generative.sample(
            num_drawings, self.typical_pen, temperature, _checked(seed)
        )


def _merge(x):
    """`[N, T, ...]` to `[N * T, ...]`."""
    return tf.reshape(x, tf.concat([[-1], x.shape[2:]], 0))


def _dropout_seeds(seed, count, training):
    if not training:
        return [None] * count
    return tf.unstack(tf.random.split(seed, count))


def _checked(seed):
    if seed is None:
        raise ValueError("Got no seed; expected an int32 tensor of shape [2].")
    return tf.convert_to_tensor(seed, tf.int32)
