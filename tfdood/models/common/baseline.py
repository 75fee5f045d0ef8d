"""The NVIL baseline: guesses a step's learning signal from what came before."""

import keras
import tensorflow as tf

from tfdood.models.common import layout
from tfdood.nn import mlp as mlp_lib
from tfdood.types import Strokes


class Baseline(keras.layers.Layer):
    """b(z_{<t}, x), a GRU and an MLP on detached inputs (App. C.2)."""

    def __init__(self, width: int, canvas_size: int, num_control_points: int):
        super().__init__()
        num_latents = 1 + layout.SIZE + 2 * num_control_points
        num_inputs = width + canvas_size + num_latents
        self.rnn = keras.layers.GRUCell(width)
        self.rnn.build((None, num_inputs))
        self.mlp = mlp_lib.MLP(width, 1, width, num_hidden=3)
        self.built = True

    def call(
        self,
        target_embedding: tf.Tensor,
        canvas_embeddings: tf.Tensor,
        strokes: Strokes,
    ) -> tf.Tensor:
        """Predicts `[N, T]`, zero after the first absent stroke.

        Args:
            target_embedding: `[N, width]`.
            canvas_embeddings: `[N, T, canvas_size]`, before each stroke.
            strokes: leading dimensions `[N]`.
        """
        num_steps = canvas_embeddings.shape[1]
        points = strokes.control_points
        points = tf.reshape(points, [-1, num_steps, 2 * points.shape[-2]])
        latents = tf.concat(
            [strokes.presence[..., tf.newaxis], strokes.layout, points], -1
        )
        first = tf.one_hot(0, latents.shape[-1])  # present, all else zero
        first = tf.ones_like(latents[:, :1]) * first
        previous = tf.concat([first, latents[:, :-1]], 1)
        state = tf.zeros_like(target_embedding)
        states = []
        for t in range(num_steps):
            inputs = tf.concat(
                [target_embedding, canvas_embeddings[:, t], previous[:, t]], -1
            )
            _, [state] = self.rnn(tf.stop_gradient(inputs), [state])
            states.append(state)
        return self.mlp(tf.stack(states, 1))[..., 0] * previous[..., 0]
