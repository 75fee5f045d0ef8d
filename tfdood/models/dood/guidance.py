"""Execution guidance: what each stroke is guessed and drawn in sight of.

With it, the prior sees the canvas so far, and the posterior sees what that
leaves to draw. Without it, both are tensors of size 0 wherever they would
enter a network, and the presence goes by the state of the layout RNN, which
knows how many strokes there are and where.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models.common import encoders
from tfdood.settings.schema import Dood, DoodDr


class Residual(NamedTuple):
    """What is left to draw; of size 0 without guidance.

    Attributes:
        image: `[N, H, W, 1]`, target minus canvas; signed.
        embedding: `[N, width]`.
        share: `[N, 1]`, the residual's sum over the target's.
    """

    image: tf.Tensor
    embedding: tf.Tensor
    share: tf.Tensor


class Guided:
    """The canvas so far is in sight.

    Attributes:
        embedding_size: of a canvas, a residual, or a glimpse of them.
        share_size: of the share of ink left.
        presence_prior_size: of the features that p(presence) depends on.
        presence_posterior_size: of those that q(presence) depends on.
    """

    def __init__(self, settings: Dood | DoodDr):
        self.embedding_size = settings.width
        self.share_size = 1
        self.presence_prior_size = settings.width
        self.presence_posterior_size = settings.width + 1

    def canvas_encoders(
        self, of_images: encoders.Encoder, of_glimpses: encoders.Encoder
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """Encoders of the canvas and its glimpses, given the target's."""
        return of_images, of_glimpses

    def residual_encoders(
        self, settings: Dood | DoodDr
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """Encoders of residuals and of their glimpses."""
        return encoders.build(settings)

    def residual(
        self, target: tf.Tensor, canvas: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The residual's image and share, of images `[N, H, W, 1]`."""
        image = tf.stop_gradient(target - canvas)
        share = tf.math.divide_no_nan(
            tf.reduce_sum(image, [1, 2]), tf.reduce_sum(target, [1, 2])
        )
        return image, share

    def presence_prior_features(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """What p(presence) depends on, `[..., presence_prior_size]`."""
        return canvas_embedding

    def presence_posterior_features(
        self,
        residual: Residual,
        target_embedding: tf.Tensor,
        layout_state: tf.Tensor,
    ) -> tf.Tensor:
        """What q(presence) depends on, `[N, presence_posterior_size]`."""
        return tf.concat([residual.embedding, residual.share], -1)


class Unguided:
    """Strokes are guessed and drawn blindly; attributes as `Guided` has."""

    def __init__(self, settings: Dood | DoodDr):
        self.embedding_size = 0
        self.share_size = 0
        self.presence_prior_size = settings.width
        self.presence_posterior_size = 2 * settings.width

    def canvas_encoders(
        self, of_images: encoders.Encoder, of_glimpses: encoders.Encoder
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """See `Guided`."""
        return encoders.NoEncoder(), encoders.NoEncoder()

    def residual_encoders(
        self, settings: Dood | DoodDr
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """See `Guided`."""
        return encoders.NoEncoder(), encoders.NoEncoder()

    def residual(
        self, target: tf.Tensor, canvas: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """No channels, `[N, H, W, 0]`, and no share, `[N, 0]`."""
        return target[..., :0], target[:, 0, 0, :0]

    def presence_prior_features(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """See `Guided`."""
        return layout_state

    def presence_posterior_features(
        self,
        residual: Residual,
        target_embedding: tf.Tensor,
        layout_state: tf.Tensor,
    ) -> tf.Tensor:
        """See `Guided`."""
        return tf.concat([target_embedding, layout_state], -1)


Guidance = Guided | Unguided


def build(settings: Dood | DoodDr) -> Guidance:
    """What `settings.execution_guided` asks for."""
    return Guided(settings) if settings.execution_guided else Unguided(settings)
