"""Parses of drawings by an exported model."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tfdood.drawing import canvas
from tfdood.saved import exported
from tfdood.types import Pen, Strokes

_WHOLE_CANVAS = (0.0, 0.0, 1.0, 0.0)
_ROWS_A_CALL = 256


class Parses(NamedTuple):
    """Parses of drawings.

    Attributes:
        strokes: `Strokes` with leading dimensions `...`; control points are
            on the canvas, layouts are the whole canvas.
        pen: `Pen` with the same leading dimensions.
        log_prior: `[...]`, log p(strokes) in nats.
        log_likelihood: `[...]`, log p(image | strokes) in nats.
    """

    strokes: Strokes
    pen: Pen
    log_prior: np.ndarray
    log_likelihood: np.ndarray

    @property
    def log_joint(self) -> np.ndarray:
        """`[...]`, log p(image, strokes) in nats."""
        return self.log_prior + self.log_likelihood

    def rows(self, index) -> "Parses":
        """Those at an index of the leading dimensions."""
        return tf.nest.map_structure(lambda x: x[index], self)


def best(
    model: exported.ExportedModel,
    images: np.ndarray,
    num_parses: int,
    num_tries: int,
    seeds: tuple[int, int],
) -> Parses:
    """Posterior samples, each the most probable of several.

    Args:
        model: with the signature `parse`.
        images: `[N, S, S, 1]`.
        num_parses: `K`.
        num_tries: samples of which the one with the largest log p(image,
            strokes) is taken.
        seeds: `seed` and `stream` of `exported.seeds`.

    Returns:
        `Parses` with leading dimensions `[N, K]`.

    Raises:
        ValueError: If the model's strokes are not curves.
    """
    config = model.config.model
    if not config.has_curves:
        raise ValueError(
            f"The strokes of {model.path} are codes that a network draws; "
            "this task needs curves: evaluate a model with them."
        )
    count = num_parses * num_tries
    result = model.run_all(
        "parse",
        rows_a_call=_ROWS_A_CALL,
        images=images.repeat(count, 0),
        seeds=exported.seeds(len(images) * count, *seeds),
    )
    log_joint = result["log_prior"] + result["log_likelihood"]
    log_joint = log_joint.reshape(-1, num_tries)  # [N K, tries]
    best = log_joint.argmax(1) + num_tries * np.arange(len(log_joint))
    shape = (len(images), num_parses)
    best = {
        name: value[best].reshape(*shape, *value.shape[1:])
        for name, value in result.items()
    }
    points = canvas.place(best["layout"], best["control_points"])
    layout = np.broadcast_to(np.float32(_WHOLE_CANVAS), best["layout"].shape)
    pen = Pen(*(best[name] for name in Pen._fields))
    if config.stroke_frame == "glimpse":
        pen = pen._replace(
            blur=canvas.place_blur(best["layout"], pen.blur).numpy()
        )
    return Parses(
        Strokes(best["presence"], layout, points.numpy()),
        pen,
        best["log_prior"],
        best["log_likelihood"],
    )
