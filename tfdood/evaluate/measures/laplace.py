"""Laplace's method: integrals of densities around a mode.

    integral exp f(z) dz  ~  exp f(z_0) (2 pi)^(d/2) |P|^(-1/2)

with the precision `P = -f''(z_0)`, `[d, d]`. It is exact if `exp f` is Gaussian
and `z_0` its mode. It is no bound: the integral may be larger or smaller. If
`z_0` is not quite the mode, the right-hand side is too small by the factor
`exp(-g P^-1 g / 2)`, `g` being the gradient.
"""

import numpy as np


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

    Steps are not tiny: ink on pixels has kinks, between which it is nearly
    linear, and the curvature is in the kinks.

    Args:
        gradients: `[2 D, D]`, at `center_and_steps` without the center.
        steps: `[D]`.

    Returns:
        `[D, D]`, symmetric.
    """
    forward, backward = np.split(np.asarray(gradients, np.float64), 2)
    slopes = (forward - backward) / (2.0 * steps[:, np.newaxis])
    return 0.5 * (slopes + slopes.T)


def concave(second: np.ndarray) -> tuple[np.ndarray, int]:
    """Takes positive curvature out of a log density.

    Where a log density curves upwards, the quadratic function says that it
    grows without end; a straight line is nearer to the truth.

    Args:
        second: `[D, D]`, second derivatives, symmetric.

    Returns:
        The nearest negative semidefinite matrix, and the number of directions
        that curved upwards.
    """
    values, axes = np.linalg.eigh(second)
    lowered = (axes * np.minimum(values, 0.0)) @ axes.T
    return lowered, int((values > 0.0).sum())


def integral(
    log_density: float, precision: np.ndarray, widest: np.ndarray
) -> float:
    """Integrates a density around its mode.

    Where the precision is too small, the standard deviation is set to the
    largest one that is allowed.

    Args:
        log_density: at the mode, `f(z_0)`.
        precision: `[d, d]`, symmetric.
        widest: `[d]`, the largest standard deviation along each axis; between
            axes, that of the ellipsoid with these half-axes.

    Returns:
        The log of the integral, in nats.
    """
    scaled = widest[:, np.newaxis] * precision * widest
    values = np.maximum(np.linalg.eigvalsh(scaled), 1.0)
    log_determinant = np.log(values).sum() - 2.0 * np.log(widest).sum()
    log_volume = 0.5 * (len(widest) * np.log(2.0 * np.pi) - log_determinant)
    return float(log_density + log_volume)
