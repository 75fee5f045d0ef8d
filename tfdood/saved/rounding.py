"""Rounds weights to half precision."""

from collections.abc import Iterable

import numpy as np

_LARGEST = float(np.finfo(np.float16).max)


def halves(weights: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Rounds floats to half precision.

    Args:
        weights: arrays of any shapes.

    Returns:
        The same arrays, floats as float16 and others as they are.

    Raises:
        ValueError: If a float is not finite, or too large for half precision.
    """
    with np.errstate(over="ignore"):  # The check below finds overflows.
        rounded = [
            array.astype(np.float16) if array.dtype.kind == "f" else array
            for array in weights
        ]
    if not all(np.isfinite(array).all() for array in rounded):
        raise ValueError(
            "A weight is not finite in half precision; expected all weights "
            f"within +-{_LARGEST:,.0f}. Train the model with other settings."
        )
    return rounded
