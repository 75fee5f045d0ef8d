"""AIR: Attend, Infer, Repeat (Eslami et al., NeurIPS 2016), and Difference-AIR.

The paper compares DooD with these models. A part of an image is a code that a
network paints, not a curve. The canvas is the sum of the painted parts. Under
the prior, all layouts and codes are independent. AIR infers all parts from
the image; Difference-AIR (with `model.execution_guided`) infers each part from
the image minus the canvas before this part.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood import layers
from tfdood.distributions import correlated_normal, presence
from tfdood.models.baselines import code_model
from tfdood.models.common import (
    encoders,
    joining,
    layout,
    noise,
    rows,
)
from tfdood.nn import mlp as mlp_lib
from tfdood.nn import recurrent
from tfdood.settings.architectures import Air
from tfdood.types import (
    Codes,
    Context,
    Drawing,
    Parse,
    PresenceLogits,
    StepLogProbs,
)


class _State(NamedTuple):
    """The state of inference after a step, `N` rows.

    Attributes:
        strokes: the last part, leading dimension `[N]`.
        part_state: `[N, width]`, of the RNN over parts.
        glimpse_state: `[N, width]`, of the RNN over glimpses.
        canvas: `[N, H, W, 1]`, with the last part.
    """

    strokes: Codes
    part_state: tf.Tensor
    glimpse_state: tf.Tensor
    canvas: tf.Tensor


class _Step(NamedTuple):
    """The results of one step of inference, `N` rows.

    `_infer` stacks the steps: `[N, T, ...]` in place of `[N, ...]`.

    Attributes:
        strokes: the sampled part, leading dimension `[N]`.
        presence_logits: `[N]`, of q(presence).
        log_layout: `[N]`, log q(layout) in nats.
        log_code: `[N]`, log q(code) in nats.
        canvas: `[N, H, W, 1]`, with this part.
        embedding: `[N, width]`, of the image that the step has as input.
    """

    strokes: Codes
    presence_logits: tf.Tensor
    log_layout: tf.Tensor
    log_code: tf.Tensor
    canvas: tf.Tensor
    embedding: tf.Tensor


class AIR(code_model.CodeModel):
    """A model of images as sums of painted parts."""

    description = (
        "A generative model of images as parts that add up: AIR, *Attend, "
        "Infer, Repeat* (Eslami et al., NeurIPS 2016), with which DooD's paper "
        "compares its model. Its parts are codes that a network paints, **not "
        "curves**: there is no SVG of them."
    )
    settings: Air

    def __init__(self, settings: Air):
        super().__init__(settings)
        width = settings.width
        self.encoder, self.glimpse_encoder = encoders.build(settings)
        self.part_rnn = recurrent.gru(
            1 + layout.SIZE + settings.code_size + width, width
        )
        self.glimpse_rnn = recurrent.gru(width, width)
        self.presence_head = mlp_lib.MLP(
            width, 1, width, output_bias=[settings.presence_bias]
        )
        self.layout_posterior = layout.LayoutPosterior(width, width)
        self.code_posterior = code_model.Posterior(
            width, width, settings.code_size, settings.stroke_std_bias
        )
        self.transformer = layers.SpatialTransformer(settings.glimpse_size)
        # A `tf.function` is traced once for all parts, and once more for all
        # other numbers of rows.
        self._infer_part = tf.function(
            self._infer_part, autograph=False, reduce_retracing=True
        )
        self.built = True

    @property
    def presence_parameters(self) -> list[keras.Variable]:
        """See `SequenceModel.presence_parameters`."""
        return self.presence_head.trainable_variables

    @property
    def context_size(self) -> int:
        """See `SequenceModel.context_size`."""
        return 2 * self.settings.width

    def unroll(self) -> None:
        """See `Model.unroll`."""
        inferred = self._infer_part
        self._infer_part = getattr(inferred, "python_function", inferred)

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
        leading = [num_particles, tf.shape(images)[0]]
        numbers = noise.draw(self.noise_shape, seed, leading[1], num_particles)
        if draw_all:
            numbers = noise.with_all_strokes(numbers)
        steps = self._infer(
            images,
            numbers,
            num_particles,
            noise.of_dropout(dropout_seed) if training else None,
        )
        context = Context(steps.embedding[:, 0], steps.embedding)
        steps, context = rows.unmerge((steps, context), leading)
        strokes = steps.strokes
        present = strokes.presence
        prior_logits = tf.zeros_like(steps.presence_logits)
        return Parse(
            Drawing(strokes, code_model.no_pen(present), steps.canvas),
            StepLogProbs(
                presence.log_prob_steps(present, steps.presence_logits),
                present * steps.log_layout,
                present * steps.log_code,
            ),
            StepLogProbs(
                presence.log_prob_steps(present, prior_logits),
                present * _layout_prior(present).log_prob(strokes.layout),
                present * code_model.log_prior(strokes.code),
            ),
            self.log_likelihood(images, steps.canvas[:, :, -1]),
            PresenceLogits(steps.presence_logits, prior_logits),
            context,
        )

    def reconstruct(self, images: tf.Tensor) -> Drawing:
        """See `ExplainingModel.reconstruct`."""
        images = self.checked(images)
        central = noise.central(self.noise_shape, tf.shape(images)[0])
        steps = self._infer(images, central, 1, None)
        pen = code_model.no_pen(steps.strokes.presence)
        return Drawing(steps.strokes, pen, steps.canvas)

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `Model.generate`."""
        numbers = noise.draw(self.noise_shape, seed, num_drawings)
        return self.drawing(_sample(noise.tempered(numbers, temperature)))

    def complete(
        self,
        images: tf.Tensor,
        num_completions: int = 1,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Drawing:
        """See `StrokeModel.complete`.

        The added parts are samples of the prior. They do not depend on the
        inferred parts.
        """
        images = self.checked(images)
        seen, added = noise.streams(seed, 2)
        leading = [num_completions, tf.shape(images)[0]]
        numbers = noise.draw(
            self.noise_shape, seen, leading[1], num_completions
        )
        strokes = self._infer(images, numbers, num_completions, None).strokes
        numbers = noise.draw(
            self.noise_shape, added, leading[1], num_completions
        )
        more = _sample(noise.tempered(numbers, temperature, num_completions))
        joined, _ = joining.join(
            strokes,
            code_model.no_pen(strokes.presence),
            more,
            code_model.no_pen(more.presence),
        )
        return self.drawing(rows.unmerge(joined, leading))

    def _infer(
        self,
        images: tf.Tensor,
        numbers: noise.Noise,
        num_particles: int,
        dropout_seed: tf.Tensor | None,
    ) -> _Step:
        """Samples all parts from q.

        Args:
            images: `[B, H, W, 1]`.
            numbers: noise of `N = P * B` drawings.
            num_particles: `P`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            The stacked steps, `[N, T, ...]`.
        """
        num_parts = self.settings.num_strokes
        dropout = [None] * (2 * num_parts)
        if dropout_seed is not None:
            dropout = tf.unstack(tf.random.split(dropout_seed, len(dropout)))
        target = tf.tile(images, [num_particles, 1, 1, 1])
        embedding = self.encoder(images, dropout[0])
        embedding = tf.tile(embedding, [num_particles, 1])
        state, seen, steps = self._initial_state(embedding), target, []
        for t in range(num_parts):
            if t and self.settings.execution_guided:
                seen = tf.stop_gradient(target - state.canvas)
                embedding = self.encoder(seen, dropout[2 * t])
            numbers_now = noise.Noise(*(field[t] for field in numbers))
            state, step = self._infer_part(
                state, seen, embedding, numbers_now, dropout[2 * t + 1]
            )
            steps.append(step)
        return tf.nest.map_structure(lambda *x: tf.stack(x, 1), *steps)

    def _initial_state(self, embedding: tf.Tensor) -> _State:
        """Returns the state before the first part: presence 1, all else 0."""
        settings, zeros = self.settings, tf.zeros_like(embedding)
        num_rows, size = tf.shape(embedding)[0], settings.image_size
        return _State(
            Codes(
                tf.ones([num_rows]),
                tf.zeros([num_rows, layout.SIZE]),
                tf.zeros([num_rows, settings.code_size]),
            ),
            part_state=zeros,
            glimpse_state=zeros,
            canvas=tf.zeros([num_rows, size, size, 1]),
        )

    def _infer_part(
        self,
        state: _State,
        seen: tf.Tensor,
        embedding: tf.Tensor,
        numbers: noise.Noise,
        dropout_seed: tf.Tensor | None,
    ) -> tuple[_State, _Step]:
        """Samples presence, layout and code of one part from q."""
        before = state.strokes
        inputs = [before.presence[:, tf.newaxis], before.layout, before.code]
        part_state = self.part_rnn(
            tf.concat([*inputs, embedding], -1), [state.part_state]
        )[0]
        logits = self.presence_head(part_state)[..., 0]
        q_layout = self.layout_posterior(part_state)
        layouts = q_layout.from_noise(numbers.layout)
        glimpse = self.transformer(seen, layouts)
        glimpse_state = self.glimpse_rnn(
            self.glimpse_encoder(glimpse, dropout_seed), [state.glimpse_state]
        )[0]
        q_code = self.code_posterior(glimpse_state)
        code = q_code.loc + q_code.scale * numbers.stroke
        present = presence.sample_step(
            before.presence, logits, numbers.presence
        )
        image = self.decoder(layouts, code)
        canvas = state.canvas + present[:, None, None, None] * image
        strokes = Codes(present, layouts, code)
        step = _Step(
            strokes,
            logits,
            q_layout.log_prob(layouts),
            tf.reduce_sum(q_code.log_prob(code), -1),
            canvas,
            embedding,
        )
        return _State(strokes, part_state, glimpse_state, canvas), step


def _layout_prior(like: tf.Tensor) -> correlated_normal.CorrelatedNormal:
    """Returns p(layout), with the batch shape of `like`; all parts share it."""
    ones = tf.ones_like(like)[..., tf.newaxis]
    return correlated_normal.CorrelatedNormal(
        ones * layout.FIXED_MEAN, ones * layout.FIXED_STD, tf.zeros_like(like)
    )


def _sample(numbers: noise.Noise) -> Codes:
    """Samples parts from the prior, `[N, T, ...]`."""
    goes_on = tf.cast(numbers.presence < 0.5, tf.float32)  # [T, N]
    strokes = Codes(
        tf.math.cumprod(goes_on, 0),
        _layout_prior(goes_on).from_noise(numbers.layout),
        numbers.stroke,
    )
    return tf.nest.map_structure(
        lambda x: tf.experimental.numpy.swapaxes(x, 0, 1), strokes
    )
