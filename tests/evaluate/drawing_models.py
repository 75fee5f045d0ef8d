"""A model of strokes that is not exported, and a parser without a search."""

import dataclasses
import functools
from typing import Any

import numpy as np
import tensorflow as tf

from tests import tiny_models
from tfdood.data import strokes as strokes_lib
from tfdood.drawing import tracing
from tfdood.models.gns import token as token_lib
from tfdood.parsing import endpoints, splines
from tfdood.saved import signatures
from tfdood.types import SplineStrokes

SIZE = 105
_MOST = 12  # Control points of a stroke.


class DrawingModel:
    """GNS with random weights, called like an exported model.

    Args:
        learned_from: the dataset that its training is said to have had.
        num_control_points: of a stroke at most.
    """

    name, fingerprint, image_size = "drawing", "0123456789abcdef", SIZE
    num_channels = 1

    def __init__(
        self,
        learned_from: str = "omniglot_strokes",
        num_control_points: int = _MOST,
    ) -> None:
        small = (
            f"model.image_size={SIZE}",
            f"model.num_control_points={num_control_points}",
            "model.num_strokes=4",
        )
        self.config = tiny_models.config(
            "gns", *small, f"training.dataset={learned_from}"
        )
        self._signatures = tiny_models.build("gns", *small).signatures(1)
        self.signature_names = sorted(self._signatures)
        # Traced once for any number of rows, as an export is.
        self._traced = functools.cache(
            lambda name: signatures._traced(self._signatures[name])
        )

    def run(self, signature: str, **inputs: Any) -> dict[str, tf.Tensor]:
        """Answers as `ExportedModel.run`."""
        function = self._traced(signature)
        return function(
            *(
                tf.convert_to_tensor(inputs[spec.name], spec.dtype)
                for spec in function.structured_input_signature[0]
            )
        )

    def run_all(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        """Answers as `ExportedModel.run_all`."""
        return endpoints.run_all(self, signature, **inputs)


@dataclasses.dataclass(frozen=True)
class TracingParser:
    """Gives each image two parses: traced lines, and the same without one.

    The first one is the better one by 8 nats.
    """

    moves_types: bool = False

    def parse(
        self, images: np.ndarray, seed: tuple[int, int]
    ) -> splines.SplineParses:
        """Answers as `Parser.parse`."""
        del seed
        lines = [tracing.trace(image[..., 0]).lines for image in images]
        fitted = strokes_lib.fit([own[:4] for own in lines])
        points = np.zeros([len(images), 2, 4, _MOST, 2], np.float32)
        numbers = np.zeros(points.shape[:3], np.int32)
        for row, strokes in enumerate(fitted):
            for parse in range(2):
                for place, stroke in enumerate(strokes[: len(strokes) - parse]):
                    own = stroke[:_MOST]
                    points[row, parse, place, : len(own)] = own
                    numbers[row, parse, place] = len(own)
        strokes = SplineStrokes(points, numbers)
        shape = points.shape[:2]
        return splines.SplineParses(
            strokes,
            strokes,
            token_lib.Token(
                np.zeros_like(points[..., 0, :]),
                np.zeros_like(points),
                np.tile(np.float32([1.0, 1.0, 0.0, 0.0]), [*shape, 1]),
            ),
            std=np.full(shape, 1.0, np.float32),
            noise=np.full(shape, 0.02, np.float32),
            log_prior=np.zeros(shape),
            log_likelihood=np.tile([0.0, -8.0], [len(images), 1]),
            canvas=np.repeat(images[:, np.newaxis], 2, 1),
        )
