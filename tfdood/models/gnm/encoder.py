"""GNM's image encoder: from an image to a feature map on the grid."""

import keras
import tensorflow as tf

from tfdood.nn import convolutions
from tfdood.settings.scenes import SceneModel

_FIRST_FILTERS = 16


class Encoder(keras.layers.Layer):
    """Halves the image until it has one position for each cell.

    Each halving is a convolution with a kernel of 4 and a stride of 2. Between
    two halvings is a convolution with a kernel of 3. The halvings have 16, 32,
    64, ... channels, but at most `width`; the last halving has `width`
    channels. Source: Jiang and Ahn, 2020, Table 6.
    """

    def __init__(self, settings: SceneModel) -> None:
        """Makes an encoder.

        Args:
            settings: the architecture.

        Raises:
            ValueError: If the image cannot be halved until it is the grid.
        """
        super().__init__()
        num_halvings = halvings(settings)
        self.blocks = []
        num_inputs = settings.num_channels
        for number in range(num_halvings):
            filters = min(settings.width, _FIRST_FILTERS * 2**number)
            if number == num_halvings - 1:
                filters = settings.width
            self.blocks.append(convolutions.Block(num_inputs, filters, 4, 2))
            if number < num_halvings - 1:
                self.blocks.append(convolutions.Block(filters, filters, 3))
            num_inputs = filters
        self.built = True

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Maps images `[N, S, S, C]` to features `[N, G, G, width]`."""
        for block in self.blocks:
            images = block(images)
        return images


def halvings(settings: SceneModel) -> int:
    """Counts how often an image is halved until it has the size of the grid.

    Args:
        settings: the architecture.

    Returns:
        The count, at least 1.

    Raises:
        ValueError: If there is no such count.
    """
    size, grid = settings.image_size, settings.grid_size
    count = (size // grid).bit_length() - 1
    if count < 1 or grid * 2**count != size:
        raise ValueError(
            f"model.image_size must be model.grid_size={grid} times a power "
            f"of two, got {size}; choose {grid * 2 ** max(1, count)}."
        )
    return count
