"""The termination model: whether a drawing is finished.

    p(finished | canvas so far) = Bernoulli

Source: GNS, Sec. 3 and App. A.2; the sizes are those of the authors' code.
"""

import keras
import tensorflow as tf

from tfdood.models.gns import canvas_network
from tfdood.nn import mlp, training_pass

_FILTERS = (64, 64, 64, 64)
_MOMENTS = (0.0574, 0.2084)  # Of canvases' pixels, mean and deviation.
_DROPOUT = 0.5


class TerminationModel(keras.layers.Layer):
    """A network from a canvas to the log odds that it is finished."""

    def __init__(self) -> None:
        super().__init__()
        self.network = canvas_network.CanvasNetwork(
            "termination", _FILTERS, "relu", _DROPOUT, _MOMENTS
        )
        self.hidden = mlp.dense(_FILTERS[-1], _FILTERS[-1], "relu")
        self.output_layer = mlp.dense(_FILTERS[-1], 1)
        self.built = True

    def call(
        self,
        canvases: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tf.Tensor:
        """Computes log odds.

        Args:
            canvases: `[N, 28, 28]`, after the strokes so far.
            run: the training step, if there is one.

        Returns:
            `[N]`, log odds that no stroke follows.
        """
        hidden = self.hidden(self.network(canvases, run=run))
        hidden = training_pass.dropout(hidden, _DROPOUT, run)
        return self.output_layer(hidden)[..., 0]
