"""A VAE (Kingma and Welling, 2014): one code for a whole drawing.

The floor of all comparisons: what comes of the same pixels, encoder, decoder
and objective without any structure. Its one stroke is always there, and is the
whole canvas.
"""

import keras
import tensorflow as tf

from tfdood.models.baselines import codes
from tfdood.models.common import noise, rows
from tfdood.nn import encoders as encoders_lib
from tfdood.settings.schema import ModelConfig
from tfdood.types import Drawing, Parse, PresenceLogits, StepLogProbs, Strokes

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)
_CERTAIN = 50.0  # a logit: less than a float32 away from probability 1


class VAE(codes.CodeModel):
    """A code, and the image it stands for."""

    def __init__(self, config: ModelConfig):
        super().__init__(config, num_strokes=1)
        width, num_points = config.width, config.num_control_points
        self.encoder = encoders_lib.ImageEncoder(
            config.encoder, config.image_size, width, config.encoder_dropout
        )
        self.code_posterior = codes.Posterior(
            width,
            width,
            num_points,
            config.stroke_std_bias,
            has_bounded_means=False,
        )
        # There is nothing to choose, and so no signal to guess.
        self.baseline = keras.layers.Identity()
        self.built = True

    def parse(
        self,
        images,
        num_particles=1,
        seed=None,
        *,
        training=False,
        draw_all=False,
    ):
        """See `DrawingModel.parse`; everything is drawn in any case."""
        images = self.checked(images)
        seed, dropout_seed = noise.streams(seed, 2)
        leading = [num_particles, tf.shape(images)[0]]
        numbers = noise.draw(self.config, seed, leading[1], num_particles)
        numbers = rows.unmerge(numbers.control_points[0], leading)
        posterior = self._posterior(images, dropout_seed if training else None)
        code = posterior.from_noise(numbers)  # [P, B, K, 2]
        drawing = self._drawn(code)
        zero = tf.zeros_like(drawing.strokes.presence)
        log_q = tf.reduce_sum(posterior.log_prob(code), -1)
        return Parse(
            drawing,
            StepLogProbs(zero, zero, log_q[..., tf.newaxis]),
            StepLogProbs(zero, zero, codes.log_prior(code)[..., tf.newaxis]),
            self.log_likelihood(images, drawing.canvases[:, :, -1]),
            zero,
            PresenceLogits(zero + _CERTAIN, zero + _CERTAIN),
        )

    def reconstruct(self, images):
        """See `DrawingModel.reconstruct`."""
        return self._drawn(self._posterior(self.checked(images), None).loc)

    def generate(self, num_drawings, temperature=1.0, seed=None):
        """See `DrawingModel.generate`."""
        numbers = noise.draw(self.config, seed, num_drawings)
        return self._drawn(
            noise.tempered(numbers, temperature).control_points[0]
        )

    def complete(self, images, num_completions=1, temperature=1.0, seed=None):
        """See `DrawingModel.complete`.

        There is no more to add to a whole drawing: completions are samples of
        the posterior, with a second stroke that is absent.
        """
        parse = self.parse(images, num_completions, seed)
        strokes = tf.nest.map_structure(
            lambda x: tf.repeat(x, 2, 2), parse.drawing.strokes
        )
        return self.drawing(
            strokes._replace(presence=strokes.presence * [1.0, 0.0])
        )

    def _posterior(self, images, dropout_seed):
        return self.code_posterior(self.encoder(images, dropout_seed))

    def _drawn(self, code) -> Drawing:
        """The drawing of codes `[..., K, 2]`."""
        code = code[..., tf.newaxis, :, :]  # [..., 1, K, 2]
        presence = tf.ones_like(code[..., 0, 0])
        layout = presence[..., tf.newaxis] * _WHOLE_CANVAS
        return self.drawing(Strokes(presence, layout, code))
