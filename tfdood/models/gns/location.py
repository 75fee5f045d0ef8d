"""The location model: where the next stroke starts.

    p(start | canvas so far, end of the previous stroke)

a mixture of Gaussians. Source: GNS, Sec. 3 and App. A.2; the sizes are those of
the authors' code. As in that code, and unlike in the paper, the end of the
previous stroke is an input.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gns import canvas_network, frame, mixture_head
from tfdood.nn import mlp, training_pass

tfd = tfp.distributions

_FILTERS = (16, 32, 64, 128)
_MOMENTS = (0.0243, 0.1383)  # Of canvases' pixels, mean and deviation.
_END_SIZE, _WIDTH = 16, 128
_CANVAS_DROPOUT, _END_DROPOUT, _DROPOUT = 0.3, 0.2, 0.5
_ADDED_VARIANCE = 1e-3


class LocationModel(keras.layers.Layer):
    """A network from canvas and previous end to a mixture over starts.

    Args:
        num_mixtures: the number of components.
    """

    def __init__(self, num_mixtures: int) -> None:
        super().__init__()
        self.network = canvas_network.CanvasNetwork(
            "location", _FILTERS, "tanh", _CANVAS_DROPOUT, _MOMENTS
        )
        self.end_embedding = mlp.dense(2, _END_SIZE, "tanh")
        self.hidden = mlp.dense(_FILTERS[-1] + _END_SIZE, _WIDTH, "tanh")
        self.output_layer = mlp.dense(
            _WIDTH, mixture_head.NUM_VALUES * num_mixtures
        )
        self.built = True

    def call(
        self,
        canvases: tf.Tensor,
        previous_ends: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tf.Tensor:
        """Computes the outputs of which `starts` makes a distribution.

        Args:
            canvases: `[N, 28, 28]`, before the stroke.
            previous_ends: `[N, 2]`, in pixels; `frame.FIRST_END` for the first
                stroke.
            run: the training step, if there is one.

        Returns:
            `[N, 6 M]`, see `mixture_head.mixture`.
        """
        ends = self.end_embedding(frame.of_points(previous_ends))
        ends = training_pass.dropout(ends, _END_DROPOUT, run)
        features = tf.concat([self.network(canvases, run=run), ends], -1)
        hidden = training_pass.dropout(self.hidden(features), _DROPOUT, run)
        return self.output_layer(hidden)


def starts(
    outputs: tf.Tensor, temperature: tf.Tensor | float = 1.0
) -> tfd.MixtureSameFamily:
    """Makes the distribution of the start of the next stroke.

    Args:
        outputs: `[N, 6 M]`, of `LocationModel`.
        temperature: see `mixture_head.mixture`.

    Returns:
        Batch shape `[N]`, event shape `[2]`, in pixels.
    """
    return mixture_head.mixture(
        outputs, frame.ORIGIN, _ADDED_VARIANCE, temperature
    )
