"""Stroke after stroke, from an image: sampling q(strokes | image)."""

from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import presence
from tfdood.drawing import canvas as canvas_lib
from tfdood.models.common import noise as noise_lib
from tfdood.models.dood import generative as generative_lib
from tfdood.models.dood import guidance
from tfdood.models.dood import recognition as recognition_lib
from tfdood.types import Pen


class Step(NamedTuple):
    """What one stroke leaves behind, rows `[N, ...]`; stacked, `[N, T, ...]`.

    Attributes:
        presence: `[N]`.
        presence_logits: `[N]`, of q.
        layout: `[N, 4]`.
        log_layout: `[N]`, under q.
        stroke: `[N, K, 2]`.
        log_stroke: `[N]`, under q.
        blur: `[N]`.
        stroke_contrast: `[N]`.
        canvas: `[N, H, W, 1]`, with this stroke.
        canvas_glimpse: `[N, h, w, 1]`, of the canvas before this stroke; no
            channels without execution guidance.
        layout_state: `[N, width]`.
        stroke_state: `[N, width]`.
    """

    presence: tf.Tensor
    presence_logits: tf.Tensor
    layout: tf.Tensor
    log_layout: tf.Tensor
    stroke: tf.Tensor
    log_stroke: tf.Tensor
    blur: tf.Tensor
    stroke_contrast: tf.Tensor
    canvas: tf.Tensor
    canvas_glimpse: tf.Tensor
    layout_state: tf.Tensor
    stroke_state: tf.Tensor


class Trace(NamedTuple):
    """One sample for each of `N` rows.

    Attributes:
        steps: `Step` with fields `[N, T, ...]`.
        canvas_contrast: `[N]`.
        target_embedding: `[N, width]`.
        canvas_embeddings: `[N, T, width]`, of the canvas before each stroke;
            of size 0 without execution guidance.
    """

    steps: Step
    canvas_contrast: tf.Tensor
    target_embedding: tf.Tensor
    canvas_embeddings: tf.Tensor

    @property
    def latents(self) -> generative_lib.Latents:
        """The sampled latents, leading dimension `[N]`."""
        steps = self.steps
        return generative_lib.Latents(
            steps.presence, steps.layout, steps.stroke
        )

    @property
    def pen(self) -> Pen:
        """The pen of the strokes, leading dimension `[N]`."""
        steps = self.steps
        return Pen(steps.blur, steps.stroke_contrast, self.canvas_contrast)


class Inference:
    """Runs the recognition model against the canvas so far (Eq. 6-8).

    Args:
        generative: its encoders, RNNs and canvas are shared.
        recognition: guesses each stroke.
    """

    def __init__(
        self,
        generative: generative_lib.GenerativeModel,
        recognition: recognition_lib.RecognitionModel,
    ):
        self.generative = generative
        self.recognition = recognition
        # Traced once, not once a stroke.
        self._infer_stroke = tf.function(self._infer_stroke, autograph=False)

    def unroll(self) -> None:
        """See `Model.unroll`."""
        self._infer_stroke = self._infer_stroke.python_function

    def __call__(
        self,
        images: tf.Tensor,
        noise: noise_lib.Noise,
        num_particles: int = 1,
        dropout_seed: tf.Tensor | None = None,
    ) -> Trace:
        """Samples strokes.

        Args:
            images: `[B, H, W, 1]`.
            noise: of `N = P * B` drawings, particles first.
            num_particles: `P`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A `Trace`.
        """
        num_steps = self.generative.settings.num_strokes
        num_rows = num_particles * tf.shape(images)[0]
        dropout = _dropout_seeds(dropout_seed, 3 * num_steps + 1)

        def tile(x: tf.Tensor) -> tf.Tensor:
            return tf.tile(x, [num_particles] + [1] * (len(x.shape) - 1))

        encoder = self.generative.encoder
        target = tile(images)
        target_embedding = encoder(images, dropout[-1])
        canvas_encoder = self.generative.canvas_encoder
        blank = tf.zeros_like(images)
        residual = self.recognition.residual(images, blank, dropout[1])
        contrast = tile(
            self.recognition.canvas_contrast(target_embedding, residual)
        )
        residual = guidance.Residual(*map(tile, residual))
        target_embedding = tile(target_embedding)
        # Without dropout, all blank canvases look the same.
        blank = blank[:1] if dropout_seed is None else blank
        embedding = canvas_encoder(blank, dropout[0])
        embedding = tf.tile(embedding, [num_rows // tf.shape(blank)[0], 1])

        state = self.generative.initial_state(num_rows)
        steps, embeddings = [], []
        for t in range(num_steps):
            if t:
                detached = tf.stop_gradient(steps[-1].canvas)
                embedding = canvas_encoder(detached, dropout[3 * t])
                residual = self.recognition.residual(
                    target, detached, dropout[3 * t + 1]
                )
            embeddings.append(embedding)
            step, state = self._infer_stroke(
                state,
                target,
                target_embedding,
                embedding,
                residual,
                contrast,
                noise_lib.Noise(*(field[t] for field in noise)),
                dropout[3 * t + 2],
            )
            steps.append(step)
        steps = Step(
            *(tf.stack(field, 1) for field in zip(*steps, strict=True))
        )
        return Trace(steps, contrast, target_embedding, tf.stack(embeddings, 1))

    def _infer_stroke(
        self,
        state: generative_lib.State,
        target: tf.Tensor,
        target_embedding: tf.Tensor,
        canvas_embedding: tf.Tensor,
        residual: guidance.Residual,
        canvas_contrast: tf.Tensor,
        noise: noise_lib.Noise,
        dropout_seed: tf.Tensor | None,
    ) -> tuple[Step, generative_lib.State]:
        """One step of q: presence, then layout, then stroke."""
        layout_state = self.generative.advance_layout(state, canvas_embedding)
        logits = self.recognition.presence_logits(
            residual, target_embedding, layout_state
        )
        present = presence.sample_step(state.presence, logits, noise.presence)
        q_layout = self.recognition.layout_distribution(
            layout_state, target_embedding, residual
        )
        layouts = q_layout.from_noise(noise.layout)
        stroke_state = self.generative.advance_stroke(state, canvas_embedding)
        target_glimpse, residual_glimpse = self.recognition.glimpses(
            layouts, target, residual
        )
        features = self.recognition.stroke_features(
            target_glimpse, residual_glimpse, stroke_state, dropout_seed
        )
        q_stroke = self.recognition.stroke_posterior(features)
        stroke = q_stroke.from_noise(noise.stroke)
        blur, contrast = self.recognition.stroke_pen(
            tf.concat([features, layouts], -1)
        )
        image = self.generative.decoder(layouts, stroke, blur, contrast)
        ink = state.ink + present[:, None, None, None] * image
        step = Step(
            present,
            logits,
            layouts,
            q_layout.log_prob(layouts),
            stroke,
            tf.reduce_sum(q_stroke.log_prob(stroke), -1),
            blur,
            contrast,
            canvas_lib.normalize(ink, canvas_contrast),
            # A glimpse is linear. No channels broadcast to no channels.
            target_glimpse - residual_glimpse,
            layout_state,
            stroke_state,
        )
        state = generative_lib.State(
            present, layouts, stroke, layout_state, stroke_state, ink
        )
        return step, state


def _dropout_seeds(
    seed: tf.Tensor | None, count: int
) -> list[tf.Tensor | None]:
    if seed is None:
        return [None] * count
    return tf.unstack(tf.random.split(seed, count))
