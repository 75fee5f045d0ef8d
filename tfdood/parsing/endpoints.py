"""What parsers ask of a model: its signatures, for many rows."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
import tqdm

from tfdood.parsing.base import Parses
from tfdood.types import Pen, Strokes

_ROWS_A_CALL = 256


class Endpoints(Protocol):
    """A model that is called by the names of its signatures.

    A loaded SavedModel and a wrapper around a live model can both be one.
    """

    def run(self, signature: str, **inputs: Any) -> dict[str, tf.Tensor]:
        """Calls a signature.

        Args:
            signature: its name, such as `parse`.
            **inputs: arrays or tensors by name, each of `B` rows.

        Returns:
            The outputs by name, each of `B` rows.
        """
        ...


def run_all(
    endpoints: Endpoints,
    signature: str,
    *,
    rows_a_call: int = _ROWS_A_CALL,
    outputs: tuple[str, ...] | None = None,
    shows_progress: bool = True,
    **inputs: np.ndarray,
) -> dict[str, np.ndarray]:
    """Calls a signature for many rows, in chunks.

    Args:
        endpoints: the model.
        signature: its name.
        rows_a_call: the number of rows in a chunk; a smaller number needs less
            memory.
        outputs: the names of the outputs to return; by default all.
        shows_progress: whether there is a progress bar if there is more than
            one chunk.
        **inputs: arrays by name, each of `N` rows, at least one.

    Returns:
        The outputs by name, each of `N` rows.
    """
    num_rows = len(next(iter(inputs.values())))
    chunks = []
    for start in tqdm.trange(
        0,
        num_rows,
        rows_a_call,
        desc=signature,
        unit="chunk",
        disable=not shows_progress or num_rows <= rows_a_call,
    ):
        rows = slice(start, start + rows_a_call)
        found = endpoints.run(
            signature, **{name: x[rows] for name, x in inputs.items()}
        )
        names = outputs or found.keys()
        chunks.append({name: np.asarray(found[name]) for name in names})
    return {
        name: np.concatenate([chunk[name] for chunk in chunks])
        for name in chunks[0]
    }


def explained(outputs: Mapping[str, np.ndarray], stroke_frame: str) -> Parses:
    """Reads the outputs of `parse`, `parse_center` and `refine`.

    Args:
        outputs: by name.
        stroke_frame: see `Parses`.

    Returns:
        `Parses` with the leading dimension of the outputs.

    Raises:
        ValueError: If the model's strokes are codes and not curves.
    """
    if "control_points" not in outputs:
        raise ValueError(
            "This model has no output control_points: its strokes are codes "
            "that a network draws. Choose a model whose strokes are curves."
        )
    strokes, pen = (
        kind(*(np.asarray(outputs[name]) for name in kind._fields))
        for kind in (Strokes, Pen)
    )
    densities = (
        np.asarray(outputs[name]) for name in ("log_prior", "log_likelihood")
    )
    return Parses(strokes, pen, *densities, stroke_frame)


def rendered(endpoints: Endpoints, parses: Parses) -> np.ndarray:
    """Draws parses.

    Args:
        endpoints: a model with the signature `render`.
        parses: leading dimensions `...`.

    Returns:
        `[..., H, W, 1]`, the canvases.
    """
    shape = parses.log_prior.shape
    flat = parses.reshaped(parses.log_prior.size)
    inputs = {**flat.strokes._asdict(), **flat.pen._asdict()}
    found = run_all(endpoints, "render", outputs=("canvas",), **inputs)
    return found["canvas"].reshape(*shape, *found["canvas"].shape[1:])


def evaluated(
    endpoints: Endpoints,
    images: np.ndarray,
    strokes: Strokes,
    pen: Pen,
    stroke_frame: str,
) -> Parses:
    """Computes the densities of given strokes.

    Args:
        endpoints: a model with the signature `refine`.
        images: `[N, S, S, 1]` in [0, 1].
        strokes: leading dimension `[N]`.
        pen: leading dimension `[N]`.
        stroke_frame: see `Parses`.

    Returns:
        `Parses` with leading dimension `[N]`.
    """
    outputs = refined(
        endpoints, images, strokes, pen, num_steps=0, rate=0.0, pen_rate=0.0
    )
    return explained(outputs, stroke_frame)


def refined(
    endpoints: Endpoints,
    images: np.ndarray,
    strokes: Strokes,
    pen: Pen,
    *,
    num_steps: int,
    rate: float,
    pen_rate: float,
) -> dict[str, np.ndarray]:
    """Calls the signature `refine` for many rows.

    Args:
        endpoints: the model.
        images: `[N, S, S, 1]` in [0, 1].
        strokes: leading dimension `[N]`.
        pen: leading dimension `[N]`.
        num_steps: of ascent; with 0 steps, the densities of the start result.
        rate: of layouts and control points.
        pen_rate: of the pen.

    Returns:
        The outputs by name, each of `N` rows.
    """
    count = len(images)
    return run_all(
        endpoints,
        "refine",
        images=images,
        **strokes._asdict(),
        **pen._asdict(),
        num_steps=np.full([count], num_steps, np.int32),
        learning_rate=np.full([count], rate, np.float32),
        pen_rate=np.full([count], pen_rate, np.float32),
    )
