"""A recurrent cell on feature maps."""

import keras
import tensorflow as tf

from tfdood.nn import convolutions


class ConvLSTMCell(keras.layers.Layer):
    """A convolutional LSTM without peepholes.

        i, f, o, g = split(conv([x, h]))
        c <- sigmoid(f) c + sigmoid(i) tanh(g)
        h <- sigmoid(o) tanh(c)

    Source: Shi et al., "Convolutional LSTM Network", 2015, Eq. 3, without the
    terms of `c` in the gates.
    """

    def __init__(self, num_inputs: int, width: int, kernel: int) -> None:
        """Makes a cell.

        Args:
            num_inputs: channels of the input.
            width: channels of the state.
            kernel: height and width of the kernel.
        """
        super().__init__()
        self.gates = convolutions.convolution(
            num_inputs + width, 4 * width, kernel
        )
        self.built = True

    def call(
        self, inputs: tf.Tensor, state: tuple[tf.Tensor, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Computes the next state.

        Args:
            inputs: `[N, H, W, num_inputs]`.
            state: `h` and `c`, `[N, H, W, width]` each.

        Returns:
            The new `h` and `c`.
        """
        hidden, cell = state
        gates = self.gates(tf.concat([inputs, hidden], -1))
        enter, keep, leave, new = tf.split(gates, 4, -1)
        cell = tf.sigmoid(keep) * cell + tf.sigmoid(enter) * tf.tanh(new)
        return tf.sigmoid(leave) * tf.tanh(cell), cell
