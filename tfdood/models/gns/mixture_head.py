"""Outputs of networks as mixtures of Gaussians over points of the image."""

import tensorflow as tf
import tensorflow_probability as tfp

from tfdood.distributions import heads
from tfdood.distributions import mixture as mixture_lib
from tfdood.models.common import temperature as temperature_lib
from tfdood.models.gns import frame

tfd = tfp.distributions

NUM_VALUES = 6
"""Outputs of a component: a weight, two means, two scales, a correlation."""

_COLDEST = 1e-6


def mixture(
    outputs: tf.Tensor,
    origin: float,
    added: float,
    temperature: tf.Tensor | float = 1.0,
) -> tfd.MixtureSameFamily:
    """Makes a mixture over points, in pixels.

    The covariances are those of `heads.gaussian_of_correlation`. A temperature
    divides the logits of the weights, and multiplies the covariances. Source:
    GNS, App. A.2 and the authors' code.

    Args:
        outputs: `[..., 6 M]`: `M` logits of weights, `2 M` means, `2 M`
            logarithms of scales and `M` logits of correlations. The unit is
            `frame.UNIT`.
        origin: where a mean of 0 is, in pixels.
        added: to each variance, in squared units.
        temperature: from 0 to 1,000; `[N]` if outputs are `[N, 6 M]`, or a
            scalar.

    Returns:
        A distribution with batch shape `[...]` and event shape `[2]`.
    """
    count = outputs.shape[-1] // NUM_VALUES
    logits, means, log_stds, correlations = tf.split(
        outputs, [count, 2 * count, 2 * count, count], -1
    )
    pairs = tf.concat([tf.shape(logits), [2]], 0)
    loc = origin + frame.UNIT * tf.reshape(means, pairs)
    scale, shear = heads.gaussian_of_correlation(
        tf.reshape(log_stds, pairs), correlations, added
    )
    degree = cold(temperature)
    width = frame.UNIT * tf.sqrt(degree)
    loc = tf.ensure_shape(loc, [*logits.shape, 2])
    return mixture_lib.gaussian_mixture(
        logits / degree, loc, scale * width[..., tf.newaxis], shear * width
    )


def cold(temperature: tf.Tensor | float) -> tf.Tensor:
    """Makes a temperature by which logits can be divided.

    Args:
        temperature: from 0 to 1,000, scalar or `[N]`.

    Returns:
        Positive, `[1]` or `[N, 1]`.

    Raises:
        ValueError: See `temperature.checked`.
    """
    values = temperature_lib.checked(temperature)
    return tf.maximum(values, _COLDEST)[..., tf.newaxis]
