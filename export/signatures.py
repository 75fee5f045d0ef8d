"""The exported module: a model's methods as batched, checked signatures.

Rows are drawings, `B` of them; seeds are one a row, so that a server may put
the rows of several requests into one batch. See the README of `export`.
"""

from collections.abc import Callable

import tensorflow as tf

from export import checks, pictures
from tfdood.drawing import canvas as canvas_lib
from tfdood.drawings import Drawing, Pen, Strokes
from tfdood.models import DrawingModel
from tfdood.objectives import elbo, importance

_SEEDS = tf.TensorSpec([None, None], tf.int32, "seeds")
_BYTES = tf.TensorSpec([None], tf.string, "image_bytes")
_TEMPERATURE = tf.TensorSpec([None], tf.float32, "temperature")
DEFAULT = "serving_default"


class Servable(tf.Module):
    """A model with signatures, to be saved by `tf.saved_model.save`.

    Args:
        model: to be exported.
        image_size: `S`, the height and width of its images.
        num_control_points: `K`.
        num_particles: `k`, of the importance weighted bound.
    """

    def __init__(
        self,
        model: DrawingModel,
        image_size: int,
        num_control_points: int,
        num_particles: int,
    ):
        super().__init__(name="servable")
        # Keras layers hide their variables from a tf.Module.
        self._variables = [variable.value for variable in model.variables]
        self._model = _Hidden(model)
        self._size = image_size
        self._num_particles = num_particles
        images = _images("images", image_size)
        points = [None, None, num_control_points, 2]
        self.reconstruct = _signature(self._reconstruct, images)
        ...
