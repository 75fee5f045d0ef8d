"""Codes of scenes in several levels, each of which draws on a feature map.

    z_l ~ p(z_l | z_<l) = N(head_p(h_l-1))
    h_l = ConvLSTM(drawn(z_l, f_l-1)),  f_l = f_l-1 + conv(h_l),  f_0 = 0
    q(z_l | x, z_<l) = N(head_q(ConvLSTM([f^x, f^x - f_l-1, h_l-1])))

Source: Jiang and Ahn, 2020, Algorithm 1. As in the authors' code, the first
states of both ConvLSTMs are learned.
"""

import abc
from typing import NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm import gaussians
from tfdood.nn import conv_lstm, convolutions
from tfdood.settings.scenes import SceneModel

tfd = tfp.distributions

_OUTPUT_KERNEL = 3
_MAP_FILTERS, _MAP_KERNEL = 128, 3


class SceneCode(NamedTuple):
    """The code of a scene with its densities, `N` rows.

    Attributes:
        code: `[N, C]`, all levels.
        features: `[N, G, G, F]`, the feature map `f` from the code.
        prior: of the code, a normal density `[N, C]`.
        posterior: as `prior`; None if the code is a sample of the prior.
    """

    code: tf.Tensor
    features: tf.Tensor
    prior: tfd.Normal
    posterior: tfd.Normal | None

    def log_ratio(self) -> tf.Tensor:
        """Computes log p(code) - log q(code | x).

        Returns:
            `[N]`, in nats.
        """
        return gaussians.log_ratio(self.prior, self.posterior, self.code)


class Levels(keras.layers.Layer, abc.ABC):
    """The levels of a code, both of the prior and of the posterior."""

    def __init__(
        self,
        settings: SceneModel,
        heads: tuple[keras.layers.Layer, keras.layers.Layer],
        painter: keras.layers.Layer | None,
        num_drawn: int,
        kernel: int,
    ) -> None:
        """Makes the levels.

        Args:
            settings: the architecture.
            heads: of the prior and of the posterior, from a state
                `[N, G, G, width]` to the parameters of a level's density.
            painter: from a level's code to what is drawn; None if there is no
                such network.
            num_drawn: channels of `drawn`.
            kernel: height and width of the kernels of both ConvLSTMs.
        """
        super().__init__()
        self.settings = settings
        width = settings.width
        self.prior, self.posterior = heads
        self.painter = painter
        self.encoder = conv_lstm.ConvLSTMCell(3 * width, width, kernel)
        self.decoder = conv_lstm.ConvLSTMCell(num_drawn, width, kernel)
        self.output_layer = convolutions.convolution(
            width, width, _OUTPUT_KERNEL
        )
        self.encoder_start, self.decoder_start = (
            [
                self.add_weight(
                    shape=[settings.grid_size, settings.grid_size, width],
                    initializer="zeros",
                    name=f"{name}_{part}",
                )
                for part in ("hidden", "cell")
            ]
            for name in ("encoder", "decoder")
        )
        self.built = True

    @abc.abstractmethod
    def drawn(self, code: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        """Makes what a level draws on the feature map.

        Args:
            code: `[N, C / L]`, of the level.
            features: `[N, G, G, width]`, the map before the level.

        Returns:
            `[N, G, G, num_drawn]`, the input of the decoding ConvLSTM.
        """

    def call(
        self, numbers: tf.Tensor, image_features: tf.Tensor | None
    ) -> SceneCode:
        """Samples codes, level by level.

        Args:
            numbers: `[N, C]`, standard normal.
            image_features: `[N, G, G, width]`, `f^x`, to sample from the
                posterior; None to sample from the prior.

        Returns:
            The `SceneCode`.
        """
        encoder, decoder = (
            [tf.repeat(x[tf.newaxis], tf.shape(numbers)[0], 0) for x in start]
            for start in (self.encoder_start, self.decoder_start)
        )
        features = tf.zeros_like(decoder[0])
        codes, priors, posteriors = [], [], []
        for eps in tf.split(numbers, self.settings.num_levels, -1):
            priors.append(self._density(self.prior(decoder[0])))
            chosen = priors[-1]
            if image_features is not None:
                seen = [image_features, image_features - features, decoder[0]]
                encoder = self.encoder(tf.concat(seen, -1), encoder)
                posteriors.append(self._density(self.posterior(encoder[0])))
                chosen = posteriors[-1]
            codes.append(gaussians.sample(chosen, eps))
            decoder = self.decoder(self.drawn(codes[-1], features), decoder)
            features += self.output_layer(decoder[0])
        return SceneCode(
            tf.concat(codes, -1),
            features,
            gaussians.joined(priors),
            gaussians.joined(posteriors) if posteriors else None,
        )

    def _density(self, parameters: tf.Tensor) -> tfd.Normal:
        """Makes the density `[N, C / L]` of a level's code."""
        density = gaussians.normal(parameters, self.settings.std_floor)
        rows = tf.shape(parameters)[0]
        return tfd.Normal(
            *(tf.reshape(x, [rows, -1]) for x in (density.loc, density.scale))
        )


class StandardCode(keras.layers.Layer):
    """One code with a standard normal prior, as in a VAE.

    Args:
        settings: the architecture.
        posterior: maps features of images to the parameters of the posterior.
        painter: maps codes `[N, C]` to feature maps.
    """

    def __init__(
        self,
        settings: SceneModel,
        posterior: keras.layers.Layer,
        painter: keras.layers.Layer,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.posterior = posterior
        self.painter = painter
        self.built = True

    def call(
        self, numbers: tf.Tensor, image_features: tf.Tensor | None
    ) -> SceneCode:
        """Samples codes; see `Levels.call`."""
        prior = tfd.Normal(tf.zeros_like(numbers), tf.ones_like(numbers))
        posterior, chosen = None, prior
        if image_features is not None:
            chosen = posterior = gaussians.normal(
                self.posterior(image_features), self.settings.std_floor
            )
        code = gaussians.sample(chosen, numbers)
        return SceneCode(code, self.painter(code), prior, posterior)


def map_layers(num_inputs: int, num_outputs: int) -> keras.layers.Layer:
    """Makes the two 3 x 3 convolutions that replace an MLP.

    Source: Jiang and Ahn, 2020, App. D.2, the interaction of ConvDRAW.

    Args:
        num_inputs: channels of the input.
        num_outputs: channels of the output.

    Returns:
        The layer, with weights; the last convolution is bare.
    """
    return keras.Sequential(
        [
            convolutions.Block(num_inputs, _MAP_FILTERS, _MAP_KERNEL),
            convolutions.convolution(_MAP_FILTERS, num_outputs, _MAP_KERNEL),
        ]
    )


def as_map(code: tf.Tensor, settings: SceneModel) -> tf.Tensor:
    """Arranges a level's code on the grid, for a code in each cell.

    Args:
        code: `[N, G G D]`.
        settings: the architecture.

    Returns:
        `[N, G, G, D]`.
    """
    grid, size = settings.grid_size, settings.level_size
    return tf.reshape(code, [-1, grid, grid, size])
