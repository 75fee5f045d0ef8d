"""StructDRAW: a prior of feature maps with several levels of codes.

    z_l ~ p(z_l | z_<l) = N(MLP_p(h_l-1))
    h_l = ConvLSTM([MLP_d(z_l), f_l-1]),  f_l = f_l-1 + conv(h_l),  f_0 = 0
    q(z_l | x, z_<l) = N(MLP_q(ConvLSTM([f^x, f^x - f_l-1, h_l-1])))

The MLPs see all cells, so that the objects of a scene depend on each other.
Source: Jiang and Ahn, 2020, Sec. 2.3 and Algorithm 1. As in the authors' code,
the first states of both ConvLSTMs are learned.
"""

from typing import NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm import gaussians
from tfdood.nn import conv_lstm, convolutions, normalised_mlp
from tfdood.settings.scenes import Gnm

tfd = tfp.distributions

_KERNEL = 1  # of the ConvLSTMs; the published parameter counts need 1
_OUTPUT_KERNEL = 3
_MAP_FILTERS, _MAP_KERNEL = 128, 3  # without MLPs


class SceneCode(NamedTuple):
    """The code of a scene with its densities, `N` rows.

    Attributes:
        code: `[N, C]`, all levels.
        features: `[N, G, G, width]`, the feature map `f` from the code.
        prior: of the code, a normal density `[N, C]`.
        posterior: as `prior`; None if the code is a sample of the prior.
    """

    code: tf.Tensor
    features: tf.Tensor
    prior: tfd.Normal
    posterior: tfd.Normal | None


class StructDraw(keras.layers.Layer):
    """The levels of StructDRAW, both of the prior and of the posterior."""

    def __init__(self, settings: Gnm) -> None:
        """Makes the levels.

        Args:
            settings: the architecture; `scene_prior` is `mlp` or
                `convolutional`.
        """
        super().__init__()
        self.settings = settings
        width = settings.width
        if settings.scene_prior == "mlp":
            self.prior, self.posterior = (
                _VectorHead(settings) for _ in range(2)
            )
            self.painter = _VectorPainter(settings)
        else:
            self.prior, self.posterior = (
                _map_layers(width, 2 * settings.level_size) for _ in range(2)
            )
            self.painter = _map_layers(settings.level_size, width)
        self.encoder = conv_lstm.ConvLSTMCell(3 * width, width, _KERNEL)
        self.decoder = conv_lstm.ConvLSTMCell(2 * width, width, _KERNEL)
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
            painted = self.painter(self._shaped(codes[-1]))
            decoder = self.decoder(tf.concat([painted, features], -1), decoder)
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

    def _shaped(self, code: tf.Tensor) -> tf.Tensor:
        if self.settings.scene_prior == "mlp":
            return code
        grid, size = self.settings.grid_size, self.settings.level_size
        return tf.reshape(code, [-1, grid, grid, size])


class GaussianCode(keras.layers.Layer):
    """One code with a standard normal prior, as in a VAE (GNM-Gaussian)."""

    def __init__(self, settings: Gnm) -> None:
        """Makes the layers.

        Args:
            settings: the architecture.
        """
        super().__init__()
        self.settings = settings
        size = settings.num_levels * settings.level_size
        self.posterior = _VectorHead(settings, size)
        self.painter = _VectorPainter(settings, size)
        self.built = True

    def call(
        self, numbers: tf.Tensor, image_features: tf.Tensor | None
    ) -> SceneCode:
        """Samples codes; see `StructDraw.call`."""
        prior = tfd.Normal(tf.zeros_like(numbers), tf.ones_like(numbers))
        posterior, chosen = None, prior
        if image_features is not None:
            chosen = posterior = gaussians.normal(
                self.posterior(image_features), self.settings.std_floor
            )
        code = gaussians.sample(chosen, numbers)
        return SceneCode(code, self.painter(code), prior, posterior)


class _VectorHead(keras.layers.Layer):
    """Maps feature maps to the parameters of a vector's density."""

    def __init__(self, settings: Gnm, size: int | None = None) -> None:
        super().__init__()
        hidden = settings.hidden_width
        self.num_inputs = settings.num_cells * settings.width
        self.mlp = normalised_mlp.NormalisedMLP(
            self.num_inputs,
            [hidden, hidden, 2 * (size or settings.level_size)],
            is_last_bare=True,
        )
        self.built = True

    def call(self, features: tf.Tensor) -> tf.Tensor:
        return self.mlp(tf.reshape(features, [-1, self.num_inputs]))


class _VectorPainter(keras.layers.Layer):
    """Maps vectors to feature maps."""

    def __init__(self, settings: Gnm, size: int | None = None) -> None:
        super().__init__()
        hidden, grid = settings.hidden_width, settings.grid_size
        self.map_shape = [-1, grid, grid, settings.width]
        num_outputs = settings.num_cells * settings.width
        self.mlp = normalised_mlp.NormalisedMLP(
            size or settings.level_size,
            [hidden, max(hidden, num_outputs // 2), num_outputs],
            is_last_bare=False,
        )
        self.built = True

    def call(self, codes: tf.Tensor) -> tf.Tensor:
        return tf.reshape(self.mlp(codes), self.map_shape)


def _map_layers(num_inputs: int, num_outputs: int) -> keras.layers.Layer:
    """Makes the 3 x 3 convolutions that replace an MLP."""
    return keras.Sequential(
        [
            convolutions.Block(num_inputs, _MAP_FILTERS, _MAP_KERNEL),
            convolutions.convolution(_MAP_FILTERS, num_outputs, _MAP_KERNEL),
        ]
    )
