"""Parses whose strokes are B-splines, in pixels."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tfdood.models.gns import token as token_lib
from tfdood.parsing import weighted
from tfdood.types import SplineStrokes


@dataclasses.dataclass(frozen=True)
class SplineParses(weighted.Weighted):
    """Explanations of images by strokes that are B-splines.

    A parser gives `K` explanations of each of `N` images: `...` is `[N, K]`.

    Attributes:
        strokes: `SplineStrokes` with leading dimensions `...`, as they are
            drawn in the image.
        types: the same strokes without motor noise.
        token: how the strokes differ from the types.
        std: `[...]`, of the blur of the pen, in pixels.
        noise: `[...]` in [0, 0.5], the probability that a pixel flips.
        log_prior: `[...]`, log p(strokes) in nats.
        log_likelihood: `[...]`, log p(image | strokes) in nats.
        canvas: `[..., H, W, 1]` in [0, 1], the probability of ink.
    """

    strokes: SplineStrokes
    types: SplineStrokes
    token: token_lib.Token
    std: np.ndarray
    noise: np.ndarray
    log_prior: np.ndarray
    log_likelihood: np.ndarray
    canvas: np.ndarray

    @property
    def num_strokes(self) -> np.ndarray:
        """`[...]`, the number of strokes."""
        return (np.asarray(self.strokes.num_control_points) > 0).sum(-1)

    def rows(self, index: Any) -> "SplineParses":
        """Some of the parses.

        Args:
            index: of the leading dimensions, as NumPy takes it.

        Returns:
            The parses at that index.
        """
        arrays = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
        }
        chosen = tf.nest.map_structure(lambda x: x[index], arrays)
        return dataclasses.replace(self, **chosen)

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name, such as `strokes.control_points`, for a file."""
        found = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                parts = value._asdict().items()
                found |= {f"{field.name}.{name}": x for name, x in parts}
            else:
                found[field.name] = value
        return found

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "SplineParses":
        """Reads what `arrays` gave.

        Args:
            arrays: by name.
        """

        def read(kind: type, name: str) -> Any:
            return kind(*(arrays[f"{name}.{field}"] for field in kind._fields))

        return cls(
            strokes=read(SplineStrokes, "strokes"),
            types=read(SplineStrokes, "types"),
            token=read(token_lib.Token, "token"),
            **{name: x for name, x in arrays.items() if "." not in name},
        )
