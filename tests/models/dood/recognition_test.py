import dataclasses

import numpy as np
import tensorflow as tf

from tfdood.models.dood import encoders, guidance, recognition


def _logits(config, bound, shares):
    config = dataclasses.replace(config, presence_bound=bound)
    model = recognition.RecognitionModel(config, encoders.build(config)[1])
    head = model.presence_head
    kernel = np.zeros(head.output_layer.kernel.shape, np.float32)
    kernel[0] = 30.0
    head.output_layer.kernel.assign(kernel)
    for layer in head.hidden:
        layer.kernel.assign(tf.ones_like(layer.kernel))
        layer.bias.assign(tf.zeros_like(layer.bias))
    shares = tf.constant(shares)[:, tf.newaxis]
    with tf.GradientTape() as tape:
        tape.watch(shares)
        logits = model.presence_logits(
            guidance.Residual(
                tf.zeros([len(shares), 1, 1, 1]),
                tf.zeros([len(shares), config.width]),
                shares,
            ),
            tf.zeros([len(shares), config.width]),
            tf.zeros([len(shares), config.width]),
        )
    return logits.numpy(), tape.gradient(logits, shares).numpy()


def test_presence_is_never_certain(tiny):
    free, _ = _logits(tiny, 0.0, [-2.0, 0.01, 2.0])
    assert free.min() < -20 and free.max() > 20
    bounded, gradient = _logits(tiny, 4.0, [-2.0, 0.01, 2.0])
    np.testing.assert_allclose(bounded, 4.0 * np.tanh(free / 4.0), rtol=1e-5)
    assert np.abs(bounded).max() <= 4.0
    assert np.all(np.isfinite(gradient))
