"""The recognition model q(presence, layout, stroke | image) (paper, Eq. 6-8).

As in the authors' code, q(layout) depends on the target image and the residual,
q(stroke) depends on glimpses of both, and q(presence) depends on the residual
and the share of ink that is not drawn yet. `guidance` defines the residual, and
what replaces it without execution guidance.
"""

import keras
import tensorflow as tf

from tfdood import layers
from tfdood.distributions import correlated_normal
from tfdood.models.common import encoders, layout
from tfdood.models.dood import guidance, pen, stroke
from tfdood.nn import mlp as mlp_lib
from tfdood.settings.architectures import Dood, DoodDr


class RecognitionModel(keras.layers.Layer):
    """Infers the next stroke from the target and the residual.

    Args:
        settings: the architecture.
        glimpse_encoder: encodes glimpses of the target; the generative model
            shares it.
        stroke_pen: the class that predicts the pen of a stroke.
    """

    def __init__(
        self,
        settings: Dood | DoodDr,
        glimpse_encoder: encoders.Encoder,
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
        features = 2 * width + (0 if self.guide.joins_glimpses else seen)
        self.stroke_posterior = stroke.StrokePosterior(
            features,
            width,
            settings.stroke_shape[0],
            settings.stroke_std_bias,
        )
        self.stroke_pen = stroke_pen(settings, features + layout.SIZE)
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
        """Computes the residual of targets and canvases.

        Args:
            target: `[N, H, W, 1]` in [0, 1].
            canvas: `[N, H, W, 1]` in [0, 1].
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            A `Residual` of `N` rows.
        """
        image, share = self.guide.residual(target, canvas)
        embedding = self.residual_encoder(image, dropout_seed)
        return guidance.Residual(image, embedding, share)

    def canvas_contrast(
        self, target_embedding: tf.Tensor, residual: guidance.Residual
    ) -> tf.Tensor:
        """Predicts the canvas contrast of drawings.

        Args:
            target_embedding: `[N, width]`.
            residual: of the target and a blank canvas.

        Returns:
            `[N]`, positive.
        """
        return self.canvas_pen(
            tf.concat([target_embedding, residual.embedding], -1)
        )

    def presence_logits(
        self,
        residual: guidance.Residual,
        target_embedding: tf.Tensor,
        layout_state: tf.Tensor,
    ) -> tf.Tensor:
        """Computes the logits of q(presence | residual) (paper, Eq. 6).

        Args:
            residual: the input with guidance.
            target_embedding: `[N, width]`, an input without guidance.
            layout_state: `[N, width]`, an input without guidance.

        Returns:
            `[N]`.
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
        """Computes q(layout | target, residual, state) (paper, Eq. 7).

        Args:
            layout_state: `[N, width]`.
            target_embedding: `[N, width]`.
            residual: of `N` rows.

        Returns:
            A distribution over events `[4]`.
        """
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
        """Cuts glimpses of the target and of the residual.

        Args:
            layouts: `[N, 4]`.
            target: `[N, H, W, 1]`.
            residual: of `N` rows.

        Returns:
            `[N, h, w, 1]` each; the glimpse of the residual has no channels
            without guidance.
        """
        if not self.guide.embedding_size:
            glimpse = self.transformer(target, layouts)
            return glimpse, glimpse[..., :0]
        return tuple(
            self.transformer.of_each([target, residual.image], layouts)
        )

    def stroke_features(
        self,
        target_glimpse: tf.Tensor,
        residual_glimpse: tf.Tensor,
        stroke_state: tf.Tensor,
        dropout_seed: tf.Tensor | None,
    ) -> tf.Tensor:
        """Joins the stroke state with the embeddings of the glimpses.

        Args:
            target_glimpse: `[N, h, w, 1]`.
            residual_glimpse: `[N, h, w, 1]`; no channels without guidance.
            stroke_state: `[N, width]`.
            dropout_seed: int32 `[2]`, or None for no dropout.

        Returns:
            `[N, F]`, the features of q(stroke).
        """
        if self.guide.joins_glimpses:
            pair = tf.stack([target_glimpse, residual_glimpse], 1)
            embedding = self.residual_glimpse_encoder(pair)
            return tf.concat([stroke_state, embedding], -1)
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
