"""Bayesian scores of drawings given other drawings, by fitted parses.

Paper, App. D.2.3: with parses psi_k of a drawing x_c, fitted to another x_T,

    log p(x_T | x_c) = log sum_k pi_k max_z p(x_T | z) p(z | psi_k),
    pi_k ~ p(psi_k, x_c)
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import special

from tfdood.evaluate.measures import (
    code_fitting,
    code_parses,
    token_fitting,
    type_fitting,
)
from tfdood.parsing.base import Parses
from tfdood.parsing.splines import SplineParses

AnyParses = Parses | SplineParses | code_parses.CodeParses
AnyFits = token_fitting.Fits | type_fitting.Fits | code_fitting.Fits


class Stages(NamedTuple):
    """How much is fitted to classify.

    Attributes:
        screening: steps of the best parse of each drawing, to all images.
        refining: steps of all parses, to the images that seem most probable.
        num_refined: how many these are.
    """

    screening: int
    refining: int
    num_refined: int


class Fitter(Protocol):
    """What fits parses to images."""

    def fit(self, parses: Any, images: np.ndarray, num_steps: int) -> AnyFits:
        """See the classes `Fitter` of the modules that fit."""
        ...


CURVES = Stages(screening=12, refining=30, num_refined=3)
CODES = Stages(screening=10, refining=30, num_refined=3)
"""For parses by curves, and by codes."""


def log_scores(fit_scores: np.ndarray, log_weights: np.ndarray) -> np.ndarray:
    """The Bayesian score of images given drawings, by parses of the latter.

        log p(x_m | x_n) = logsumexp_k (log pi_nk + score_mnk)

    Args:
        fit_scores: `[M, N, K]`, of the parses of drawing n fitted to image m.
        log_weights: `[N, K]`, log pi_nk, see `Parses.log_weights`.

    Returns:
        `[M, N]`. Source: paper, Eq. 20 and 21.
    """
    return special.logsumexp(log_weights + fit_scores, -1)


def two_way_log_scores(
    there: np.ndarray, back: np.ndarray, log_joint: np.ndarray
) -> np.ndarray:
    """The Bayesian score that looks at both drawings in the same way.

        log p(x_T | x_c) + log p(x_c | x_T) - log p(x_c),
        p(x_c) = sum_k p(psi_k, z_k, x_c)

    Args:
        there: `[Q, C]`, log p(x_T | x_c).
        back: `[Q, C]`, log p(x_c | x_T).
        log_joint: `[C, K]`, log p(psi_k, z_k, x_c) of the parses of x_c, fitted
            to x_c itself with as many steps as to others.

    Returns:
        `[Q, C]`. Source: Feinman and Lake 2021 (GNS), Eq. 5.
    """
    return there + back - special.logsumexp(log_joint, -1)


def highest(scores: np.ndarray, count: int) -> np.ndarray:
    """Whether a score is among the highest ones of its row, `[Q, C]`."""
    rank = (-scores).argsort(1, kind="stable").argsort(1, kind="stable")
    return rank < count


class Fitted:
    """Parses of some drawings, fitted to all of some images.

    At first, only the most probable parse of each drawing is fitted. Parses
    without weight never are.

    Args:
        fitter: of parses to images.
        types: parses, leading dimensions `[N, K]`; curves are on the canvas.
        images: `[M, S, S, 1]`.
        stages: of the fits.
    """

    def __init__(
        self,
        fitter: Fitter,
        types: AnyParses,
        images: np.ndarray,
        stages: Stages,
    ) -> None:
        self._fitter, self._types, self._images = fitter, types, images
        self._stages = stages
        self._has_weight = np.isfinite(types.log_weights)
        log_joint = types.log_joint
        self._scores = np.full([len(images), *log_joint.shape], -np.inf)
        best = log_joint.argmax(-1)[:, None]  # [N, 1]
        self._fit(best == np.arange(log_joint.shape[-1]), stages.screening)

    def _fit(self, wanted: np.ndarray, num_steps: int) -> None:
        """Fits parses where `wanted`, which is broadcast to `[M, N, K]`."""
        wanted = np.broadcast_to(wanted & self._has_weight, self._scores.shape)
        where = m, n, k = np.nonzero(wanted)
        fits = self._fitter.fit(
            self._types.rows((n, k)), self._images[m], num_steps
        )
        self._scores[where] = np.maximum(self._scores[where], fits.score)

    def refine(self, pairs: np.ndarray) -> None:
        """Fits all parses of some pairs well.

        Args:
            pairs: `[M, N]`, which of them.
        """
        self._fit(pairs[..., np.newaxis], self._stages.refining)

    def log_scores(self) -> np.ndarray:
        """The scores `[M, N]` of images given drawings, see `log_scores`."""
        return log_scores(self._scores, self._types.log_weights)

    def best(self, m: np.ndarray, n: np.ndarray) -> tuple[AnyParses, AnyFits]:
        """The parse that matters most to each pair, and its fit.

        Args:
            m: `[P]`, rows of images.
            n: `[P]`, rows of drawings.

        Returns:
            Parses and fits, leading dimension `[P]`.
        """
        k = (self._scores[m, n] + self._types.log_weights[n]).argmax(-1)
        parses = self._types.rows((n, k))
        steps = self._stages.refining
        return parses, self._fitter.fit(parses, self._images[m], steps)


def classify(
    fitter: Fitter,
    of_supports: AnyParses,
    of_queries: AnyParses,
    supports: np.ndarray,
    queries: np.ndarray,
    stages: Stages,
) -> tuple[np.ndarray, np.ndarray, Fitted]:
    """Scores of all pairs of a run, see `both_ways`.

    Args:
        fitter: of parses to images.
        of_supports: leading dimensions `[C, K]`; curves are on the canvas.
        of_queries: leading dimensions `[Q, K]`; curves are on the canvas.
        supports: `[C, S, S, 1]`.
        queries: `[Q, S, S, 1]`.
        stages: of the fits.

    Returns:
        One-way and two-way log scores `[Q, C]`, and the parses of supports,
        fitted to queries.
    """
    n, k = np.indices(of_supports.log_joint.shape).reshape(2, -1)
    own = fitter.fit(of_supports.rows((n, k)), supports[n], stages.refining)
    log_joint = of_supports.log_prior
    log_joint = log_joint + own.score.reshape(log_joint.shape)
    there = Fitted(fitter, of_supports, queries, stages)
    back = Fitted(fitter, of_queries, supports, stages)
    return *both_ways(there, back, log_joint, stages.num_refined), there


def both_ways(
    there: Fitted, back: Fitted, log_joint: np.ndarray, num_refined: int
) -> tuple[np.ndarray, np.ndarray]:
    """Scores of all pairs, of which the highest are refined.

    The most probable parse of each drawing is fitted a little to all others.
    For the pairs that score highest after that, all parses are fitted well.
    Parses of supports are fitted to queries, and the other way round.

    Args:
        there: parses of `C` supports, fitted to `Q` queries.
        back: parses of the queries, fitted to the supports.
        log_joint: `[C, K]`, see `two_way_log_scores`.
        num_refined: how many pairs of each query.

    Returns:
        One-way and two-way log scores `[Q, C]`.
    """

    def scores() -> tuple[np.ndarray, np.ndarray]:
        one_way = there.log_scores()
        return one_way, two_way_log_scores(
            one_way, back.log_scores().T, log_joint
        )

    pairs = np.logical_or(*(highest(x, num_refined) for x in scores()))
    there.refine(pairs)
    back.refine(pairs.T)
    return scores()
