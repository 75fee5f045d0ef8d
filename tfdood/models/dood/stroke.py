"""Distributions of strokes: Bezier control points in the stroke's own frame.

The frame is the unit square. The coordinates of the means are bounded to
(-0.2, 1.2); samples are not bounded.
"""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import correlated_normal, heads, mixture
from tfdood.nn import mlp as mlp_lib

FIXED_MEAN, FIXED_STD = 0.5, 0.2
"""Mean and standard deviation of each coordinate of a control point, under the
independent prior, and under the initial sequential prior."""

_LOW, _HIGH = -0.2, 1.2
_PRIOR_STD_LOGIT = -1.386  # A standard deviation of 0.2.


def _parameters(
    loc: tf.Tensor, scale: tf.Tensor, shear: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Converts outputs of an MLP to the parameters of Gaussians."""
    return heads.gaussian_parameters(loc, scale, shear, _LOW, _HIGH)


class StrokePosterior(keras.layers.Layer):
    """q(control points | features), a Gaussian for each point (paper, Eq. 8).

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
        num_control_points: `K`.
        std_bias: initial offset of the logits of the standard deviations.
    """

    def __init__(
        self,
        num_inputs: int,
        width: int,
        num_control_points: int,
        std_bias: float = 0.0,
    ):
        super().__init__()
        self.std_bias = std_bias
        self.num_control_points = num_control_points
        self.mlp = mlp_lib.MLP(num_inputs, 5 * num_control_points, width)
        self.built = True

    def call(self, features: tf.Tensor) -> correlated_normal.CorrelatedNormal:
        """Maps features `[..., F]` to a distribution of `[..., K]` points."""
        outputs = self.mlp(features)
        per_point = [self.num_control_points, 5]
        outputs = tf.reshape(
            outputs, tf.concat([tf.shape(outputs)[:-1], per_point], 0)
        )
        loc, scale, shear = tf.split(outputs, [2, 2, 1], -1)
        return correlated_normal.CorrelatedNormal(
            *_parameters(loc, scale + self.std_bias, tf.squeeze(shear, -1))
        )


class StrokePrior(keras.layers.Layer):
    """p(control points | features), a mixture for each point (paper, Eq. 3).

    Args:
        num_inputs: size of the features.
        width: units of the hidden layers.
        num_control_points: `K`.
        num_mixtures: `M`, the number of Gaussian components of each point.
    """

    def __init__(
        self,
        num_inputs: int,
        width: int,
        num_control_points: int,
        num_mixtures: int,
    ):
        super().__init__()
        self.num_control_points = num_control_points
        self.num_mixtures = num_mixtures
        shape = [num_control_points, num_mixtures]
        loc = np.random.default_rng(1).normal(scale=1e-3, size=shape + [2])
        scale = np.full(shape + [2], _PRIOR_STD_LOGIT)
        bias = np.concatenate(
            [np.zeros(shape + [1]), loc, scale, np.zeros(shape + [1])], -1
        )
        self.mlp = mlp_lib.MLP(
            num_inputs, bias.size, width, output_bias=bias.ravel()
        )
        self.built = True

    def call(self, features: tf.Tensor) -> tfp.distributions.Distribution:
        """Maps features `[..., F]` to a distribution over events `[K, 2]`."""
        outputs = self.mlp(features)
        per_component = [self.num_control_points, self.num_mixtures, 6]
        outputs = tf.reshape(
            outputs, tf.concat([tf.shape(outputs)[:-1], per_component], 0)
        )
        logits, loc, scale, shear = tf.split(outputs, [1, 2, 2, 1], -1)
        logits, shear = tf.squeeze(logits, -1), tf.squeeze(shear, -1)
        return mixture.control_point_mixture(
            logits, *_parameters(loc, scale, shear)
        )
