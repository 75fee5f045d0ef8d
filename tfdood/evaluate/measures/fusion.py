"""One score of two: parses that explain an image, and deformation distances.

The two are taken for independent evidence of the character:

    log p(c | x) = score_c - distance_c / D - log sum_c' exp(...)

Distances become nats by one number D. Scores need no number of their own: only
the ratio decides which character is the most probable.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

DISTANCE_A_NAT = 2.0
"""The distance, D above, that counts as one nat.

`search` chose it on the first ten runs of background characters, with the
one-way scores of `pretrained:omniglot`; 1 to 8 are within a standard error."""

CANDIDATES = 2.0 ** np.arange(-2.0, 9.0)
"""The values from which `search` chooses."""


def fused(
    log_scores: np.ndarray,
    distances: np.ndarray,
    distance_a_nat: float = DISTANCE_A_NAT,
) -> np.ndarray:
    """The log probability of each character, all as probable before.

    Args:
        log_scores: `[..., C]`, log p(x | character) up to a constant, in nats.
        distances: `[..., C]`, of x to the given drawings.
        distance_a_nat: what a nat is worth.

    Returns:
        `[..., C]`, in nats.
    """
    return special.log_softmax(log_scores - distances / distance_a_nat, -1)


def search(
    parts: Sequence[Mapping[str, np.ndarray]],
    candidates: Sequence[float] = CANDIDATES,
) -> tuple[float, np.ndarray]:
    """Finds what a nat is worth where `fused` is right most often.

    Args:
        parts: of each run of `validation`, `answers` `[Q]`, scores `[Q, C]`
            `one_way`, and `idm`, negative distances.
        candidates: in increasing order.

    Returns:
        The best candidate, of several the middle one (the lower of two), and
        the accuracy of each.
    """
    accuracies = np.array(
        [
            np.mean(
                [
                    fused(part["one_way"], -part["idm"], each).argmax(1)
                    == part["answers"]
                    for part in parts
                ]
            )
            for each in candidates
        ]
    )
    best = np.flatnonzero(accuracies == accuracies.max())
    return float(candidates[best[(len(best) - 1) // 2]]), accuracies
