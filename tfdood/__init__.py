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
            `[H, W, C]` of any size; 2 and 4 channels end with an alpha channel.
            The values are bool, floats from 0 to 1, uint16, or other integers
            from 0 to 255.
        model: the folder of an exported model, the folder of a run, or
            `pretrained:NAME`. By default, `traced` uses no model, `searched`
            uses `pretrained:gns`, and other parsers use `pretrained:all`, which
            draws up to 12 curves. The model stays loaded for further calls of
            this process, which do not see newer weights at the same path.
        parser: the method that finds the strokes. `traced`, the default without
            a model, traces lines. `amortised` runs the recognition network of
            the model. `refined`, the default with a model, improves the strokes
            of the network by gradient ascent. `best_of` improves the traced
            strokes and those of the network, and keeps the better ones.
            `searched`, the default with a model that learned from the strokes
            of people, searches for the strokes that this model expects.
        margin: the width of the paper around the ink, as a fraction of the
            longer side of the ink, from 0 to 1. The default is 0.1 for
            `traced`, and else the margin of the drawings that the model learned
            from.

    Returns:
        The strokes in pixels of the picture, none if the picture has no ink.
        The methods `svg()`, `ndjson()`, `inkml()`, `json()` and `polylines()`
        convert them.

    Raises:
        ValueError: If the picture cannot be decoded or has another shape or
            other values, if the margin is out of its range, if the parser or
            the model does not exist, if they do not fit together, or if the
            model does not draw curves.
        OSError: If a file cannot be read, or if the folder holds no model.
    """
    from tfdood.sketching import draw as drawing

    return drawing.draw(picture, model, parser, margin)


def load_pretrained(model: str | os.PathLike) -> "models.Model":
    """Loads a trained model.

    Args:
        model: the name of a model that comes with the package, such as
            `"mnist"` or `"pretrained:mnist"`, or the folder of a run. The
            weights of a run are those of its best evaluation if the run keeps
            them, and else those of its newest intact checkpoint. A name goes
            before a folder of this name.

    Returns:
        The Keras model with its trained weights, a `tfdood.models.Model`.

    Raises:
        ValueError: If there is no such model (the message lists the names), or
            if its files are damaged.
        FileNotFoundError: If the folder has weights but no configuration.
    """
    from tfdood.saved import pretrained

    return pretrained.load(model)
