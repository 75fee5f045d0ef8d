"""Gradients of log P(type) and of log p(image | token).

The third part of the joint density, log P(token | type), is Gaussian.
Differences of these gradients are the curvature of the joint density, of which
Laplace's method makes marginal likelihoods (GNS, Feinman and Lake, 2021,
App. D).
"""

import functools

import tensorflow as tf

from tfdood.models.gns import fitting, image_model
from tfdood.models.gns import prior as prior_lib
from tfdood.models.gns import token as token_lib
from tfdood.models.signature import Input, Signature, numbers
from tfdood.types import SplineStrokes


def of_log_type(
    prior: prior_lib.TypePrior,
    control_points: tf.Tensor,
    num_control_points: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Computes log P(type), and how it changes with control points.

    Args:
        prior: the type prior.
        control_points: `[B, T, N, 2]`, see `SplineStrokes`.
        num_control_points: `[B, T]`, see `SplineStrokes`.

    Returns:
        `log_type`, `[B]`, in nats; `point_gradient`, `[B, T, N, 2]`, in nats a
        pixel.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(control_points)
        types = SplineStrokes(control_points, num_control_points)
        log_type = prior.log_probs(types).total
    return {
        "log_type": log_type,
        "point_gradient": tape.gradient(
            log_type, control_points, unconnected_gradients="zero"
        ),
    }


def of_log_likelihood(
    images: tf.Tensor,
    control_points: tf.Tensor,
    num_control_points: tf.Tensor,
    token_affine: tf.Tensor,
    std: tf.Tensor,
    noise: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """Computes log P(image | token), and how it changes with the token.

    Args:
        images: `[B, H, W, 1]` in [0, 1]; ink is above 1/2.
        control_points: `[B, T, N, 2]`, with motor noise, before the affine.
        num_control_points: `[B, T]`, see `SplineStrokes`.
        token_affine: `[B, 4]`, see `Token.affine`.
        std: `[B]`, of the blur in pixels.
        noise: `[B]` in [0, 0.5], the probability that a pixel flips.

    Returns:
        `log_likelihood`, `[B]`, in nats; `point_gradient`, `[B, T, N, 2]`, in
        nats a pixel; `affine_gradient`, `[B, 4]`.
    """
    given = control_points, token_affine
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(given)
        moved = SplineStrokes(control_points, num_control_points)
        token = token_lib.still(moved)._replace(affine=token_affine)
        drawn = token_lib.apply(moved, token)
        canvas = image_model.canvas(drawn, std, noise, images.shape[1])
        log_likelihood = image_model.log_prob(images, canvas)
    points, affine = tape.gradient(log_likelihood, given)
    return {
        "log_likelihood": log_likelihood,
        "point_gradient": points,
        "affine_gradient": affine,
    }


def signatures(
    prior: prior_lib.TypePrior, strokes: dict[str, Input], image_size: int
) -> dict[str, Signature]:
    """Lists the signatures of these functions.

    Args:
        prior: the type prior.
        strokes: the inputs `control_points` and `num_control_points`.
        image_size: `H = W` in pixels.

    Returns:
        `log_type_gradient` and `log_likelihood_gradient`.
    """
    return {
        "log_type_gradient": Signature(
            functools.partial(of_log_type, prior), strokes
        ),
        "log_likelihood_gradient": Signature(
            of_log_likelihood,
            {
                "images": Input((image_size, image_size, 1), low=0.0, high=1.0),
                **strokes,
                "token_affine": numbers(4),
                "std": Input((), tf.float32, *fitting.STD),
                "noise": Input((), tf.float32, *fitting.NOISE),
            },
        ),
    }
