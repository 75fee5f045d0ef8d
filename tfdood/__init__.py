"""Drawings as strokes: Drawing out of Distribution in TensorFlow."""


def load_pretrained(name: str):
    """A trained model that comes with the package.

    Args:
        name: of the dataset it was trained on, such as `"mnist"`.

    Returns:
        A `tfdood.models.DrawingModel`.

    Raises:
        ValueError: If there is no such model; the error lists those there are.
    """
    from tfdood.saved import pretrained  # TensorFlow takes seconds to import.

    return pretrained.load(name)
