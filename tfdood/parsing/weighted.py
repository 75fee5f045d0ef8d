"""What explanations share: their densities weight them."""

import numpy as np
from scipy import special


class Weighted:
    """Explanations of images, with leading dimensions `...`.

    A parser gives `K` explanations of each of `N` images: `...` is `[N, K]`.

    Attributes:
        log_prior: `[...]`, log p(explanation) in nats.
        log_likelihood: `[...]`, log p(image | explanation) in nats.
    """

    log_prior: np.ndarray
    log_likelihood: np.ndarray

    @property
    def log_joint(self) -> np.ndarray:
        """`[...]`, log p(image, explanation) in nats."""
        return self.log_prior + self.log_likelihood

    @property
    def log_weights(self) -> np.ndarray:
        """The log weight of each explanation among those of its image.

            log w_k = log p(image, explanation_k)
                      - log sum_j p(image, explanation_j)

        Returns:
            `[..., K]`, in nats; the weights sum to 1 along the last axis.
        """
        return special.log_softmax(self.log_joint, -1)
