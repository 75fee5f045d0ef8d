"""Bayesian scores of drawings given other drawings, by fitted codes.

The scores of `token_scores`, for models whose strokes are codes.
"""

import numpy as np

from tfdood.evaluate.measures import code_fitting, code_parses, token_scores
from tfdood.parsing.endpoints import Endpoints

_SCREENING_STEPS, _REFINING_STEPS, _NUM_REFINED = 10, 30, 3


class Classifier:
    """Classifies the queries of one-shot runs.

    Args:
        model: with the signatures `parse`, `render` and `likelihood`.
        num_parses: `K`, of each drawing.
        num_tries: samples, of which the most probable one is kept as a parse.
    """

    def __init__(
        self, model: Endpoints, num_parses: int, num_tries: int
    ) -> None:
        self._model = model
        self._num_parses, self._num_tries = num_parses, num_tries
        self._fitter = code_fitting.Fitter(model)

    def scores(
        self,
        queries: np.ndarray,
        supports: np.ndarray,
        seeds: tuple[tuple[int, int], tuple[int, int]],
    ) -> dict[str, np.ndarray]:
        """Scores all pairs; the best ones, either way, are fitted well.

        At first, only the most probable parse of each drawing is fitted. Parses
        of supports are fitted to queries, and the other way round.

        Args:
            queries: `[Q, S, S, 1]` in [0, 1].
            supports: `[C, S, S, 1]`, one of each class.
            seeds: of the parses of supports and of queries, see
                `code_parses.sample`.

        Returns:
            `one_way` and `two_way` log scores, `[Q, C]`.
        """
        of_supports, of_queries = (
            code_parses.sample(
                self._model, images, self._num_parses, self._num_tries, seed
            )
            for images, seed in zip((supports, queries), seeds, strict=True)
        )
        n, k = np.indices(of_supports.log_joint.shape).reshape(2, -1)
        own = self._fitter.fit(
            of_supports.rows((n, k)), supports[n], _REFINING_STEPS
        )
        log_prior = of_supports.log_prior
        log_joint = log_prior + own.score.reshape(log_prior.shape)
        there = self._screened(of_supports, queries)
        back = self._screened(of_queries, supports)

        def both_ways() -> tuple[np.ndarray, np.ndarray]:
            one_way, other_way = (
                token_scores.log_scores(fitted, types.log_weights)
                for fitted, types in ((there, of_supports), (back, of_queries))
            )
            return one_way, token_scores.two_way_log_scores(
                one_way, other_way.T, log_joint
            )

        pairs = np.logical_or(
            *(token_scores.highest(x, _NUM_REFINED) for x in both_ways())
        )
        for fitted, types, images, wanted in (
            (there, of_supports, queries, pairs),
            (back, of_queries, supports, pairs.T),
        ):
            self._refine(
                fitted, types, images, wanted[..., np.newaxis], _REFINING_STEPS
            )
        one_way, two_way = both_ways()
        return {"one_way": one_way, "two_way": two_way}

    def _screened(
        self, types: code_parses.CodeParses, images: np.ndarray
    ) -> np.ndarray:
        """`[M, N, K]`, scores of the best parse of each; others are -inf."""
        log_joint = types.log_joint
        fitted = np.full([len(images), *log_joint.shape], -np.inf)
        is_best = log_joint.argmax(-1)[:, np.newaxis] == np.arange(
            log_joint.shape[-1]
        )
        self._refine(fitted, types, images, is_best, _SCREENING_STEPS)
        return fitted

    def _refine(
        self,
        fitted: np.ndarray,
        types: code_parses.CodeParses,
        images: np.ndarray,
        wanted: np.ndarray,
        num_steps: int,
    ) -> None:
        """Raises scores `[M, N, K]` by fits where `wanted`."""
        where = np.nonzero(np.broadcast_to(wanted, fitted.shape))
        m, n, k = where
        fits = self._fitter.fit(types.rows((n, k)), images[m], num_steps)
        fitted[where] = np.maximum(fitted[where], fits.score)
