"""Bayesian scores of drawings given drawings, by types that are drawn again.

    log p(x_T | x_c) = log sum_k pi_k max p(x_T | token) p(token | type_k)
    two-way: log p(x_T | x_c) + log p(x_c | x_T) - log p(x_c)
    log p(x_c) = log sum_k p(type_k, token_k, x_c)

with the parses k of x_c in the first line. Source: GNS (Feinman and Lake,
2021), Eq. 4 and 5, and the code of BPL (Lake et al., 2015).
"""

import numpy as np

from tfdood.evaluate.measures import token_scores, type_fitting
from tfdood.parsing import splines

_STAGES = token_scores.Stages(screening=10, refining=60, num_refined=8)


def classify(
    fitter: type_fitting.Fitter,
    of_supports: splines.SplineParses,
    of_queries: splines.SplineParses,
    supports: np.ndarray,
    queries: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, token_scores.Fitted]:
    """Scores of all pairs of a run, see `token_scores.both_ways`.

    Args:
        fitter: of parses to images.
        of_supports: leading dimensions `[C, K]`.
        of_queries: leading dimensions `[Q, K]`.
        supports: `[C, S, S, 1]`.
        queries: `[Q, S, S, 1]`.

    Returns:
        One-way and two-way log scores `[Q, C]`, and the parses of supports,
        fitted to queries.
    """
    there = token_scores.Fitted(fitter, of_supports, queries, _STAGES)
    back = token_scores.Fitted(fitter, of_queries, supports, _STAGES)
    scores = token_scores.both_ways(
        there, back, of_supports.log_joint, _STAGES.num_refined
    )
    return *scores, there
