"""The marginal likelihood of images, summed over the modes of parses.

    p(image) ~ sum_k  integral p(image, z | numbers of parse k) dz

by Laplace's method (`laplace`) around each parse. Source: GNS (Feinman and
Lake, 2021), App. D, Eq. 12.

Integrated are the control points of the type, the motor noise of all control
points, the shift of each stroke, and the affine of the token. Shifts and motor
noise of a stroke are added, so that they are one normal variable, of which the
shift is integrated exactly:

    z = (types, moved, affine),   moved - types ~ N(0, s_p^2 I + s_y^2 1 1^T)

Summed are the numbers of strokes and of control points, over those of the
parses only. Point estimates are the blur and the noise of the pen: neither the
authors' code nor the fit gives them a density. So the sum is no likelihood
that pays for its pen.

Second derivatives of log P(type) and of log P(image | moved, affine) are
differences of gradients; those of the token are known. The first two are taken
to be concave (`laplace.concave`): a fit ends near kinks of the ink and saddles
of the prior, where the curvature is positive in some directions.
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from tfdood.evaluate.measures import laplace
from tfdood.models.gns import token as token_lib
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import splines

_POINT_STEP, _SCALE_STEP = 1.0, 0.02  # Pixels, and scales.
_WIDEST, _WIDEST_SCALE = 20.0, 0.5  # Pixels, as the unit of GNS; and scales.
_SAME = 0.5  # Pixels: parses with nearer control points are one mode.
_ROWS_A_CALL = 128


class Integrals(NamedTuple):
    """What Laplace's method makes of parses.

    Attributes:
        log_integral: `[N, K]`, of each parse, in nats; -inf for a parse that
            repeats another one.
        num_variables: `[N, K]`, how many are integrated.
        num_flattened: `[N, K]`, directions in which log P(type) or the log
            likelihood curves upwards, and is taken to be straight.
    """

    log_integral: np.ndarray
    num_variables: np.ndarray
    num_flattened: np.ndarray

    @property
    def log_marginal(self) -> np.ndarray:
        """`[N]`, log p(image), in nats: approximate, and no bound."""
        return special.logsumexp(self.log_integral, -1)


class _Mode(NamedTuple):
    """The place of one parse, without padding: `n` control points.

    Attributes:
        is_point: `[T, N]`, bool, `n` times true.
        number: `[T]`, of control points.
        types: `[n, 2]`, control points of the type.
        moved: `[n, 2]`, the same with motor noise, before the affine.
        affine: `[4]`.
    """

    is_point: np.ndarray
    number: np.ndarray
    types: np.ndarray
    moved: np.ndarray
    affine: np.ndarray

    @property
    def num_values(self) -> int:
        """The number `2 n` of coordinates of control points."""
        return self.types.size

    def padded(self, points: np.ndarray) -> np.ndarray:
        """Puts control points `[R, 2 n]` into `[R, T, N, 2]`."""
        filled = np.zeros([len(points), *self.is_point.shape, 2], np.float32)
        filled[:, self.is_point] = points.reshape(len(points), -1, 2)
        return filled

    def flat(self, padded: np.ndarray) -> np.ndarray:
        """Takes control points `[R, 2 n]` out of `[R, T, N, 2]`."""
        points = padded[:, self.is_point]
        return points.reshape(len(padded), -1).astype(np.float64)


class _Curvature(NamedTuple):
    """A log density at the mode, and its second derivatives `[D, D]`."""

    log_density: float
    second: np.ndarray
    num_flattened: int = 0


def of(
    endpoints: endpoints_lib.Endpoints,
    images: np.ndarray,
    parses: splines.SplineParses,
) -> Integrals:
    """Integrates over what the parses of images leave open.

    Args:
        endpoints: a model with the signatures `log_type_gradient` and
            `log_likelihood_gradient`.
        images: `[N, S, S, 1]` in [0, 1].
        parses: `[N, K]`, fitted to the images.

    Returns:
        `Integrals`.
    """
    found = np.zeros([3, *parses.log_prior.shape])
    found[0] = -np.inf
    for row, number in np.argwhere(~_is_repeated(parses)):
        parse = parses.rows((row, number))
        mode = _mode(parse)
        log_type = _of_type(endpoints, mode)
        log_token = _of_token(mode)
        pen = {"std": parse.std, "noise": parse.noise}
        log_image = _of_image(endpoints, images[row], mode, pen)
        widest = np.full(2 * mode.num_values + 4, _WIDEST)
        widest[-4:-2] = _WIDEST_SCALE
        parts = log_type, log_token, log_image
        value = laplace.integral(
            sum(part.log_density for part in parts),
            -sum(part.second for part in parts),
            widest,
        )
        num_flattened = sum(part.num_flattened for part in parts)
        found[:, row, number] = value, len(widest), num_flattened
    return Integrals(found[0], *found[1:].astype(np.int64))


def _mode(parse: splines.SplineParses) -> _Mode:
    points, number = parse.types
    is_point = np.arange(points.shape[1]) < number[:, np.newaxis]
    moved = points + parse.token.points + parse.token.starts[:, np.newaxis]
    return _Mode(
        is_point,
        number,
        points[is_point].astype(np.float64),
        moved[is_point].astype(np.float64),
        parse.token.affine.astype(np.float64),
    )


def _of_type(endpoints: endpoints_lib.Endpoints, mode: _Mode) -> _Curvature:
    """Of log P(type), in the first `2 n` variables."""
    size = mode.num_values
    steps = np.full(size, _POINT_STEP)
    points = mode.types.ravel() + laplace.center_and_steps(steps)
    found = endpoints_lib.run_all(
        endpoints,
        "log_type_gradient",
        rows_a_call=_ROWS_A_CALL,
        control_points=mode.padded(points),
        num_control_points=np.tile(mode.number, [len(points), 1]),
    )
    gradients = mode.flat(found["point_gradient"])
    second = np.zeros([2 * size + 4] * 2)
    second[:size, :size], count = laplace.concave(
        laplace.second_derivatives(gradients[1:], steps)
    )
    return _Curvature(float(found["log_type"][0]), second, count)


def _of_image(
    endpoints: endpoints_lib.Endpoints,
    image: np.ndarray,
    mode: _Mode,
    pen: dict[str, np.ndarray],
) -> _Curvature:
    """Of log P(image | moved, affine), in all but the first `2 n` variables."""
    size = mode.num_values
    steps = np.concatenate(
        [
            np.full(size, _POINT_STEP),
            np.repeat([_SCALE_STEP, _POINT_STEP], 2),
        ]
    )
    center = np.concatenate([mode.moved.ravel(), mode.affine])
    places = center + laplace.center_and_steps(steps)
    count = len(places)
    found = endpoints_lib.run_all(
        endpoints,
        "log_likelihood_gradient",
        rows_a_call=_ROWS_A_CALL,
        images=np.tile(image, [count, 1, 1, 1]),
        control_points=mode.padded(places[:, :size]),
        num_control_points=np.tile(mode.number, [count, 1]),
        token_affine=places[:, size:].astype(np.float32),
        **{name: np.full(count, x, np.float32) for name, x in pen.items()},
    )
    gradients = np.hstack(
        [mode.flat(found["point_gradient"]), found["affine_gradient"]]
    )
    second = np.zeros([2 * size + 4] * 2)
    second[size:, size:], count = laplace.concave(
        laplace.second_derivatives(gradients[1:], steps)
    )
    return _Curvature(float(found["log_likelihood"][0]), second, count)


def _of_token(mode: _Mode) -> _Curvature:
    """Of log P(moved, affine | types): exact, because it is Gaussian."""
    size = mode.num_values
    stroke = np.nonzero(mode.is_point)[0]
    is_same = stroke[:, np.newaxis] == stroke
    covariance = np.zeros([size, size])
    for axis, std in enumerate(token_lib.START_STD):
        covariance[axis::2, axis::2] = is_same * std**2
    covariance += np.diag(np.full(size, token_lib.POINT_STD**2))
    of_affine = np.diag(np.square([0.0, 0.0, *token_lib.SHIFT_STD]))
    of_affine[:2, :2] = token_lib.SCALE_COVARIANCE
    log_density = stats.multivariate_normal.logpdf(
        mode.affine, token_lib.AFFINE_MEAN, of_affine
    )
    precision = np.linalg.inv(covariance)
    second = np.zeros([2 * size + 4] * 2)
    second[: 2 * size, : 2 * size] = np.kron([[-1, 1], [1, -1]], precision)
    second[2 * size :, 2 * size :] = -np.linalg.inv(of_affine)
    if size:
        log_density += stats.multivariate_normal.logpdf(
            (mode.moved - mode.types).ravel(), cov=covariance
        )
    return _Curvature(float(log_density), second)


def _is_repeated(parses: splines.SplineParses) -> np.ndarray:
    """Whether an earlier parse of the image is the same mode: `[N, K]`.

    Parses without a weight are repeated, too.
    """
    repeated = ~np.isfinite(parses.log_joint)
    points, numbers = parses.strokes
    for own, counts, flags in zip(points, numbers, repeated, strict=True):
        for later in range(1, len(own)):
            is_near = np.abs(own[:later] - own[later]).max((1, 2, 3)) < _SAME
            is_same = (counts[:later] == counts[later]).all(-1)
            flags[later] |= (is_near & is_same).any()
    return repeated
