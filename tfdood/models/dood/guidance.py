"""Execution guidance: the canvas so far is an input of each step.

With guidance, the prior has the canvas of the strokes before a step as an
input, and the posterior has the residual as an input: the target image minus
this canvas. Without guidance, canvas and residual are tensors of size 0 in all
inputs of networks. The presence then depends on the state of the layout RNN,
which encodes the number of the strokes before and their layouts.
"""

from typing import NamedTuple

import tensorflow as tf

from tfdood.models.common import encoders
from tfdood.settings.architectures import Dood, DoodDr


class Residual(NamedTuple):
    """The difference of target and canvas.

    Without guidance, the last axis of all fields has size 0.

    Attributes:
        image: `[N, H, W, 1]` in [-1, 1], target minus canvas.
        embedding: `[N, width]`, of the image.
        share: `[N, 1]`, the sum of the image divided by the target's sum: the
            share of ink that is not drawn yet. It is negative where the canvas
            has more ink than the target.
    """

    image: tf.Tensor
    embedding: tf.Tensor
    share: tf.Tensor


class Guided:
    """Execution guidance: networks have canvas and residual as inputs.

    Attributes:
        embedding_size: size of an embedding of a canvas, a residual, or a
            glimpse of them.
        share_size: size of `Residual.share`.
        joins_glimpses: whether one encoder encodes the glimpses of target and
            residual together.
        presence_prior_size: size of the features of p(presence).
        presence_posterior_size: size of the features of q(presence).

    Args:
        settings: gives `width`.
    """

    def __init__(self, settings: Dood | DoodDr):
        self.embedding_size = settings.width
        self.share_size = 1
        self.joins_glimpses = settings.encoder == "patches"
        self.presence_prior_size = settings.width
        self.presence_posterior_size = settings.width + 1

    def canvas_encoders(
        self, of_images: encoders.Encoder, of_glimpses: encoders.Encoder
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """Returns the encoders of canvases and of their glimpses.

        Args:
            of_images: the encoder of targets.
            of_glimpses: the encoder of the targets' glimpses.
        """
        return of_images, of_glimpses

    def residual_encoders(
        self, settings: Dood | DoodDr
    ) -> tuple[encoders.Encoder, encoders.Encoder]:
        """Builds the encoders of residuals and of their glimpses.

        If `joins_glimpses`, the second one encodes the glimpses of target and
        residual together.
        """
        if not self.joins_glimpses:
            return encoders.build(settings)
        return (
            encoders.of_size(settings, settings.image_size),
            encoders.of_size(settings, settings.glimpse_size, count=2),
        )

    def visible(self, canvas: tf.Tensor) -> tf.Tensor:
        """Selects the channels of canvases that the prior sees.

        Args:
            canvas: `[..., H, W, 1]`.

        Returns:
            `[..., H, W, 1]`.
        """
        return canvas

    def residual(
        self, target: tf.Tensor, canvas: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Computes `Residual.image` and `Residual.share`, without gradient.

        Args:
            target: `[N, H, W, 1]` in [0, 1].
            canvas: `[N, H, W, 1]` in [0, 1].

        Returns:
            `[N, H, W, 1]` and `[N, 1]`; the share of a blank target is 0.
        """
        image = tf.stop_gradient(target - canvas)
        share = tf.math.divide_no_nan(
            tf.reduce_sum(image, [1, 2]), tf.reduce_sum(target, [1, 2])
        )
        return image, share

    def presence_prior_features(
        self, canvas_embedding: tf.Tensor, layout_state: tf.Tensor
    ) -> tf.Tensor:
        """Selects the features of p(presence).

        Args:
            canvas_embedding: `[..., embedding_size]`.
            layout_state: `[..., width]`.

        Returns:
            `[..., presence_prior_size]`.
        """
        return canvas_embedding

    def presence_posterior_features(
        self,
        residual: Residual,
        target_embedding: tf.Tensor,
        layout_state: tf.Tensor,
    ) -> tf.Tensor:
        """Selects the features of q(presence).

        Args:
            residual: of `N` rows.
            target_embedding: `[N, width]`.
            layout_state: `[N, width]`.

        Returns:
            `[N, presence_posterior_size]`.
        """
        return tf.concat([residual.embedding, residual.share], -1)


class Unguided:
    """No execution guidance: canvas and residual have size 0.

    The attributes and methods are those of `Guided`.

    Args:
        settings: gives `width`.
    """

    def __init__(self, settings: Dood | DoodDr):
        self.embedding_size = 0
        self.share_size = 0
        self.joins_glimpses = False
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

    def visible(self, canvas: tf.Tensor) -> tf.Tensor:
        """See `Guided`; returns `[..., H, W, 0]`."""
        return canvas[..., :0]

    def residual(
        self, target: tf.Tensor, canvas: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """See `Guided`; returns `[N, H, W, 0]` and `[N, 0]`."""
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
    """Builds `Guided` if `settings.execution_guided`, else `Unguided`."""
    return Guided(settings) if settings.execution_guided else Unguided(settings)
