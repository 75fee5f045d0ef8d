"""The recognition model q(presence, layout, stroke | image), Eq. 6-8.

As in the authors' code, layout and stroke see the target image and its glimpse
beside the residual; presence sees the residual and the share of ink left.
`guidance` says what changes without a residual.
"""

import keras
import tensorflow as tf

from tfdood import layers
from tfdood.distributions import correlated_normal
from tfdood.models.common import layout
from tfdood.models.dood import guidance, pen, stroke
from tfdood.nn import encoders as encoders_lib
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.schema import Dood, DoodDr


class RecognitionModel(keras.layers.Layer):
    """Guesses the next stroke from what is left to draw.

    Args:
        settings: the architecture.
        glimpse_encoder: embeds glimpses of the target; the generative model's.
        stroke_pen: predicts the pen of a stroke.
    """

    def __init__(
        self,
        settings: Dood | DoodDr,
        glimpse_encoder: encoders_lib.ImageEncoder,
        stroke_pen: type[pen.StrokePen] | type[pen.NoStrokePen],
    ):
        super().__init__()
        width = settings.width
        self.transformer = layers.SpatialTransformer(settings.glimpse_size)
        self.glimpse_encoder = glimpse_encoder
        self.guide = guidance.build(settings)
        seen = self.guide.embedding_size
        self.residual_encoder, self.residual_glimpse_encoder = (
            self.guide.residual_encoders(settings)
        )
        self.presence_head = mlp_lib.MLP(
            self.guide.presence_posterior_size,
            1,
            width,
            output_bias=[settings.presence_bias],
        )
        self.layout_posterior = layout.LayoutPosterior(
            2 * width + seen + self.guide.share_size, width
        )
        self.stroke_posterior = stroke.StrokePosterior(
            2 * width + seen,
            width,
            settings.stroke_shape[0],
            settings.stroke_std_bias,
        )
        self.stroke_pen = stroke_pen(settings, 2 * width + seen + layout.SIZE)
        self.canvas_pen = pen.CanvasPen(
            width + seen, width, settings.canvas_contrast_bias
        )
        self.built = True

    def residual(
        self,
        target: tf.Tensor,
        canvas: tf.Tensor,
        dropout_seed: tf.Tensor | None,
    ) -> guidance.Residual:
        """Compares targets with canvases, both `[N, H, W, 1]`."""
        image, share = self.guide.residual(target, canvas)
        embedding = self.residual_encoder(image, dropout_seed)
        return guidance.Residual(image, embedding, share)

    def canvas_contrast(
        self, target_embedding: tf.Tensor, residual: guidance.Residual
    ) -> tf.Tensor:
        """The contrast `[N]` of a drawing, from the untouched residual."""
        return self.canvas_pen(
            tf.concat([target_embedding, residual.embedding], -1)
        )

    def presence_logits(
        self,
        residual: guidance.Residual,
        target_embedding: tf.Tensor,
        layout_state: tf.Tensor,
    ) -> tf.Tensor:
        """Logits `[N]` of q(presence | residual).

        Args:
            residual: what is left to draw.
            target_embedding: `[N, width]`, unguided seen in place of it ...
            layout_state: `[N, width]`, ... as this is.
        """
        features = self.guide.presence_posterior_features(
            residual, target_embedding, layout_state
        )
        return self.presence_head(features)[..., 0]

    def layout_distribution(
        self,
        layout_state: tf.Tensor,
        target_embedding: tf.Tensor,
        residual: guidance.Residual,
    ) -> correlated_normal.CorrelatedNormal:
        """q(layout | residual, state), Eq. 7, over events `[4]`."""
        features = [
            layout_state,
            target_embedding,
            residual.embedding,
            residual.share,
        ]
        return self.layout_posterior(tf.concat(features, -1))

    def glimpses(
        self,
        layouts: tf.Tensor,
        target: tf.Tensor,
        residual: guidance.Residual,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """What layouts `[N, 4]` show of target and residual, `[N, h, w, 1]`."""
        return tuple(
            self.transformer(image, layouts)
            for image in (target, residual.image)
        )

    def stroke_features(
        self,
        target_glimpse: tf.Tensor,
        residual_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None,
    ) -> tf.Tensor:
        """Features `[N, F]` of both glimpses and the state."""
        seeds = [None, None]
        if dropout_seed is not None:
            seeds = tf.unstack(tf.random.split(dropout_seed, 2))
        return tf.concat(
            [
                stroke_state,
                self.glimpse_encoder(target_glimpse, seeds[0]),
                self.residual_glimpse_encoder(residual_glimpse, seeds[1]),
            ],
            -1,
        )
