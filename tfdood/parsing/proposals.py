"""Proposals for importance sampling that are fitted to each drawing.

The proposal of a drawing is a Gaussian around one explanation of it, whose
number of strokes n it keeps:

    q(z) = [presence = n strokes]
           prod_t N(layout_t) N(bends_t) (|scale_t|^K / |det W|)^2
    W bends_t = K control points where the layout places them on the canvas

W are `bernstein.even_directions`. The last factor changes the density of bends
to that of control points in the stroke's own frame. The image says where curves
on the canvas are, and hardly how layout and control points share it. Equal
bends move the curve equally far. So a diagonal Gaussian fits these numbers
better than control points in frames.
"""

import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.drawing import canvas
from tfdood.drawing.curves import bernstein
from tfdood.models.common import noise
from tfdood.objectives import ascent, importance
from tfdood.parsing import endpoints as endpoints_lib
from tfdood.parsing import seeds
from tfdood.types import Strokes

_FIRST_STD = 0.001
_NUM_STEPS = 100
_LAYOUT_RATE, _BENDS_RATE, _LOG_STD_RATE = 0.01, 0.005, 0.07


class Gaussians(NamedTuple):
    """A Gaussian over the strokes of each of `B` drawings.

    Attributes:
        presence: `[B, T]`, fixed.
        layout: `[B, T, 4]`, means.
        bends: `[B, T, K, 2]`, means of the control points on the canvas, along
            even directions.
        log_layout_std: `[B, T, 4]`, log standard deviations.
        log_bends_std: `[B, T, K, 2]`, log standard deviations.
    """

    presence: tf.Tensor
    layout: tf.Tensor
    bends: tf.Tensor
    log_layout_std: tf.Tensor
    log_bends_std: tf.Tensor

    @property
    def noise_size(self) -> int:
        """How many random numbers a sample of one drawing takes."""
        return math.prod(self.layout.shape[1:]) + math.prod(
            self.bends.shape[1:]
        )

    def from_noise(self, numbers: tf.Tensor) -> Strokes:
        """Maps noise to samples, differentiably.

        Args:
            numbers: `[B, noise_size]`, standard normal.

        Returns:
            `Strokes` in frames of their own, leading dimension `[B]`.
        """
        size = math.prod(self.layout.shape[1:])
        of_layout = tf.reshape(numbers[:, :size], tf.shape(self.layout))
        of_bends = tf.reshape(numbers[:, size:], tf.shape(self.bends))
        layout = self.layout + tf.exp(self.log_layout_std) * of_layout
        bends = self.bends + tf.exp(self.log_bends_std) * of_bends
        own = canvas.unplace(layout, _along(_directions(bends), bends))
        return Strokes(self.presence, layout, own)

    def log_prob(self, strokes: Strokes) -> tf.Tensor:
        """Computes the log density of strokes.

        Args:
            strokes: in frames of their own, leading dimension `[B]`.

        Returns:
            `[B]`, in nats; -inf where the number of strokes is another one.
        """
        bends = _bends(strokes)
        present = self.presence > 0.5
        # Scales of absent strokes may be 0.
        scale = tf.where(present, tf.abs(strokes.layout[..., 2]), 1.0)
        _, log_det = np.linalg.slogdet(_directions(bends))
        log_probs = (
            tf.reduce_sum(
                _log_normal(strokes.layout, self.layout, self.log_layout_std),
                -1,
            )
            + tf.reduce_sum(
                _log_normal(bends, self.bends, self.log_bends_std), [-2, -1]
            )
            + 2.0 * (bends.shape[-2] * tf.math.log(scale) - log_det)
        )
        total = tf.reduce_sum(tf.where(present, log_probs, 0.0), -1)
        is_same = tf.reduce_all(present == (strokes.presence > 0.5), -1)
        return tf.where(is_same, total, -float("inf"))


class FittedProposal:
    """Importance weights of particles from two proposals, half of each.

    One is the recognition network, the other a Gaussian that is fitted to the
    drawing, by stochastic gradient ascent in the evidence lower bound.

    Args:
        endpoints: a model with the signatures `parse` and `score`.
    """

    def __init__(self, endpoints: endpoints_lib.Endpoints) -> None:
        self._model = endpoints
        self._fit = tf.function(self._fitted, autograph=False)
        self._sample = tf.function(self._fitted_particle, autograph=False)
        self._amortised = tf.function(self._amortised_particle, autograph=False)

    def fit(
        self,
        images: np.ndarray,
        start: Strokes,
        row_seeds: np.ndarray,
        num_steps: int = _NUM_STEPS,
    ) -> Gaussians:
        """Fits a Gaussian to each drawing.

        Args:
            images: `[B, S, S, 1]` in [0, 1], white ink on black.
            start: an explanation of each, leading dimension `[B]`.
            row_seeds: int32 `[B, 2]`.
            num_steps: the number of steps of ascent, at least 0. The learning
                rate falls linearly to 0.

        Returns:
            `Gaussians` of `B` drawings.
        """
        first = _around(Strokes(*map(tf.convert_to_tensor, start)))
        numbers = noise.normal(
            tf.constant(row_seeds),
            len(images),
            [num_steps + 1, first.noise_size],
        )
        return self._fit(tf.constant(images), first, numbers)

    def log_weights(
        self,
        images: np.ndarray,
        gaussians: Gaussians,
        num_particles: int,
        seed: int,
        rows: np.ndarray,
    ) -> np.ndarray:
        """Samples particles and computes their log importance weights.

        Args:
            images: `[B, S, S, 1]` in [0, 1], white ink on black.
            gaussians: of these drawings.
            num_particles: `P`, at least 2; the network samples the odd one.
            seed: of all random numbers.
            rows: `[B]`, the numbers of the drawings among all: what is sampled
                for a drawing depends on its number only.

        Returns:
            `[P, B]`, in nats.
        """
        counts = -(-num_particles // 2), num_particles // 2
        images = tf.constant(images)
        parts = []
        for sample, count, first in (
            (self._amortised, counts[0], 0),
            (self._sample, counts[1], counts[0]),
        ):
            for number in range(first, first + count):
                row_seeds = seeds.of_rows(rows.max() + 1, seed, number)[rows]
                parts.append(sample(images, gaussians, tf.constant(row_seeds)))
        log_joint, of_network, of_gaussian = map(
            tf.stack, zip(*parts, strict=True)
        )
        return importance.mixture_log_weights(
            log_joint, tf.stack([of_network, of_gaussian]), counts
        ).numpy()

    def _fitted(
        self, images: tf.Tensor, first: Gaussians, numbers: tf.Tensor
    ) -> Gaussians:
        num_steps = tf.shape(numbers)[0] - 1

        def elbo(at: Gaussians, number: tf.Tensor) -> tf.Tensor:
            gaussians = at._replace(presence=first.presence)
            index = tf.cast(number, tf.int32) - 1
            strokes = gaussians.from_noise(numbers[index])
            log_joint, _ = self._score(images, strokes)
            return log_joint - gaussians.log_prob(strokes)

        rates = Gaussians(
            0.0, _LAYOUT_RATE, _BENDS_RATE, _LOG_STD_RATE, _LOG_STD_RATE
        )
        found = ascent.ascend(elbo, first, rates, num_steps, last_share=0.0)
        return found.last._replace(presence=first.presence)

    def _fitted_particle(
        self, images: tf.Tensor, gaussians: Gaussians, row_seeds: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Log p(x, z), log q of the network and of the Gaussian, `[B]` each."""
        numbers = noise.normal(
            row_seeds, tf.shape(images)[0], [1, gaussians.noise_size]
        )
        strokes = gaussians.from_noise(numbers[0])
        return *self._score(images, strokes), gaussians.log_prob(strokes)

    def _amortised_particle(
        self, images: tf.Tensor, gaussians: Gaussians, row_seeds: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The same of a sample of the network."""
        found = self._model.run("parse", images=images, seeds=row_seeds)
        strokes = Strokes(*(found[name] for name in Strokes._fields))
        return *_densities(found), gaussians.log_prob(strokes)

    def _score(
        self, images: tf.Tensor, strokes: Strokes
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Log p(x, z) and log q(z | x) of the network, `[B]` each."""
        return _densities(
            self._model.run("score", images=images, **strokes._asdict())
        )


def _densities(outputs: dict[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
    log_joint = outputs["log_prior"] + outputs["log_likelihood"]
    return log_joint, outputs["log_posterior"]


def _around(strokes: Strokes) -> Gaussians:
    """Gaussians with strokes as means and small standard deviations."""
    bends = _bends(strokes)
    log_std = math.log(_FIRST_STD)
    return Gaussians(
        strokes.presence,
        strokes.layout,
        bends,
        tf.fill(tf.shape(strokes.layout), log_std),
        tf.fill(tf.shape(bends), log_std),
    )


def _bends(strokes: Strokes) -> tf.Tensor:
    """`[B, T, K, 2]`, control points on the canvas along even directions."""
    points = canvas.place(strokes.layout, strokes.control_points)
    return _along(np.linalg.inv(_directions(points)), points)


def _directions(points: tf.Tensor) -> np.ndarray:
    return bernstein.even_directions(points.shape[-2])


def _along(matrix: np.ndarray, points: tf.Tensor) -> tf.Tensor:
    """Combines the control points of each stroke."""
    return tf.linalg.matmul(tf.constant(matrix, points.dtype), points)


def _log_normal(x: tf.Tensor, mean: tf.Tensor, log_std: tf.Tensor) -> tf.Tensor:
    """The log density of each number."""
    energy = 0.5 * tf.square((x - mean) * tf.exp(-log_std))
    return -energy - log_std - 0.5 * math.log(2.0 * math.pi)
