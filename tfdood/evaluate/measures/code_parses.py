"""Parses of images by codes, the counterpart of parses by curves."""

import dataclasses
from typing import Any

import numpy as np

from tfdood.parsing import amortised, endpoints, seeds, weighted
from tfdood.parsing.endpoints import Endpoints

_LATENTS = ("presence", "layout", "code", "canvas_contrast")
_LOG_PROBS = ("log_prior", "log_likelihood")


@dataclasses.dataclass(frozen=True)
class CodeParses(weighted.Weighted):
    """Explanations of images by codes, leading dimensions `[N, K]`.

    Attributes:
        latents: the inputs of the signature `render` by name: `presence`
            `[..., T]`, `layout` `[..., T, 4]`, `code` `[..., T, D]`, and of
            some models `canvas_contrast` `[...]`.
        log_prior: `[...]`, log p(codes) in nats.
        log_likelihood: `[...]`, log p(image | codes) in nats.
    """

    latents: dict[str, np.ndarray]
    log_prior: np.ndarray
    log_likelihood: np.ndarray

    def rows(self, index: Any) -> "CodeParses":
        """The parses at an index of the leading dimensions."""
        return CodeParses(
            {name: x[index] for name, x in self.latents.items()},
            self.log_prior[index],
            self.log_likelihood[index],
        )


def sample(
    model: Endpoints,
    images: np.ndarray,
    num_parses: int,
    num_tries: int,
    seed: tuple[int, int],
) -> CodeParses:
    """Samples parses of each image, each the most probable of several.

    Args:
        model: with the signature `parse`; its strokes are codes.
        images: `[N, S, S, 1]` in [0, 1].
        num_parses: `K`, of each image.
        num_tries: samples for each parse.
        seed: the user's seed, and the stream of random numbers (see
            `seeds.of_rows`).

    Returns:
        `CodeParses` with leading dimensions `[N, K]`.
    """
    count = num_parses * num_tries
    repeated = images.repeat(count, 0)
    row_seeds = seeds.of_rows(len(repeated), *seed)
    found = endpoints.run_all(model, "parse", images=repeated, seeds=row_seeds)
    best = amortised.best_rows(
        found["log_prior"] + found["log_likelihood"], num_tries
    )
    kept = {
        name: found[name][best].reshape(
            len(images), num_parses, *found[name].shape[1:]
        )
        for name in (*_LATENTS, *_LOG_PROBS)
        if name in found
    }
    log_prior, log_likelihood = (kept.pop(name) for name in _LOG_PROBS)
    return CodeParses(kept, log_prior, log_likelihood)
