"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""

import os
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


def load_pretrained(model: str | os.PathLike) -> "models.Model":
    """Loads a trained model.

    Args:
        model: the dataset it was trained on, such as `"mnist"` or
            `"pretrained:mnist"`, for a model that comes with the package; or
            the folder of a run, of which the best evaluation is loaded if
            the run keeps it, and else the newest intact checkpoint.

    Returns:
        The Keras model with its trained weights, a `tfdood.models.Model`.

    Raises:
        ValueError: If there is no such model, with a list of those there are;
            or if its files are damaged.
    """
    from tfdood.saved import pretrained

    return pretrained.load(model)
