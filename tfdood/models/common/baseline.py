"""NVIL's baseline: predicts a step's learning signal from what came before."""

import math

import keras
import tensorflow as tf

from tfdood.models.common import layout
from tfdood.nn import mlp as mlp_lib
from tfdood.types import Codes, Context, Strokes


class Baseline(keras.layers.Layer):
    """b(z_{<t}, x), a GRU and an MLP on detached inputs (App. C.2).

    Args:
        width: of the GRU's state and of the hidden layers.
        context_size: numbers of a `Context` a step, target and canvas.
        stroke_size: numbers of a stroke's latent.
    """

    def __init__(self, width: int, context_size: int, stroke_size: int):
        super().__init__()
        self.width = width
        num_inputs = context_size + 1 + layout.SIZE + stroke_size
        self.rnn = keras.layers.GRUCell(width)
        self.rnn.build((None, num_inputs))
        self.mlp = mlp_lib.MLP(width, 1, width, num_hidden=3)
        self.built = True

    def call(self, context: Context, strokes: Strokes | Codes) -> tf.Tensor:
        """Predicts `[N, T]`, zero after the first absent stroke.

        Args:
            context: leading dimensions `[N]`.
            strokes: leading dimensions `[N]`.
        """
        presence, layouts, latents = strokes
        num_rows, num_steps = tf.shape(presence)[0], presence.shape[1]
        size = math.prod(latents.shape[2:])
        latents = tf.reshape(latents, [num_rows, num_steps, size])
        latents = tf.concat([presence[..., tf.newaxis], layouts, latents], -1)
        first = tf.one_hot(0, latents.shape[-1])  # present, all else zero
        first = tf.ones_like(latents[:, :1]) * first
        previous = tf.concat([first, latents[:, :-1]], 1)
        state = tf.zeros([num_rows, self.width])
        states = []
        for t in range(num_steps):
            inputs = tf.concat(
                [context.target, context.canvases[:, t], previous[:, t]], -1
            )
            _, [state] = self.rnn(tf.stop_gradient(inputs), [state])
            states.append(state)
        return self.mlp(tf.stack(states, 1))[..., 0] * previous[..., 0]
