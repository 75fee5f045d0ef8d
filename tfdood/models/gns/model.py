"""GNS: characters as sequences of strokes, drawn by a learned prior."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.data.batching import Batch
from tfdood.drawing.curves import bspline
from tfdood.drawing.ink import splat, splat_canvases
from tfdood.models import base
from tfdood.models.common import temperature as temperature_lib
from tfdood.models.gns import (
    fitting,
    given_strokes,
    gradients,
    measuring,
    next_strokes,
    sampling,
    step_scores,
)
from tfdood.models.gns import prior as prior_lib
from tfdood.models.gns import token as token_lib
from tfdood.models.signature import RATE, SEEDS, Input, Signature, numbers
from tfdood.settings import architectures
from tfdood.types import SplineStrokes

_NUM_POINTS = 200  # Of each stroke, for an image of the size of the page.


class Characters(NamedTuple):
    """Drawings with their strokes.

    Attributes:
        canvas: `[B, H, W, 1]` in [0, 1].
        control_points: `[B, T, N, 2]`, see `SplineStrokes`.
        num_control_points: `[B, T]`, see `SplineStrokes`.
    """

    canvas: tf.Tensor
    control_points: tf.Tensor
    num_control_points: tf.Tensor


class GNS(base.Model):
    """A density of characters, learnt from the strokes of people.

    It explains no images by itself: a parser searches for the strokes.
    """

    description = (
        "GNS (Feinman and Lake, ICLR 2021): a neuro-symbolic model that draws "
        "characters stroke by stroke, learnt from the strokes of people."
    )

    def __init__(self, settings: architectures.Gns):
        super().__init__(settings)
        self.prior = prior_lib.TypePrior(settings.num_mixtures)
        self.built = True

    def unroll(self) -> None:
        """See `Model.unroll`.

        Raises:
            ValueError: Always, because XLA cannot compile the loop over
                strokes, whose length is not known beforehand.
        """
        raise ValueError(
            "XLA cannot compile GNS; leave training.jit_compile "
            "(--jit_compile) out."
        )

    def generate(
        self,
        num_drawings: int | tf.Tensor,
        temperature: float | tf.Tensor = 1.0,
        seed: tf.Tensor | None = None,
    ) -> Characters:
        """See `Model.generate`; draws new characters.

        A temperature `T` divides the logits of mixtures, of stopping and of
        ending a stroke, and multiplies variances. Source: GNS, App. A.2.
        """
        settings = self.settings
        noise = sampling.draw_noise(
            seed,
            num_drawings,
            settings.num_strokes,
            settings.num_control_points,
        )
        temperature = temperature_lib.checked(temperature, num_drawings)
        return self._drawn(sampling.drawings(self.prior, noise, temperature))

    def log_prior(
        self, control_points: tf.Tensor, num_control_points: tf.Tensor
    ) -> prior_lib.TypeLogProbs:
        """Computes the log density of characters.

        Args:
            control_points: `[B, T, N, 2]`, see `SplineStrokes`.
            num_control_points: `[B, T]`, see `SplineStrokes`.

        Returns:
            Its parts; `total` is their sum.

        Raises:
            ValueError: See `given_strokes.checked`.
        """
        return self.prior.log_probs(
            given_strokes.checked(control_points, num_control_points)
        )

    def exemplars(
        self,
        control_points: tf.Tensor,
        num_control_points: tf.Tensor,
        seed: tf.Tensor | None = None,
    ) -> Characters:
        """Samples a new exemplar of each character.

        Args:
            control_points: `[B, T, N, 2]`, see `SplineStrokes`.
            num_control_points: `[B, T]`, see `SplineStrokes`.
            seed: int32 `[2]`, or `[B, 2]` with one seed for each character.

        Returns:
            Their drawings.

        Raises:
            ValueError: See `given_strokes.checked`, or if the seed is None or
                has another shape.
        """
        types = given_strokes.checked(control_points, num_control_points)
        shape = tf.shape(types.control_points)
        token = token_lib.sample(shape[0], shape[1], shape[2], seed)
        return self._drawn(token_lib.apply(types, token))

    def render(
        self, control_points: tf.Tensor, num_control_points: tf.Tensor
    ) -> tf.Tensor:
        """Renders characters with sharp ink.

        Args:
            control_points: `[B, T, N, 2]`, see `SplineStrokes`.
            num_control_points: `[B, T]`, see `SplineStrokes`.

        Returns:
            `[B, H, W, 1]` in [0, 1].

        Raises:
            ValueError: See `given_strokes.checked`.
        """
        points, number = given_strokes.checked(
            control_points, num_control_points
        )
        size = self.settings.image_size
        growth = -(-size // splat_canvases.IMAGE_SIZE)
        points = bspline.points(points, number, _NUM_POINTS * growth)
        ink = splat.stroke_ink(
            points / splat_canvases.IMAGE_SIZE,
            (number > 0)[..., tf.newaxis],
            size,
        )
        return splat.broaden(tf.reduce_sum(ink, 1))[..., tf.newaxis]

    def measures(
        self, batch: Batch, num_particles: int, seed: tf.Tensor
    ) -> dict[str, tf.Tensor | base.Ratio]:
        """See `Model.measures` and `measuring.measures`; nothing is sampled."""
        del num_particles, seed
        strokes = measuring.checked(batch)
        return measuring.measures(self.log_prior(*strokes), strokes)

    def figures(
        self, batch: Batch, seed: tf.Tensor, path: Callable[[str], str]
    ) -> dict[str, np.ndarray]:
        """See `Model.figures`; also where the next stroke would start."""
        return {
            "next_strokes": next_strokes.figure(
                functools.partial(next_strokes.after, self.prior),
                measuring.checked(batch),
                path("next_strokes"),
            ),
            **super().figures(batch, seed, path),
        }

    def signatures(self, num_particles: int) -> dict[str, Signature]:
        """See `Model.signatures`."""
        strokes = self._stroke_inputs

        def log_prior(**given: tf.Tensor) -> dict[str, tf.Tensor]:
            found = self.log_prior(**given)
            return {"log_prior": found.total, **found._asdict()}

        def exemplars(
            seeds: tf.Tensor, **given: tf.Tensor
        ) -> dict[str, tf.Tensor]:
            return self.outputs(self.exemplars(**given, seed=seeds))

        def next_stroke(**given: tf.Tensor) -> dict[str, tf.Tensor]:
            found = next_strokes.after(self.prior, SplineStrokes(**given))
            return found._asdict()

        def render(**given: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"canvas": self.render(**given)}

        return {
            **super().signatures(num_particles),
            "log_prior": Signature(log_prior, strokes),
            "exemplars": Signature(exemplars, {**strokes, "seeds": SEEDS}),
            "next_stroke": Signature(next_stroke, strokes),
            "render": Signature(render, strokes),
            **self._search_signatures(),
            **gradients.signatures(
                self.prior, strokes, self.settings.image_size
            ),
        }

    @property
    def _stroke_inputs(self) -> dict[str, Input]:
        most = self.settings.num_control_points
        return {
            "control_points": numbers("T", most, 2),
            "num_control_points": Input(
                ("T",), tf.int32, low=0, high=most, zeros_last=True
            ),
        }

    def _search_signatures(self) -> dict[str, Signature]:
        """The signatures of which parsers search the strokes of images."""
        most, size = self.settings.num_control_points, self.settings.image_size
        point = numbers(2)
        canvas = {
            "canvas_before": Input(
                (splat_canvases.CANVAS_SIZE, splat_canvases.CANVAS_SIZE),
                low=0.0,
                high=1.0,
            )
        }
        images = {"images": Input((size, size, 1), low=0.0, high=1.0)}
        strokes = self._stroke_inputs
        ascent = {
            "num_steps": Input((), tf.int32, low=0, high=2_000),
            "learning_rate": RATE,
        }

        def of(function: Callable[..., tf.Tensor]) -> Callable[..., Any]:
            return lambda **given: {"score": function(self.prior, **given)}

        def fit(
            images: tf.Tensor,
            control_points: tf.Tensor,
            num_control_points: tf.Tensor,
            num_steps: tf.Tensor,
            learning_rate: tf.Tensor,
        ) -> dict[str, tf.Tensor]:
            start = SplineStrokes(control_points, num_control_points)
            found = fitting.fit(
                self.prior, images, start, num_steps, learning_rate
            )
            return fitting.named(found)

        return {
            "score_start": Signature(
                of(step_scores.of_starts),
                {**canvas, "previous_end": point, "starts": numbers("M", 2)},
            ),
            "score_stroke": Signature(
                of(step_scores.of_strokes),
                {
                    **canvas,
                    "control_points": numbers(most, 2),
                    "num_control_points": Input((), tf.int32, 1, most),
                },
            ),
            "score_stop": Signature(of(step_scores.of_stops), canvas),
            "fit": Signature(fit, {**images, **strokes, **ascent}),
            "refit": Signature(
                _refit,
                {
                    **images,
                    "type_points": strokes["control_points"],
                    "num_control_points": strokes["num_control_points"],
                    "token_starts": numbers("T", 2),
                    "token_points": strokes["control_points"],
                    "token_affine": numbers(4),
                    "std": Input((), tf.float32, *fitting.STD),
                    "noise": Input((), tf.float32, *fitting.NOISE),
                    **ascent,
                },
            ),
        }

    def _drawn(self, strokes: SplineStrokes) -> Characters:
        return Characters(self.render(*strokes), *strokes)


def _refit(
    images: tf.Tensor,
    type_points: tf.Tensor,
    num_control_points: tf.Tensor,
    std: tf.Tensor,
    noise: tf.Tensor,
    num_steps: tf.Tensor,
    learning_rate: tf.Tensor,
    **token: tf.Tensor,
) -> dict[str, tf.Tensor]:
    """The signature `refit`."""
    found = fitting.refit(
        images,
        SplineStrokes(type_points, num_control_points),
        token_lib.Token(
            *(token[f"token_{name}"] for name in token_lib.Token._fields)
        ),
        std,
        noise,
        num_steps,
        learning_rate,
    )
    return fitting.named(found)
