"""NVIL's baseline: a prediction of the learning signal of each step."""

import math

import keras
import tensorflow as tf

from tfdood.models.common import layout
from tfdood.nn import mlp as mlp_lib
from tfdood.nn import recurrent
from tfdood.types import Codes, Context, Strokes


class Baseline(keras.layers.Layer):
    """Predicts the learning signal with a GRU and an MLP.

        b_t = MLP(h_t),   h_t = GRU([context_t, z_{t-1}], h_{t-1})

    No gradient flows to the inputs. Source: paper, App. C.2.

    Args:
        width: size of the GRU's state and of the hidden layers.
        context_size: size of a step's context: the embeddings of the target
            and of the canvas together.
        stroke_size: number of values in a stroke's latent.
    """

    def __init__(self, width: int, context_size: int, stroke_size: int):
        super().__init__()
        self.width = width
        num_inputs = context_size + 1 + layout.SIZE + stroke_size
        self.rnn = recurrent.gru(num_inputs, width)
        self.mlp = mlp_lib.MLP(width, 1, width, num_hidden=3)
        self.built = True

    def call(self, context: Context, strokes: Strokes | Codes) -> tf.Tensor:
        """Predicts the learning signal of each step.

        The prediction of step `t` does not depend on the strokes from `t` on.

        Args:
            context: `Context` with leading dimension `[N]`.
            strokes: `Strokes` or `Codes` with leading dimension `[N]`.

        Returns:
            `[N, T]`, in nats, zero after the first absent stroke.
        """
        presence, layouts, latents = strokes
        num_rows, num_steps = tf.shape(presence)[0], presence.shape[1]
        size = math.prod(latents.shape[2:])
        latents = tf.reshape(latents, [num_rows, num_steps, size])
        latents = tf.concat([presence[..., tf.newaxis], layouts, latents], -1)
        first = tf.one_hot(0, latents.shape[-1])  # presence 1, all else 0
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
