"""Parses by a model's recognition network alone."""

import dataclasses

import numpy as np

from tfdood.parsing import base, seeds
from tfdood.parsing import endpoints as endpoints_lib


@dataclasses.dataclass(frozen=True)
class Amortised:
    """Posterior samples, each the most probable of several.

    Of each `num_tries` samples from q(strokes | image), the one with the
    largest log p(image, strokes) is kept.

    Attributes:
        endpoints: a model with the signature `parse`.
        num_parses: `K`, parses of an image.
        num_tries: samples for each parse.
        stroke_frame: of the model, see `Parses`.
    """

    endpoints: endpoints_lib.Endpoints
    num_parses: int
    num_tries: int
    stroke_frame: str = "canvas"

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Samples parses of each image.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: of all random numbers.

        Returns:
            `Parses` with leading dimensions `[N, K]`.

        Raises:
            ValueError: If the model's strokes are not curves.
        """
        count = self.num_parses * self.num_tries
        rows = slice(seed.first * count, (seed.first + len(images)) * count)
        samples = endpoints_lib.explained(
            endpoints_lib.run_all(
                self.endpoints,
                "parse",
                images=images.repeat(count, 0),
                seeds=seeds.of_rows(rows.stop, seed.user, seed.stream)[rows],
            ),
            self.stroke_frame,
        )
        best = best_rows(samples.log_joint, self.num_tries)
        return samples.rows(best).reshaped(len(images), self.num_parses)


@dataclasses.dataclass(frozen=True)
class Center:
    """The centre of the posterior, one parse an image, as `reconstruct` draws.

    Attributes:
        endpoints: a model with the signature `parse_center`.
        stroke_frame: of the model, see `Parses`.
    """

    endpoints: endpoints_lib.Endpoints
    stroke_frame: str = "canvas"

    def parse(self, images: np.ndarray, seed: seeds.Seed) -> base.Parses:
        """Finds the centre of each image's posterior.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black.
            seed: not used.

        Returns:
            `Parses` with leading dimensions `[N, 1]`.

        Raises:
            ValueError: If the model's strokes are not curves.
        """
        del seed
        outputs = endpoints_lib.run_all(
            self.endpoints, "parse_center", images=images
        )
        found = endpoints_lib.explained(outputs, self.stroke_frame)
        return found.reshaped(len(images), 1)


def best_rows(log_joint: np.ndarray, num_tries: int) -> np.ndarray:
    """The most probable row of each `num_tries` successive rows.

    Args:
        log_joint: of all rows, as many as a multiple of `num_tries`.
        num_tries: rows of which one is kept.

    Returns:
        The numbers of the rows that are kept, in order.
    """
    log_joint = log_joint.reshape(-1, num_tries)  # [N K, tries]
    return log_joint.argmax(1) + num_tries * np.arange(len(log_joint))
