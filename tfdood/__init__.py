"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""

import typing

if typing.TYPE_CHECKING:  # TensorFlow takes seconds to import.
    from tfdood import models


def load_pretrained(name: str) -> "models.Model":
    """Loads a trained model that comes with the package.

    Args:
        name: of the dataset it was trained on, such as `"mnist"`.

    Returns:
        The model with its trained weights.

    Raises:
        ValueError: If there is no such model; the error lists those there are.
    """
    from tfdood.saved import pretrained

    return pretrained.load(name)
