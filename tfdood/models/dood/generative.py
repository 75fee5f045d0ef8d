"""The generative model p(presence, layout, stroke) (paper, Eq. 1-4)."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from tfdood import layers
from tfdood.distributions import mixture, presence
from tfdood.drawing import canvas as canvas_lib
from tfdood.models.common import encoders, layout, rows
from tfdood.models.common import noise as noise_lib
from tfdood.models.dood import guidance
from tfdood.models.dood import prior as prior_lib
from tfdood.nn import recurrent
from tfdood.settings.architectures import Dood, DoodDr
from tfdood.types import Pen


class Latents(NamedTuple):
    """The latent variables of `T` strokes.

    Attributes:
        presence: `[..., T]`, see `types.Strokes`.
        layout: `[..., T, 4]`, see `types.Strokes`.
        stroke: `[..., T, K, 2]`, the control points of a curve, or the numbers
            of a code in pairs.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    stroke: tf.Tensor


def check_sizes(
    latents: Latents, num_images: int | None, num_strokes: int
) -> None:
    """Refuses drawings that do not fit a model and its images.

    Args:
        latents: of the drawings, absent strokes included.
        num_images: `B`; None if it is not known.
        num_strokes: `T` of the model.

    Raises:
        ValueError: If it is known that the drawings have another number of
            strokes, or that they are not one for each image.
    """
    num_drawings, *_, found = latents.presence.shape
    if found not in (None, num_strokes):
        raise ValueError(
            f"The drawings must have {num_strokes} strokes each, those that "
            f"are absent included, got {found}."
        )
    if None not in (num_drawings, num_images) and num_drawings != num_images:
        raise ValueError(
            f"There must be one drawing for each image, got {num_drawings} "
            f"drawings and {num_images} images."
        )


Decoder = Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
"""Maps layouts `[..., 4]`, strokes `[..., K, 2]`, blurs `[...]` and stroke
contrasts `[...]` to images of single strokes `[..., H, W, 1]`."""


class State(NamedTuple):
    """The state of a drawing after a step.

    Attributes:
        presence: `[N]`, 1 if the last stroke is present, else 0.
        layout: `[N, 4]`, the layout of the last stroke.
        stroke: `[N, K, 2]`, the latent of the last stroke.
        layout_state: `[N, width]`, of the layout RNN.
        stroke_state: `[N, width]`, of the stroke RNN.
        ink: `[N, H, W, 1]`, the sum of the images of all present strokes.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    stroke: tf.Tensor
    layout_state: tf.Tensor
    stroke_state: tf.Tensor
    ink: tf.Tensor


class Conditions(NamedTuple):
    """What the prior of each stroke depends on.

    Attributes:
        canvas_embeddings: `[N, T, width]`, of the canvas before each stroke;
            `[N, T, 0]` without execution guidance.
        canvas_glimpse: `[N, T, h, w, 1]`, of the canvas before each stroke;
            `[N, T, h, w, 0]` without execution guidance.
        layout_state: `[N, T, width]`, of the layout RNN.
        stroke_state: `[N, T, width]`, of the stroke RNN.
    """

    canvas_embeddings: tf.Tensor
    canvas_glimpse: tf.Tensor
    layout_state: tf.Tensor
    stroke_state: tf.Tensor


class GenerativeModel(keras.layers.Layer):
    """Samples and renders strokes, one after another.

    With execution guidance, the canvas of the strokes before a step is an
    input of this step. The recognition model shares the image encoders and the
    two RNNs.

    Attributes:
        encoder: encodes images.
        glimpse_encoder: encodes glimpses.
        guide: selects what each step sees of the canvas.
        canvas_encoder: encodes canvases. With execution guidance, it is
            `encoder`; without, its embeddings are empty.
        prior: the prior of the next stroke.
        decoder: renders a single stroke.

    Args:
        settings: the architecture.
        make_decoder: makes the decoder from the settings.
    """

    def __init__(
        self,
        settings: Dood | DoodDr,
        make_decoder: Callable[[Any], Decoder],
    ):
        super().__init__()
        self.settings = settings
        width = settings.width
        self.guide = guidance.build(settings)
        self.encoder, of_glimpses = encoders.build(settings)
        if self.guide.joins_glimpses and settings.prior == "independent":
            of_glimpses = encoders.NoEncoder()  # Nothing uses another one.
        self.glimpse_encoder = of_glimpses
        self.canvas_encoder, glimpse_encoder = self.guide.canvas_encoders(
            self.encoder, self.glimpse_encoder
        )
        seen = self.guide.embedding_size
        self.layout_rnn = recurrent.gru(layout.SIZE + seen, width)
        self.stroke_rnn = recurrent.gru(
            math.prod(settings.stroke_shape) + seen, width
        )
        self.prior = prior_lib.build(settings, self.guide, glimpse_encoder)
        self.decoder = make_decoder(settings)
        self.transformer = layers.SpatialTransformer(settings.glimpse_size)
        # A `tf.function` is traced once for all strokes, and once more for all
        # other numbers of rows.
        self._sample_stroke = tf.function(
            self._sample_stroke, autograph=False, reduce_retracing=True
        )
        self.built = True

    def initial_state(self, num_rows: tf.Tensor) -> State:
        """Returns the state before the first stroke: presence 1, all else 0."""
        settings = self.settings
        size = settings.image_size
        return State(
            presence=tf.ones([num_rows]),
            layout=tf.zeros([num_rows, layout.SIZE]),
            stroke=tf.zeros([num_rows, *settings.stroke_shape]),
            layout_state=tf.zeros([num_rows, settings.width]),
            stroke_state=tf.zeros([num_rows, settings.width]),
            ink=tf.zeros([num_rows, size, size, 1]),
        )

    def advance_layout(
        self, state: State, canvas_embedding: tf.Tensor
    ) -> tf.Tensor:
        """Computes the next state of the layout RNN.

        Args:
            state: after the previous stroke.
            canvas_embedding: `[N, width]`, or `[N, 0]` without guidance.

        Returns:
            `[N, width]`.
        """
        inputs = tf.concat([state.layout, canvas_embedding], -1)
        return self.layout_rnn(inputs, [state.layout_state])[0]

    def advance_stroke(
        self, state: State, canvas_embedding: tf.Tensor
    ) -> tf.Tensor:
        """Computes the next state of the stroke RNN.

        Args:
            state: after the previous stroke.
            canvas_embedding: `[N, width]`, or `[N, 0]` without guidance.

        Returns:
            `[N, width]`.
        """
        stroke = tf.reshape(
            state.stroke, [-1, math.prod(self.settings.stroke_shape)]
        )
        inputs = tf.concat([stroke, canvas_embedding], -1)
        return self.stroke_rnn(inputs, [state.stroke_state])[0]

    def conditions(self, latents: Latents, canvases: tf.Tensor) -> Conditions:
        """Computes what the prior of given strokes depends on.

        No gradient flows through the canvases, as in training.

        Args:
            latents: of `N` drawings.
            canvases: `[N, T, H, W, 1]`, the canvas after each stroke.

        Returns:
            `Conditions` of `N` drawings.
        """
        num_strokes = latents.presence.shape[1]
        before = tf.concat(
            [tf.zeros_like(canvases[:, :1]), canvases[:, :-1]], 1
        )
        before = rows.merge(self.guide.visible(tf.stop_gradient(before)))
        glimpses, embeddings = (
            tf.reshape(x, [-1, num_strokes, *x.shape[1:]])
            for x in (
                self.transformer(before, rows.merge(latents.layout)),
                self.canvas_encoder(before),
            )
        )
        state = self.initial_state(tf.shape(canvases)[0])
        states = []
        for t in range(num_strokes):
            states.append(
                (
                    self.advance_layout(state, embeddings[:, t]),
                    self.advance_stroke(state, embeddings[:, t]),
                )
            )
            state = state._replace(
                layout=latents.layout[:, t],
                stroke=latents.stroke[:, t],
                layout_state=states[-1][0],
                stroke_state=states[-1][1],
            )
        layout_states, stroke_states = zip(*states, strict=True)
        return Conditions(
            embeddings,
            glimpses,
            tf.stack(layout_states, 1),
            tf.stack(stroke_states, 1),
        )

    def sample(
        self, state: State, pen: Pen, noise: noise_lib.Noise
    ) -> tuple[Latents, tf.Tensor]:
        """Samples `T` more strokes from the prior.

        Args:
            state: the state of `N` drawings.
            pen: the pen of the new strokes, leading dimension `[N]`.
            noise: of `N` drawings.

        Returns:
            The latents of the new strokes, leading dimension `[N]`; and
            `[N, T, H, W, 1]`, the canvas after each of them, which includes
            the ink of `state`.
        """
        latents, canvases = [], []
        for t in range(self.settings.num_strokes):
            state, canvas = self._sample_stroke(
                state,
                Pen(
                    pen.blur[:, t],
                    pen.stroke_contrast[:, t],
                    pen.canvas_contrast,
                ),
                noise_lib.Noise(*(field[t] for field in noise)),
            )
            latents.append(Latents(state.presence, state.layout, state.stroke))
            canvases.append(canvas)
        latents = Latents(
            *(tf.stack(field, 1) for field in zip(*latents, strict=True))
        )
        return latents, tf.stack(canvases, 1)

    def _sample_stroke(
        self, state: State, pen: Pen, noise: noise_lib.Noise
    ) -> tuple[State, tf.Tensor]:
        """Samples one stroke; returns the next state and its canvas."""
        canvas = canvas_lib.normalize(state.ink, pen.canvas_contrast)
        embedding = self.canvas_encoder(canvas)
        layout_state = self.advance_layout(state, embedding)
        present = presence.sample_step(
            state.presence,
            self.prior.presence_logits(embedding, layout_state),
            noise.presence,
        )
        layouts = mixture.from_noise(
            self.prior.layout(layout_state),
            noise.layout_component,
            noise.layout,
        )
        stroke_state = self.advance_stroke(state, embedding)
        glimpse = self.transformer(canvas, layouts)
        prior = self.prior.stroke(layouts, glimpse, stroke_state)
        stroke = mixture.from_noise(
            prior.distribution, noise.stroke_component, noise.stroke
        )
        image = self.decoder(layouts, stroke, pen.blur, pen.stroke_contrast)
        ink = state.ink + present[:, None, None, None] * image
        state = State(present, layouts, stroke, layout_state, stroke_state, ink)
        return state, canvas_lib.normalize(ink, pen.canvas_contrast)
