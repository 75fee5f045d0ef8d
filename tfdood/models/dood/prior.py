"""The prior p(presence, layout, stroke) of the next stroke."""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import mixture
from tfdood.models.common import encoders, layout
from tfdood.models.dood import guidance
from tfdood.models.dood import stroke as stroke_lib
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.architectures import Dood, DoodDr


class SequentialPrior(keras.layers.Layer):
    """A learned prior that depends on the strokes before (paper, Eq. 2-4).

    Args:
        settings: the architecture.
        guide: selects the inputs, with or without execution guidance.
        glimpse_encoder: encodes glimpses of the canvas.
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
        """Computes the logits of p(presence | canvas) (paper, Eq. 4).

        Args:
            canvas_embedding: `[..., width]`, the input with guidance.
            layout_state: `[..., width]`, the input without guidance.

        Returns:
            `[...]`.
        """
        features = self.guide.presence_prior_features(
            canvas_embedding, layout_state
        )
        return self.presence_head(features)[..., 0]

    def layout(self, layout_state: tf.Tensor) -> tfp.distributions.Distribution:
        """Computes p(layout | layout state) (paper, Eq. 2).

        Args:
            layout_state: `[..., width]`.

        Returns:
            A distribution over events `[4]`.
        """
        return self.layout_prior(layout_state)

    def stroke(
        self,
        layouts: tf.Tensor,
        canvas_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None = None,
    ) -> tfp.distributions.Distribution:
        """Computes p(stroke | layout, canvas, stroke state) (paper, Eq. 3).

        Args:
            layouts: `[N, 4]`.
            canvas_glimpse: `[N, h, w, 1]`, of the canvas before this stroke;
                `[N, h, w, 0]` without guidance.
            stroke_state: `[N, width]`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A distribution over events `[K, 2]`.
        """
        embedding = self.glimpse_encoder(canvas_glimpse, dropout_seed)
        features = tf.concat([stroke_state, layouts, embedding], -1)
        return self.stroke_prior(features)


class IndependentPrior:
    """A prior without weights; all strokes are independent.

        p(presence) = 1/2
        layout ~ N((0, 0, 0.8, 0), diag(0.2, 0.2, 0.2, 0.4)^2)
        coordinate of a control point ~ N(0.5, 0.2^2)

    Its methods are those of `SequentialPrior`. They use only the leading
    dimensions of their arguments. Source: the authors' code.

    Args:
        settings: gives `stroke_shape`.
    """

    def __init__(self, settings: Dood | DoodDr):
        self.num_pairs = settings.stroke_shape[0]

    def presence_logits(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """See `SequentialPrior`; returns zeros `[...]`."""
        return tf.zeros_like(layout_state[..., 0])

    def layout(self, layout_state: tf.Tensor) -> tfp.distributions.Distribution:
        """See `SequentialPrior`; returns a mixture with one component."""
        zero = tf.zeros_like(layout_state[..., :1])  # [..., M], M = 1
        one = tf.ones_like(zero)[..., tf.newaxis]
        return mixture.gaussian_mixture(
            zero, one * layout.FIXED_MEAN, one * layout.FIXED_STD, zero
        )

    def stroke(
        self,
        layouts: tf.Tensor,
        canvas_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None = None,
    ) -> tfp.distributions.Distribution:
        """See `SequentialPrior`; returns mixtures with one component."""
        num_rows = tf.shape(layouts)[0]
        zero = tf.zeros([num_rows, self.num_pairs, 1])  # [N, K, M]
        one = tf.ones([num_rows, self.num_pairs, 1, 2])
        return mixture.control_point_mixture(
            zero, one * stroke_lib.FIXED_MEAN, one * stroke_lib.FIXED_STD, zero
        )


Prior = SequentialPrior | IndependentPrior


def build(
    settings: Dood | DoodDr,
    guide: guidance.Guidance,
    glimpse_encoder: encoders.Encoder,
) -> Prior:
    """Builds the prior that `settings.prior` names.

    Args:
        settings: the architecture.
        guide: selects the inputs of a `SequentialPrior`.
        glimpse_encoder: encodes glimpses of the canvas.
    """
    if settings.prior == "independent":
        return IndependentPrior(settings)
    return SequentialPrior(settings, guide, glimpse_encoder)
