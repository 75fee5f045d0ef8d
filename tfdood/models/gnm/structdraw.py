"""StructDRAW: a prior of feature maps with several levels of codes.

    drawn(z_l, f_l-1) = [MLP_d(z_l), f_l-1]

and all else as in `levels`, with MLPs as heads. The MLPs see all cells, so that
the objects of a scene depend on each other. Source: Jiang and Ahn, 2020, Sec.
3.2 and Algorithm 1.
"""

import keras
import tensorflow as tf

from tfdood.models.gnm import levels
from tfdood.nn import normalised_mlp
from tfdood.settings.scenes import SceneModel

_KERNEL = 1  # of the ConvLSTMs; the published parameter counts need 1


class StructDraw(levels.Levels):
    """The levels of StructDRAW, with MLPs, or with convolutions in their place.

    With convolutions, each cell has a code of its own in each level.
    """

    def __init__(self, settings: SceneModel) -> None:
        """Makes the levels.

        Args:
            settings: the architecture; `scene_prior` is `mlp` or
                `convolutional`.
        """
        width, size = settings.width, settings.level_size
        if settings.scene_prior == "mlp":
            heads = _VectorHead(settings), _VectorHead(settings)
            painter = _VectorPainter(settings)
        else:
            heads = (
                levels.map_layers(width, 2 * size),
                levels.map_layers(width, 2 * size),
            )
            painter = levels.map_layers(size, width)
        super().__init__(settings, heads, painter, 2 * width, _KERNEL)

    def drawn(self, code: tf.Tensor, features: tf.Tensor) -> tf.Tensor:
        """See `Levels.drawn`; the painted code, and the map before it."""
        if self.settings.scene_prior == "convolutional":
            code = levels.as_map(code, self.settings)
        return tf.concat([self.painter(code), features], -1)


class GaussianCode(levels.StandardCode):
    """One code with a standard normal prior, as in a VAE (GNM-Gaussian)."""

    def __init__(self, settings: SceneModel) -> None:
        """Makes the layers.

        Args:
            settings: the architecture.
        """
        size = settings.code_size
        super().__init__(
            settings,
            _VectorHead(settings, size),
            _VectorPainter(settings, size),
        )


class _VectorHead(keras.layers.Layer):
    """Maps feature maps to the parameters of a vector's density."""

    def __init__(self, settings: SceneModel, size: int | None = None) -> None:
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

    def __init__(self, settings: SceneModel, size: int | None = None) -> None:
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
