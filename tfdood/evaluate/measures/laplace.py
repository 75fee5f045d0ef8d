"""Laplace's method: integrals of densities around a mode.

    integral exp f(z) dz  ~  exp f(z_0) (2 pi)^(d/2) |P|^(-1/2)

with the precision `P = -f''(z_0)`, `[d, d]`. It is exact if `exp f` is Gaussian
and `z_0` its mode. It is no bound: the integral may be larger or smaller. If
`z_0` is not quite the mode, the right-hand side is too small by the factor
`exp(-g P^-1 g / 2)`, `g` being the gradient.
"""

from typing import NamedTuple

import numpy as np


class Integral(NamedTuple):
    """An integral around a mode.

    Attributes:
        log: its log, in nats.
        num_bounded: directions in which the density is wider than allowed.
    """

    log: float
    num_bounded: int


def center_and_steps(steps: np.ndarray) -> np.ndarray:
    """Lists where a density and its gradients are needed, from the mode.

    Args:
        steps: `[D]`, positive, how far to go along each axis.

    Returns:
        `[1 + 2 D, D]`: zeros, then forward along each axis, then backward.
    """
    return np.vstack([np.zeros_like(steps), np.diag(steps), -np.diag(steps)])


def second_derivatives(gradients: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Computes second derivatives from differences of gradients.

    A step is as long as the density is wide, and not tiny: ink on pixels has
    kinks, between which it is nearly linear, and the curvature is in the kinks.

    Args:
        gradients: `[2 D, D]`, at `center_and_steps` without the center.
        steps: `[D]`.

    Returns:
        `[D, D]`, symmetric.
    """
    forward, backward = np.split(np.asarray(gradients, np.float64), 2)
    slopes = (forward - backward) / (2.0 * steps[:, np.newaxis])
    return 0.5 * (slopes + slopes.T)


def integral(
    log_density: float, precision: np.ndarray, widest: np.ndarray
) -> Integral:
    """Integrates a density around its mode.

    Where the precision is too small, or negative, the quadratic function is no
    image of the density; there, the standard deviation is set to the largest
    one that is allowed.

    Args:
        log_density: at the mode, `f(z_0)`.
        precision: `[d, d]`, symmetric.
        widest: `[d]`, the largest standard deviation along each axis; between
            axes, that of the ellipsoid with these half-axes.

    Returns:
        An `Integral`.
    """
    scaled = widest[:, np.newaxis] * precision * widest
    values = np.linalg.eigvalsh(scaled)
    is_bounded = values < 1.0
    log_determinant = np.log(np.where(is_bounded, 1.0, values)).sum()
    log_determinant -= 2.0 * np.log(widest).sum()
    log_volume = 0.5 * (len(widest) * np.log(2.0 * np.pi) - log_determinant)
    return Integral(float(log_density + log_volume), int(is_bounded.sum()))
