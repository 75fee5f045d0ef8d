"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""

import os
import typing

if typing.TYPE_CHECKING:  # TensorFlow takes seconds to import.
    from tfdood import models
    from tfdood.vectors.drawing import VectorDrawing


def draw(
    picture: typing.Any,
    model: str | os.PathLike | None = None,
    parser: str | None = None,
    margin: float | None = None,
) -> "VectorDrawing":
    """Draws a picture as strokes.

    Args:
        picture: a path, a `PIL.Image`, or an array or tensor `[H, W]` or
            `[H, W, C]` of any size, of bool, of floats from 0 to 1, or of
            integers from 0 to 255.
        model: the folder of an exported model, the folder of a run, or
            `pretrained:NAME`. It stays loaded for further calls of this
            process, which do not see newer weights at the same path.
        parser: what finds the strokes: tracing without a model (`traced`, the
            default if no model is given), the recognition network of the model
            (`amortised`), gradient ascent from there (`refined`, the default
            with a model), the best of both (`best_of`), or a search with a
            model of how people draw (`searched`, the default with such a
            model).
        margin: of paper around the ink, a fraction of the longer side of the
            ink, from 0 to 1; by default as in the drawings that the model
            learned from.

    Returns:
        The strokes in pixels of the picture, none if the picture has no ink,
        with `svg()`, `ndjson()`, `inkml()`, `json()` and `polylines()`.

    Raises:
        ValueError: If the picture cannot be decoded, is no picture, the margin
            is out of its range, or the parser or the model does not exist.
        OSError: If a file cannot be read.
    """
    from tfdood.sketching import draw as drawing

    return drawing.draw(picture, model, parser, margin)


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
