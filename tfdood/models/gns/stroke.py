"""The stroke model: the control points of a stroke, one after the other.

    p(offset_1, ..., offset_d, end | start, canvas so far)
        = prod_t p(offset_t | ...) p(goes on | ...) p(ends | ...)

An offset leads from a control point to the next one. At each step a mixture of
Gaussians gives the offset, and a Bernoulli variable says whether the stroke has
ended instead. Source: GNS, Sec. 3 and App. A.2; sizes and wiring are those of
the authors' code.

All rows are computed together, step by step. The longest strokes are the first
rows, so that rows that have ended are cut off at the bottom. What all steps
return is packed: the rows of the first step, then those of the second one, ...
"""

from typing import NamedTuple

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.models.gns import canvas_network, frame, mixture_head
from tfdood.nn import convolutions, mlp, training_pass

tfd = tfp.distributions

WIDTH = 256
"""Size of the states and of the attention."""

_MOMENTS = (0.0243, 0.1383)  # Of canvases' pixels, mean and deviation.
_CHANNELS, _NUM_PLACES = 64, 14 * 14
_POINT_SIZE = 16
NUM_FEATURES = WIDTH + _CHANNELS
"""Features of a step, see `StrokeModel.step`."""

_CANVAS_DROPOUT, _OUTPUT_DROPOUT, _LAYER_DROPOUT = 0.3, 0.3, 0.3
_RECURRENT_DROPOUT = 0.2
_ADDED_VARIANCE = 1e-4


class Masks(NamedTuple):
    """Factors of the states of LSTMs: dropout, the same at all steps.

    Attributes:
        first: `[N, 256]`, of the state of the first LSTM, as its next input.
        second: `[N, 256]`, the same of the second LSTM.
        between: `[N, 256]`, of what the first gives to the second.
        hidden: `[N, 256]`, of what the second gives to the output.
    """

    first: tf.Tensor
    second: tf.Tensor
    between: tf.Tensor
    hidden: tf.Tensor


class Memory(NamedTuple):
    """What does not change while a stroke is drawn.

    Attributes:
        annotations: `[N, 196, 64]`, features of the places of the canvas.
        keys: `[N, 196, 256]`, their part of the attention.
        masks: dropout in training; else empty.
    """

    annotations: tf.Tensor
    keys: tf.Tensor
    masks: Masks | tuple[()]


class State(NamedTuple):
    """The states of both LSTMs, `[N, 256]` each."""

    first_hidden: tf.Tensor
    first_cell: tf.Tensor
    second_hidden: tf.Tensor
    second_cell: tf.Tensor


class StrokeModel(keras.layers.Layer):
    """Two LSTMs with attention over the canvas.

    Args:
        num_mixtures: the number of components of the mixture over offsets.
    """

    def __init__(self, num_mixtures: int) -> None:
        super().__init__()
        self.convolutions = [
            convolutions.convolution(1, 16, 3, activation="relu"),
            convolutions.convolution(16, 32, 3, activation="relu"),
            convolutions.convolution(32, _CHANNELS, 3, 2, activation="tanh"),
        ]
        self.start_embedding = mlp.dense(2, _POINT_SIZE, "tanh")
        self.offset_embedding = mlp.dense(2, _POINT_SIZE, "tanh")
        num_inputs = _CHANNELS + _POINT_SIZE
        self.initial = mlp.dense(num_inputs, 4 * WIDTH, "tanh")
        self.query = mlp.dense(WIDTH, WIDTH)
        self.key_kernel = self.add_weight(
            shape=[_CHANNELS, WIDTH], initializer=mlp.fan_in_uniform(_CHANNELS)
        )
        self.score_kernel = self.add_weight(
            shape=[WIDTH, 1], initializer=mlp.fan_in_uniform(WIDTH)
        )
        self.gate = mlp.dense(WIDTH, _CHANNELS, "sigmoid")
        self.first_cell = _lstm(num_inputs)
        self.second_cell = _lstm(WIDTH)
        self.combine = mlp.dense(
            WIDTH + _CHANNELS + 2 * _POINT_SIZE, WIDTH, "tanh"
        )
        self.output_layer = mlp.dense(
            WIDTH, mixture_head.NUM_VALUES * num_mixtures + 1
        )
        self.built = True

    def begin(
        self,
        canvases: tf.Tensor,
        starts: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tuple[tf.Tensor, Memory, State]:
        """Sees the canvas and the start of each stroke.

        Args:
            canvases: `[N, 28, 28]`, before the stroke.
            starts: `[N, 2]`, in pixels.
            run: the training step, if there is one.

        Returns:
            The embedded start `[N, 16]`, what stays, and the states before the
            first step.
        """
        features = canvas_network.standardised(canvases, _MOMENTS)
        for layer in self.convolutions[:-1]:
            features = training_pass.dropout(
                layer(features), _CANVAS_DROPOUT, run
            )
        features = self.convolutions[-1](features)
        annotations = tf.reshape(features, [-1, _NUM_PLACES, _CHANNELS])
        start = self.start_embedding(frame.of_points(starts))
        seen = tf.concat([tf.reduce_mean(annotations, 1), start], -1)
        state = State(*tf.split(self.initial(seen), len(State._fields), -1))
        keys = tf.matmul(annotations, self.key_kernel)
        masks = _masks(tf.shape(start)[0], run) if run else ()
        return start, Memory(annotations, keys, masks), state

    def step(
        self, memory: Memory, state: State, embedded: tf.Tensor
    ) -> tuple[State, tf.Tensor]:
        """Makes one step of the LSTMs.

        Args:
            memory: of `N` rows.
            state: of the same rows.
            embedded: `[N, 16]`, `embed_offsets` of the previous offset.

        Returns:
            The next states, and `[N, 320]` for `outputs`.
        """
        seen = self._attend(memory, state.second_hidden)
        masks = memory.masks
        inputs = tf.concat([embedded, seen], -1)
        first, (_, first_cell) = self.first_cell(
            inputs, [state.first_hidden, state.first_cell]
        )
        between = first * masks.between if masks else first
        second, (_, second_cell) = self.second_cell(
            between, [state.second_hidden, state.second_cell]
        )
        hidden = second
        if masks:
            hidden = second * masks.hidden
            first, second = first * masks.first, second * masks.second
        state = State(first, first_cell, second, second_cell)
        return state, tf.concat([hidden, seen], -1)

    def embed_offsets(self, offsets: tf.Tensor) -> tf.Tensor:
        """Embeds offsets in pixels: `[..., 2]` to `[..., 16]`."""
        return self.offset_embedding(offsets / frame.UNIT)

    def outputs(
        self,
        features: tf.Tensor,
        embedded: tf.Tensor,
        start: tf.Tensor,
        run: training_pass.TrainingPass | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Computes the outputs of steps.

        Args:
            features: `[N, 320]`, of `step`.
            embedded: `[N, 16]`, the input of this step.
            start: `[N, 16]`, of `begin`.
            run: the training step, if there is one.

        Returns:
            `[N, 6 M]` for `offsets`, and `[N]`, the log odds of the end.
        """
        hidden = self.combine(tf.concat([features, embedded, start], -1))
        hidden = training_pass.dropout(hidden, _OUTPUT_DROPOUT, run)
        values = self.output_layer(hidden)
        return values[..., :-1], values[..., -1]

    def _attend(self, memory: Memory, hidden: tf.Tensor) -> tf.Tensor:
        """Reads the canvas, `[N, 64]`, where the state wants to see it."""
        query = self.query(hidden)[:, tf.newaxis]
        energies = tf.matmul(tf.tanh(memory.keys + query), self.score_kernel)
        weights = tf.nn.softmax(energies, 1)  # [N, 196, 1]
        seen = tf.matmul(weights, memory.annotations, transpose_a=True)[:, 0]
        return seen * self.gate(hidden)


def offsets(
    outputs: tf.Tensor, temperature: tf.Tensor | float = 1.0
) -> tfd.MixtureSameFamily:
    """Makes the distribution of an offset.

    Args:
        outputs: `[N, 6 M]`, of `StrokeModel.outputs`.
        temperature: see `mixture_head.mixture`.

    Returns:
        Batch shape `[N]`, event shape `[2]`, in pixels.
    """
    return mixture_head.mixture(outputs, 0.0, _ADDED_VARIANCE, temperature)


def _lstm(num_inputs: int) -> keras.layers.LSTMCell:
    cell = keras.layers.LSTMCell(
        WIDTH,
        kernel_initializer=mlp.fan_in_uniform(WIDTH),
        recurrent_initializer=mlp.fan_in_uniform(WIDTH),
    )
    cell.build((None, num_inputs))
    return cell


def _masks(num_rows: tf.Tensor, run: training_pass.TrainingPass) -> Masks:
    ones = tf.ones([num_rows, WIDTH])
    rates = Masks(
        _RECURRENT_DROPOUT, _RECURRENT_DROPOUT, _LAYER_DROPOUT, _OUTPUT_DROPOUT
    )
    return Masks(*(run.dropout(ones, rate) for rate in rates))
