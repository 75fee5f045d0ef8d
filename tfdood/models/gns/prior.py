"""The type prior of GNS: the density of the strokes of a character.

    log P(type) = sum_t log p(goes on | canvas_t)
                + sum_t log p(start_t | canvas_t, end_{t-1})
                + sum_t log p(offsets_t, end | start_t, canvas_t)
                + log p(stops | canvas)

`canvas_t` has the strokes before stroke `t`. The density is one of all control
points in pixels: the start of a curve is `0.8 P_0 + 0.2 P_1`, so that start and
offsets have the same volume as control points. Source: GNS, Sec. 3, App. A.2.
"""

from typing import NamedTuple

import keras
import tensorflow as tf

from tfdood.models.gns import (
    location,
    rows,
    stroke,
    stroke_scores,
    termination,
)
from tfdood.nn import batch_norm, training_pass
from tfdood.types import SplineStrokes


class TypeLogProbs(NamedTuple):
    """The parts of log P(type) of drawings, in nats; 0 for padding.

    Attributes:
        starts: `[B, T]`, of the start of each stroke.
        offsets: `[B, T]`, of the offsets of each stroke.
        ends: `[B, T]`, of its decisions to end, or not.
        stops: `[B, T + 1]`, of the decisions whether the drawing is finished.
    """

    starts: tf.Tensor
    offsets: tf.Tensor
    ends: tf.Tensor
    stops: tf.Tensor

    @property
    def total(self) -> tf.Tensor:
        """The sum, `[B]`."""
        return tf.add_n([tf.reduce_sum(part, -1) for part in self])


class TypePrior(keras.layers.Layer):
    """The three networks of the prior.

    Args:
        num_mixtures: the number of components of each mixture.
    """

    def __init__(self, num_mixtures: int) -> None:
        super().__init__()
        self.location = location.LocationModel(num_mixtures)
        self.stroke = stroke.StrokeModel(num_mixtures)
        self.termination = termination.TerminationModel()
        self.built = True

    @property
    def norms(self) -> list[batch_norm.BatchNorm]:
        """All layers with running moments."""
        return [*self.location.network.norms, *self.termination.network.norms]

    def log_probs(
        self,
        drawings: SplineStrokes,
        run: training_pass.TrainingPass | None = None,
    ) -> TypeLogProbs:
        """Computes the log density of drawings.

        Args:
            drawings: leading dimension `[B]`; `N` is known when the graph is
                built.
            run: the training step, if there is one.

        Returns:
            The parts of the density.
        """
        found = rows.of(drawings)
        strokes, stops = found.strokes, found.stops
        outputs = self.location(strokes.canvas, strokes.previous_end, run=run)
        starts = location.starts(outputs).log_prob(strokes.start)
        scores = stroke_scores.scores(
            *(self.stroke, strokes.canvas, strokes.start, strokes.offsets),
            *(strokes.number, run),
        )
        logits = self.termination(stops.canvas, run=run)
        stopped = tf.math.log_sigmoid(tf.where(stops.is_last, logits, -logits))
        return TypeLogProbs(
            *(
                found.by_stroke(values)
                for values in (starts, scores.offsets, scores.ends)
            ),
            found.by_stop(stopped),
        )
