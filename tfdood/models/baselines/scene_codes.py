"""The codes of ConvDRAW and of the VAE of scenes.

Source: Jiang and Ahn, 2020, App. D.2. There is no code of the authors for
either; what the text leaves open is named below.
"""

import keras
import tensorflow as tf

from tfdood.models.gnm import levels
from tfdood.nn import convolutions, mlp
from tfdood.settings.scenes import SceneModel

PAINTED_WIDTH = 128
"""Channels of the map that the VAE makes of its code (Table 10)."""

_KERNEL = 3  # of the ConvLSTMs (Table 9)
_FILTERS, _POSTERIOR_KERNEL = 128, 3


class ConvDraw(levels.Levels):
    """The levels of ConvDRAW: a code in each cell, and convolutions of 3 x 3.

        drawn(z_l, f_l-1) = z_l

    Cells see their neighbours alone, so distant objects depend on each other
    through several levels only. The ConvLSTM reads the code itself, as
    Algorithm 1 says; the parameter counts are then nearest to Table 5.
    """

    def __init__(self, settings: SceneModel) -> None:
        """Makes the levels.

        Args:
            settings: the architecture.
        """
        width, size = settings.width, settings.level_size
        heads = (
            levels.map_layers(width, 2 * size),
            levels.map_layers(width, 2 * size),
        )
        super().__init__(settings, heads, None, size, _KERNEL)

    def drawn(self, code: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        """See `Levels.drawn`; the code itself."""
        del features
        return levels.as_map(code, self.settings)


class VaeCode(levels.StandardCode):
    """One code with a standard normal prior, between convolutions.

    The second convolution of the posterior covers the whole grid; here it is a
    dense layer. It gives the means and the standard deviations of
    `settings.code_size` numbers, by default 128. This is the size of the
    decoder's input in Table 10.
    """

    def __init__(self, settings: SceneModel) -> None:
        """Makes the layers.

        Args:
            settings: the architecture.
        """
        size, grid = settings.code_size, settings.grid_size
        posterior = keras.Sequential(
            [
                convolutions.Block(settings.width, _FILTERS, _POSTERIOR_KERNEL),
                keras.layers.Reshape([settings.num_cells * _FILTERS]),
                mlp.dense(settings.num_cells * _FILTERS, 2 * size),
            ]
        )
        painter = keras.Sequential(
            [
                keras.layers.Reshape([1, 1, size]),
                convolutions.Block(
                    size, PAINTED_WIDTH, 1, factor=grid, activation=tf.nn.relu
                ),
            ]
        )
        super().__init__(settings, posterior, painter)
