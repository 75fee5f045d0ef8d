"""Parses by search: walks over the skeleton, orders and a fit (GNS, App. B)."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import tqdm

from tfdood.data import strokes as strokes_lib
from tfdood.drawing import tracing, walks
from tfdood.models.gns import fitting
from tfdood.models.gns import token as token_lib
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import plans, seeds, splines
from tfdood.types import SplineStrokes

_ROWS_A_CALL = 32
_MOST_WALKS = 40  # Walks of an image that are compared.

NUM_STEPS, LEARNING_RATE = 100, 0.3
"""Steps of the fit, and its learning rate in pixels a step."""

Strokes = list[np.ndarray]
"""The strokes of a drawing in order: the control points `[N, 2]` of each."""


@dataclasses.dataclass(frozen=True)
class Searched:
    """Searches the strokes of characters that a learned prior expects.

    Walks over the skeleton of the ink propose sets of strokes, and the lines
    that are traced are one more set. Strokes become minimal B-splines. An order
    that takes the best next stroke at each step scores each set. Of the K best
    sets, the best order and directions are found exactly (`plans`), and their
    token and pen are fitted to the image. The weights of parses are those of
    log p(image, strokes).

    Attributes:
        endpoints: a model with the signatures of `plans`, and `refit` and
            `log_prior`, or `fit`.
        num_control_points: `N` of the model.
        num_parses: `K`, of each image.
        num_steps: of the fit.
        learning_rate: of the fit, in pixels a step.
        rules: of the walks.
        moves_types: whether the fit moves the types as well, so that parses are
            modes of log p(image, strokes). Types hardly move, because they
            start at the lines of the image, and a step takes many times as
            long.
    """

    name: ClassVar[str] = "searched"

    endpoints: endpoints_lib.Endpoints
    num_control_points: int
    num_parses: int = 5
    num_steps: int = NUM_STEPS
    learning_rate: float = LEARNING_RATE
    rules: walks.Rules = walks.Rules()
    moves_types: bool = False

    def parse(
        self, images: np.ndarray, seed: seeds.Seed
    ) -> splines.SplineParses:
        """Finds the best parses of each image.

        Args:
            images: `[N, S, S, 1]` in [0, 1], white ink on black, of the size
                of the model's images.
            seed: of all random numbers.

        Returns:
            `SplineParses` with leading dimensions `[N, K]`, the largest log
            P(type) before the fit first. Where there are fewer candidates,
            they are repeated with a weight of 0.
        """
        is_one = len(images) == 1
        bar = tqdm.tqdm(images, self.name, unit="drawing", disable=is_one)
        best = [
            self._best(image[..., 0], [seed.user, seed.stream, number])
            for number, image in enumerate(bar, seed.first)
        ]
        rows = np.concatenate([np.full(len(x), n) for n, x in enumerate(best)])
        strokes = self._padded([x for own in best for x in own])
        fit = self._fit if self.moves_types else self._refit
        found = _parses(fit(images[rows], strokes))
        places = np.stack(
            [
                np.resize(np.flatnonzero(rows == number), self.num_parses)
                for number in range(len(images))
            ]
        )
        counts = np.array(list(map(len, best)))[:, np.newaxis]
        is_repeated = np.arange(self.num_parses) >= counts
        found = found.rows(places)
        weighed = np.where(is_repeated, -np.inf, found.log_likelihood)
        return dataclasses.replace(found, log_likelihood=weighed)

    def _fit(
        self, images: np.ndarray, strokes: SplineStrokes
    ) -> dict[str, np.ndarray]:
        """The best types, tokens and pens, named as outputs of `fit`."""
        return endpoints_lib.run_all(
            self.endpoints,
            "fit",
            rows_a_call=_ROWS_A_CALL,
            images=images,
            **strokes._asdict(),
            **self._ascent(len(images)),
        )

    def _refit(
        self, images: np.ndarray, strokes: SplineStrokes
    ) -> dict[str, np.ndarray]:
        """The best tokens and pens of given types, with the same names."""
        points, numbers = strokes
        affine = np.array(token_lib.AFFINE_MEAN, np.float32)
        fitted = endpoints_lib.run_all(
            self.endpoints,
            "refit",
            rows_a_call=_ROWS_A_CALL,
            images=images,
            type_points=points,
            num_control_points=numbers,
            token_starts=np.zeros_like(points[..., 0, :]),
            token_points=np.zeros_like(points),
            token_affine=np.tile(affine, [len(images), 1]),
            **fitting.pens(fitting.NARROW_PEN, len(images)),
            **self._ascent(len(images)),
        )
        prior = endpoints_lib.run_all(
            self.endpoints,
            "log_prior",
            rows_a_call=_ROWS_A_CALL,
            outputs=("log_prior",),
            **strokes._asdict(),
        )
        return {**fitted, "log_type": prior["log_prior"]}

    def _ascent(self, count: int) -> dict[str, np.ndarray]:
        return {
            "num_steps": np.full(count, self.num_steps, np.int32),
            "learning_rate": np.full(count, self.learning_rate, np.float32),
        }

    def _best(self, image: np.ndarray, seed: Sequence[int]) -> list[Strokes]:
        """The strokes of the most probable sets, at least one and at most K.

        Those that are traced, if all sets have too many strokes.
        """
        sets = strokes_lib.fit(self._proposed(image, seed))
        few = [own for own in sets if self._is_allowed(own)]
        if not few:
            return sets[-1:]
        if len(few) > self.num_parses:
            scores = plans.greedy_scores(
                self.endpoints, few, self.num_control_points
            )
            chosen = np.argsort(-scores, kind="stable")[: self.num_parses]
            few = [few[row] for row in chosen]
        found = plans.best(self.endpoints, few, self.num_control_points)
        order = np.argsort([-plan.score for plan in found], kind="stable")
        return [plans.arranged(few[row], found[row]) for row in order]

    def _is_allowed(self, strokes: Strokes) -> bool:
        """Whether the prior can score all orders of strokes."""
        return 0 < len(strokes) <= plans.MOST_STROKES and all(
            len(stroke) <= self.num_control_points for stroke in strokes
        )

    def _proposed(
        self, image: np.ndarray, seed: Sequence[int]
    ) -> list[Strokes]:
        """Different sets of lines on the ink.

        Those that are traced come last. They and greedy walks may have more
        than `plans.MOST_STROKES` strokes.
        """
        graph = tracing.clean_skeleton(image)
        lines = walks.walks(graph, seed, self.rules)
        traced = tracing.trace(image).lines
        sets = {_key(own): own for own in lines[:_MOST_WALKS]}
        sets.pop(_key(traced), None)
        return [*sets.values(), traced]

    def _padded(self, drawings: Sequence[Strokes]) -> SplineStrokes:
        """Puts strokes into arrays, leading dimension `[D]`.

        Strokes with more control points than the model has are cut off.
        """
        most = max(1, *map(len, drawings))
        shape = len(drawings), most, self.num_control_points, 2
        points = np.zeros(shape, np.float32)
        numbers = np.zeros(shape[:2], np.int32)
        for row, strokes in enumerate(drawings):
            for place, stroke in enumerate(strokes):
                kept = stroke[: self.num_control_points]
                points[row, place, : len(kept)] = kept
                numbers[row, place] = len(kept)
        return SplineStrokes(points, numbers)


def _parses(outputs: Mapping[str, np.ndarray]) -> splines.SplineParses:
    """Reads outputs as those of the signature `fit`."""
    numbers = outputs["num_control_points"]
    return splines.SplineParses(
        strokes=SplineStrokes(outputs["control_points"], numbers),
        types=SplineStrokes(outputs["type_points"], numbers),
        token=token_lib.Token(
            *(outputs[f"token_{name}"] for name in token_lib.Token._fields)
        ),
        std=outputs["std"],
        noise=outputs["noise"],
        log_prior=outputs["log_type"] + outputs["log_token"],
        log_likelihood=outputs["log_likelihood"],
        canvas=outputs["canvas"],
    )


def _key(lines: Strokes) -> frozenset[bytes]:
    """Equal for sets of equal lines, in any order and directions."""
    return frozenset(
        min(np.ascontiguousarray(x).tobytes() for x in (line, line[::-1]))
        for line in lines
    )
