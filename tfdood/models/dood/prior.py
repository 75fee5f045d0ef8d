"""The prior p(presence, layout, stroke) of the next stroke."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import mixture
from tfdood.models.common import encoders, layout
from tfdood.models.dood import guidance
from tfdood.models.dood import stroke as stroke_lib
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import Dood, DoodDr


class SequentialPrior(keras.layers.Layer):
    """Learned: each stroke follows from those before it (Eq. 2-4).

    Args:
        settings: the architecture.
        guide: what of the canvas is in sight.
        glimpse_encoder: embeds glimpses of the canvas.
    """

    def __init__(
        self,
        settings: Dood | DoodDr,
        guide: guidance.Guidance,
        glimpse_encoder: encoders.Encoder,
    ):
        super().__init__()
        width = settings.width
        self.guide = guide
        self.glimpse_encoder = glimpse_encoder
        self.presence_head = mlp_lib.MLP(
            guide.presence_prior_size, 1, width, output_bias=[1.0]
        )
        self.layout_prior = layout.LayoutPrior(width, settings.num_mixtures)
        self.stroke_prior = stroke_lib.StrokePrior(
            width + layout.SIZE + guide.embedding_size,
            width,
            settings.stroke_shape[0],
            settings.num_mixtures,
        )
        self.built = True

    def presence_logits(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """Logits `[...]` of p(presence | canvas), Eq. 4.

        Args:
            canvas_embedding: `[..., width]`.
            layout_state: `[..., width]`, unguided seen in place of the canvas.
        """
        features = self.guide.presence_prior_features(
            canvas_embedding, layout_state
        )
        return self.presence_head(features)[..., 0]

    def layout(self, layout_state: tf.Tensor) -> tfp.distributions.Distribution:
        """p(layout | state `[..., width]`), Eq. 2, over events `[4]`."""
        return self.layout_prior(layout_state)

    def stroke(
        self,
        layouts: tf.Tensor,
        canvas_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None = None,
    ) -> tfp.distributions.Distribution:
        """p(stroke | layout, glimpse of the canvas, state), Eq. 3.

        Args:
            layouts: `[N, 4]`.
            canvas_glimpse: `[N, h, w, 1]`, of the canvas before this stroke.
            stroke_state: `[N, width]`.
            dropout_seed: int32 `[2]`, or None when not training.

        Returns:
            A distribution over events `[K, 2]`.
        """
        embedding = self.glimpse_encoder(canvas_glimpse, dropout_seed)
        features = tf.concat([stroke_state, layouts, embedding], -1)
        return self.stroke_prior(features)


class IndependentPrior:
    """Fixed, without weights, the same for every stroke (authors' code).

        p(presence) = 1/2,   layout ~ N((0, 0, 0.8, 0), diag(0.2, 0.2, 0.2,
        0.4)^2),   each coordinate of a control point ~ N(0.5, 0.2^2)

    Its methods are those of `SequentialPrior`; of their arguments, only the
    leading dimensions count.
    """

    def __init__(self, settings: Dood | DoodDr):
        self.num_pairs = settings.stroke_shape[0]

    def presence_logits(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """Logits `[...]`, all zero."""
        return tf.zeros_like(layout_state[..., 0])

    def layout(self, layout_state: tf.Tensor) -> tfp.distributions.Distribution:
        """One Gaussian over events `[4]`, a mixture of a single component."""
        zero = tf.zeros_like(layout_state[..., :1])  # [..., M], M = 1
        one = tf.ones_like(zero)[..., tf.newaxis]
        return mixture.layout_mixture(
            zero, one * layout.FIXED_MEAN, one * layout.FIXED_STD, zero
        )

    def stroke(
        self,
        layouts: tf.Tensor,
        canvas_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None = None,
    ) -> tfp.distributions.Distribution:
        """One Gaussian for each point, over events `[K, 2]`."""
        num_rows = tf.shape(layouts)[0]
        zero = tf.zeros([num_rows, self.num_pairs, 1])  # [N, K, M]
        one = tf.ones([num_rows, self.num_pairs, 1, 2])
        return mixture.control_point_mixture(
            zero, one * stroke_lib.FIXED_MEAN, one * stroke_lib.FIXED_STD, zero
        )


def build(
    settings: Dood | DoodDr,
    guide: guidance.Guidance,
    glimpse_encoder: encoders.Encoder,
) -> SequentialPrior | IndependentPrior:
    """What `settings.prior` asks for."""
    if settings.prior == "independent":
        return IndependentPrior(settings)
    return SequentialPrior(settings, guide, glimpse_encoder)
