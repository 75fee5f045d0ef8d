"""The NVIL baseline: guesses a step's learning signal from what came before."""

import keras
import tensorflow as tf

from tfdood import networks
from tfdood.drawings import Strokes
from tfdood.models.dood import layout


class Baseline(keras.layers.Layer):
    """b(z_{<t}, x), a GRU and an MLP on detached inputs (App. C.2)."""

    def __init__(self, width: int, num_control_points: int):
        super().__init__()
        num_inputs = 2 * width + 1 + layout.SIZE + 2 * num_control_points
        self.width = width
        self.rnn = keras.layers.GRUCell(width)
        self.rnn.build((None, num_inputs))
        self.mlp = networks.MLP(width, 1, width, num_hidden=3)
        self.built = True

    def call(
        self,
        target_embedding: tf.Tensor,
        canvas_embeddings: tf.Tensor,
        strokes: Strokes,
    ) -> tf.Tensor:
        """Predicts `[T, N]`, zero after the first absent stroke.

        Args:
            target_embedding: `[N, width]`.
            canvas_embeddings: `[T, N, width]`, before each stroke.
            strokes: time-major: `[T, N]`, `[T, N, 4]`, `[T, N, K, 2]`.
        """
        num_steps, num_rows = (
            canvas_embeddings.shape[0],
            tf.shape(target_embedding)[0],
        )
        points = strokes.control_points
        points = tf.reshape(points, [num_steps, num_rows, -1])
        latents = tf.concat(
            [strokes.presence[..., tf.newaxis], strokes.layout, points], -1
        )
        first = tf.one_hot([0], latents.shape[-1])  # present, all else zero
        first = tf.broadcast_to(first, [1, num_rows, latents.shape[-1]])
        previous = tf.concat([first, latents[:-1]], 0)
        state = tf.zeros([num_rows, self.width])
        states = []
        for step in range(num_steps):
            inputs = tf.concat(
                [target_embedding, canvas_embeddings[step], previous[step]], -1
            )
            _, [state] = self.rnn(tf.stop_gradient(inputs), [state])
            states.append(state)
        return self.mlp(tf.stack(states))[..., 0] * previous[..., 0]
