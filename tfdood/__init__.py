"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""

import typing

if typing.TYPE_CHECKING:  # TensorFlow takes seconds to import.
    from tfdood import models
    from tfdood.vectors.drawing import VectorDrawing


def draw(picture: typing.Any, **options: typing.Any) -> "VectorDrawing":
    """Draws a picture as strokes, see `tfdood.sketching.draw.draw`.

    Args:
        picture: a path, or an array of any size.
        **options: `model`, `parser` and `margin`.

    Returns:
        The strokes in pixels of the picture, with `svg()`, `ndjson()`,
        `inkml()`, `json()` and `polylines()`.

    Raises:
        ValueError: If the picture cannot be decoded, is no picture, or the
            parser or the model does not exist.
        OSError: If a file cannot be read.
    """
    from tfdood.sketching import draw as drawing

    return drawing.draw(picture, **options)


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
