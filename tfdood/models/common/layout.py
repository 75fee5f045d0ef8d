"""Distributions of layouts.

A layout `[shift x, shift y, scale, rotation]` places a stroke on the canvas;
shifts are in half image widths, the rotation is in radians. The means of both
distributions are bounded; their samples are not:

    shift in [-0.8, 0.8],  scale in [0.25, 1],  rotation in [-pi / 4, pi / 4]
"""

import math

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import correlated_normal, heads, mixture
from tfdood.nn import mlp as mlp_lib

SIZE = 4
FIXED_MEAN, FIXED_STD = (0.0, 0.0, 0.8, 0.0), (0.2, 0.2, 0.2, 0.4)
"""Mean and standard deviation under priors that are not learned (source: the
authors' code)."""

_LOW = np.array([-0.8, -0.8, 0.25, -math.pi / 4], np.float32)
_HIGH = np.array([0.8, 0.8, 1.0, math.pi / 4], np.float32)


def _parameters(
    loc: tf.Tensor, scale: tf.Tensor, shear: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Converts outputs of an MLP to the parameters of Gaussians."""
    return heads.gaussian_parameters(loc, scale, shear, _LOW, _HIGH)


class LayoutPosterior(keras.layers.Layer):
    """q(layout | features), a Gaussian (paper, Eq. 7).

    Its initial mean is close to the layout of the whole image.

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
    """

    def __init__(self, num_inputs: int, width: int):
        super().__init__()
        bias = [0.0, 0.0, 6.0, 0.0] + [-4.0] * SIZE + [0.0]
        self.mlp = mlp_lib.MLP(num_inputs, len(bias), width, output_bias=bias)
        self.built = True

    def call(self, features: tf.Tensor) -> correlated_normal.CorrelatedNormal:
        """Maps features `[..., F]` to a distribution over events `[4]`."""
        loc, scale, shear = tf.split(self.mlp(features), [SIZE, SIZE, 1], -1)
        return correlated_normal.CorrelatedNormal(
            *_parameters(loc, scale, shear[..., 0])
        )


class LayoutPrior(keras.layers.Layer):
    """p(layout | layout state), a mixture of Gaussians (paper, Eq. 2).

    Args:
        width: size of the layout state, and units of the hidden layers.
        num_mixtures: `M`, the number of components over events `[4]`.
    """

    def __init__(self, width: int, num_mixtures: int):
        super().__init__()
        self.num_mixtures = num_mixtures
        noise = np.random.default_rng(0).normal(
            scale=1e-3, size=[num_mixtures, SIZE]
        )
        # Component 0 starts as the whole image, with more weight.
        noise[0] = 0.0
        loc = np.array([0.0, 0.0, 4.0, 0.0]) + noise
        logits = np.full([num_mixtures], -4.0)
        logits[0] = 4.0
        bias = np.concatenate(
            [
                logits,
                loc.ravel(),
                np.full([num_mixtures * SIZE], -4.0),
                np.zeros([num_mixtures]),
            ]
        )
        self.mlp = mlp_lib.MLP(width, len(bias), width, output_bias=bias)
        self.built = True

    def call(self, layout_state: tf.Tensor) -> tfp.distributions.Distribution:
        """Maps states `[..., width]` to a distribution over events `[4]`."""
        m = self.num_mixtures
        outputs = self.mlp(layout_state)
        logits, loc, scale, shear = tf.split(
            outputs, [m, m * SIZE, m * SIZE, m], -1
        )
        per_component = tf.concat([tf.shape(outputs)[:-1], [m, SIZE]], 0)
        loc, scale, shear = _parameters(
            tf.reshape(loc, per_component),
            tf.reshape(scale, per_component),
            shear,
        )
        return mixture.gaussian_mixture(logits, loc, scale, shear)
