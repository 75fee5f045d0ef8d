"""Inference: samples strokes from q(strokes | image), one after another.

Given strokes can take the place of the samples: then inference computes their
densities, and the pen with which the recognition model would draw them.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.distributions import correlated_normal, presence
from tfdood.drawing import canvas as canvas_lib
from tfdood.models.common import noise as noise_lib
from tfdood.models.dood import generative as generative_lib
from tfdood.models.dood import guidance
from tfdood.models.dood import recognition as recognition_lib
from tfdood.types import Pen

Source = noise_lib.Noise | generative_lib.Latents
"""Where strokes come from: noise, which samples them, or given strokes."""


class Step(NamedTuple):
    """The results of one step of inference, `N` rows.

    `Trace` stacks the steps: `[N, T, ...]` in place of `[N, ...]`.

    Attributes:
        presence: `[N]`, 0 or 1.
        presence_logits: `[N]`, of q(presence).
        layout: `[N, 4]`.
        log_layout: `[N]`, log q(layout) in nats.
        stroke: `[N, K, 2]`.
        log_stroke: `[N]`, log q(stroke) in nats.
        blur: `[N]`, see `Pen`.
        stroke_contrast: `[N]`, see `Pen`.
        canvas: `[N, H, W, 1]` in [0, 1], with this stroke.
        canvas_glimpse: `[N, h, w, 1]`, of the canvas before this stroke;
            `[N, h, w, 0]` without execution guidance.
        layout_state: `[N, width]`, of the layout RNN.
        stroke_state: `[N, width]`, of the stroke RNN.
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
    """All steps of inference, `N` rows.

    Attributes:
        steps: `Step` with fields `[N, T, ...]`.
        canvas_contrast: `[N]`, see `Pen`.
        target_embedding: `[N, width]`, of the image.
        canvas_embeddings: `[N, T, width]`, of the canvas before each stroke;
            `[N, T, 0]` without execution guidance.
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
    def conditions(self) -> generative_lib.Conditions:
        """What the prior of each stroke depends on, of `N` drawings."""
        steps = self.steps
        return generative_lib.Conditions(
            self.canvas_embeddings,
            steps.canvas_glimpse,
            steps.layout_state,
            steps.stroke_state,
        )

    @property
    def pen(self) -> Pen:
        """The pen of the strokes, leading dimension `[N]`."""
        steps = self.steps
        return Pen(steps.blur, steps.stroke_contrast, self.canvas_contrast)


class _Target(NamedTuple):
    """The inputs that are the same for all strokes of a drawing.

    Attributes:
        image: `[N, H, W, 1]`.
        embedding: `[N, width]`, of the image.
        canvas_contrast: `[N]`.
    """

    image: tf.Tensor
    embedding: tf.Tensor
    canvas_contrast: tf.Tensor


class Inference:
    """Samples from the recognition model, one stroke after another (Eq. 6-8).

    With execution guidance, each step has the canvas of the strokes before it
    as an input.

    Args:
        generative: shares its encoders, its RNNs and its decoder.
        recognition: infers each stroke.
    """

    def __init__(
        self,
        generative: generative_lib.GenerativeModel,
        recognition: recognition_lib.RecognitionModel,
    ):
        self.generative = generative
        self.recognition = recognition
        # A `tf.function` is traced once for all strokes, and once more for all
        # other numbers of rows.
        self._infer_stroke = tf.function(
            self._infer_stroke, autograph=False, reduce_retracing=True
        )

    def unroll(self) -> None:
        """See `Model.unroll`."""
        inferred = self._infer_stroke
        self._infer_stroke = getattr(inferred, "python_function", inferred)

    def __call__(
        self,
        images: tf.Tensor,
        source: Source,
        num_particles: int = 1,
        dropout_seed: tf.Tensor | None = None,
    ) -> Trace:
        """Infers the strokes of `P` drawings for each of `B` images.

        Args:
            images: `[B, H, W, 1]` in [0, 1].
            source: of `N = P * B` drawings; the axis `P` is the outer one.
            num_particles: `P`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A `Trace` of `N` rows.
        """
        num_steps = self.generative.settings.num_strokes
        dropout = _dropout_seeds(dropout_seed, 3 * num_steps + 1)
        target, embedding, residual = self._encode_images(
            images, num_particles, dropout
        )
        state = self.generative.initial_state(
            num_particles * tf.shape(images)[0]
        )
        steps, embeddings = [], []
        for t in range(num_steps):
            if t:
                canvas = tf.stop_gradient(steps[-1].canvas)
                embedding = self.generative.canvas_encoder(
                    canvas, dropout[3 * t]
                )
                residual = self.recognition.residual(
                    target.image, canvas, dropout[3 * t + 1]
                )
            embeddings.append(embedding)
            step, state = self._infer_stroke(
                state,
                target,
                embedding,
                residual,
                _of_step(source, t),
                dropout[3 * t + 2],
            )
            steps.append(step)
        steps = Step(
            *(tf.stack(field, 1) for field in zip(*steps, strict=True))
        )
        return Trace(
            steps,
            target.canvas_contrast,
            target.embedding,
            tf.stack(embeddings, 1),
        )

    def _encode_images(
        self,
        images: tf.Tensor,
        num_particles: int,
        dropout: list[tf.Tensor | None],
    ) -> tuple[_Target, tf.Tensor, guidance.Residual]:
        """Encodes images and blank canvases, once for all particles.

        Args:
            images: `[B, H, W, 1]`.
            num_particles: `P`.
            dropout: the seeds of all steps; the last one is for the images.

        Returns:
            The target, the embedding of the canvas and the residual, for the
            first step of `N = P * B` drawings.
        """

        def tile(x: tf.Tensor) -> tf.Tensor:
            return tf.tile(x, [num_particles] + [1] * (len(x.shape) - 1))

        embedding = self.generative.encoder(images, dropout[-1])
        blank = tf.zeros_like(images)
        residual = self.recognition.residual(images, blank, dropout[1])
        contrast = self.recognition.canvas_contrast(embedding, residual)
        target = _Target(*map(tile, (images, embedding, contrast)))
        # Without dropout, all blank canvases have the same embedding.
        blank = blank[:1] if dropout[0] is None else blank
        of_blank = self.generative.canvas_encoder(blank, dropout[0])
        num_rows = num_particles * tf.shape(images)[0]
        of_blank = tf.tile(of_blank, [num_rows // tf.shape(blank)[0], 1])
        return target, of_blank, guidance.Residual(*map(tile, residual))

    def _infer_stroke(
        self,
        state: generative_lib.State,
        target: _Target,
        canvas_embedding: tf.Tensor,
        residual: guidance.Residual,
        source: Source,
        dropout_seed: tf.Tensor | None,
    ) -> tuple[Step, generative_lib.State]:
        """Infers presence, layout and latent of one stroke."""
        layout_state = self.generative.advance_layout(state, canvas_embedding)
        logits = self.recognition.presence_logits(
            residual, target.embedding, layout_state
        )
        present = _presence(source, state.presence, logits)
        q_layout = self.recognition.layout_distribution(
            layout_state, target.embedding, residual
        )
        layouts = _value(source, source.layout, q_layout)
        stroke_state = self.generative.advance_stroke(state, canvas_embedding)
        target_glimpse, residual_glimpse = self.recognition.glimpses(
            layouts, target.image, residual
        )
        features = self.recognition.stroke_features(
            target_glimpse, residual_glimpse, stroke_state, dropout_seed
        )
        q_stroke = self.recognition.stroke_posterior(features)
        stroke = _value(source, source.stroke, q_stroke)
        blur, contrast = self.recognition.stroke_pen(
            tf.concat([features, layouts], -1)
        )
        image = self.generative.decoder(layouts, stroke, blur, contrast)
        ink = state.ink + present[:, None, None, None] * image
        step = Step(
            presence=present,
            presence_logits=logits,
            layout=layouts,
            log_layout=q_layout.log_prob(layouts),
            stroke=stroke,
            log_stroke=tf.reduce_sum(q_stroke.log_prob(stroke), -1),
            blur=blur,
            stroke_contrast=contrast,
            canvas=canvas_lib.normalize(ink, target.canvas_contrast),
            # Glimpses are linear, so this is the glimpse of the canvas. Without
            # guidance, the residual has no channels, and neither has this.
            canvas_glimpse=target_glimpse - residual_glimpse,
            layout_state=layout_state,
            stroke_state=stroke_state,
        )
        state = generative_lib.State(
            present, layouts, stroke, layout_state, stroke_state, ink
        )
        return step, state


def _of_step(source: Source, t: int) -> Source:
    """The source of stroke t of all drawings."""
    if isinstance(source, noise_lib.Noise):
        return noise_lib.Noise(*(field[t] for field in source))
    return generative_lib.Latents(*(field[:, t] for field in source))


def _presence(
    source: Source, before: tf.Tensor, logits: tf.Tensor
) -> tf.Tensor:
    """Samples whether a stroke is present, `[N]`, unless it is given."""
    if isinstance(source, noise_lib.Noise):
        return presence.sample_step(before, logits, source.presence)
    return source.presence


def _value(
    source: Source,
    field: tf.Tensor,
    distribution: correlated_normal.CorrelatedNormal,
) -> tf.Tensor:
    """Maps a field of noise to a sample; a given field stays as it is."""
    if isinstance(source, noise_lib.Noise):
        return distribution.from_noise(field)
    return field


def _dropout_seeds(
    seed: tf.Tensor | None, count: int
) -> list[tf.Tensor | None]:
    """Derives `count` seeds from a seed; without a seed, all are None."""
    if seed is None:
        return [None] * count
    return tf.unstack(tf.random.split(seed, count))
