"""The background of scenes with colours.

Source: Jiang and Ahn, 2020, Table 8; sizes of MLPs are those of the authors'
code.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gnm import gaussians
from tfdood.nn import convolutions, normalised_mlp
from tfdood.settings.scenes import Gnm

tfd = tfp.distributions

_POSTERIOR_SIZES, _PRIOR_SIZES = (512, 256), (128, 64)
_FILTERS = (128, 64, 32, 16, 8)
_KERNELS = (1, 1, 1, 1, 1, 3)
_LARGEST_FACTORS = (4, 2, 4, 2, 2, 1)


class Background(keras.layers.Layer):
    """The code of a background: its posterior, its prior and its decoder."""

    def __init__(self, settings: Gnm) -> None:
        """Makes the networks.

        Args:
            settings: the architecture, with colours.

        Raises:
            ValueError: If the decoder cannot make images of `image_size`.
        """
        super().__init__()
        self.std_floor = settings.std_floor
        self.num_features = settings.num_cells * settings.width
        outputs = 2 * settings.background_size
        self.posterior_mlp = normalised_mlp.NormalisedMLP(
            self.num_features, [*_POSTERIOR_SIZES, outputs], is_last_bare=True
        )
        self.prior_mlp = normalised_mlp.NormalisedMLP(
            settings.code_size,
            [*_PRIOR_SIZES, outputs],
            is_last_bare=True,
        )
        self.decoder = convolutions.SubPixelDecoder(
            settings.background_size,
            (*_FILTERS, settings.num_channels),
            _KERNELS,
            convolutions.factors(
                settings.image_size, _LARGEST_FACTORS, "model.image_size"
            ),
        )
        self.built = True

    def call(self, codes: tf.Tensor) -> tf.Tensor:
        """Maps codes `[N, E]` to backgrounds `[N, S, S, 3]` in [0, 1]."""
        return tf.sigmoid(self.decoder(codes))

    def posterior(self, features: tf.Tensor) -> tfd.Normal:
        """Computes q(background | image).

        Args:
            features: `[N, G, G, width]` of images.

        Returns:
            The density of `[N, E]` numbers.
        """
        rows = tf.reshape(features, [-1, self.num_features])
        return gaussians.normal(self.posterior_mlp(rows), self.std_floor)

    def prior(self, codes: tf.Tensor) -> tfd.Normal:
        """Computes p(background | code of the scene).

        Args:
            codes: `[N, C]`, all levels.

        Returns:
            The density of `[N, E]` numbers.
        """
        return gaussians.normal(self.prior_mlp(codes), self.std_floor)
